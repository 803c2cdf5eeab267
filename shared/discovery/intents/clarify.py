"""The one question that is asked next, where something needed is missing, contradictory, past or unsure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.discovery.intent import SURE, Clarification, Entities, IntentKind

_TIMES = {
    "past": "That time has already passed. When should it be there instead?",
    "impossible": "I could not find that date in the calendar. Which day do you mean?",
    "contradictory": "Those times do not fit together. What is the earliest, and what is the latest it may arrive?",
}
_KIND = "I am not quite sure what you need. Are you looking for something, or is this about an order you have placed?"


def question(
    kind: IntentKind, entities: Entities, confidences: Mapping[str, float], problem: str | None, *, has_condition: bool
) -> Clarification | None:
    """The most urgent question, or None if all is clear."""
    if kind in {"track", "support"}:
        return None
    if confidences.get("kind", 1.0) < SURE:
        return Clarification(question=_KIND, field="kind")
    if kind == "other":
        return None
    if problem in _TIMES:
        return Clarification(question=_TIMES[problem], field="deliver_by")
    budget = entities.budget
    if budget and budget.min and budget.max and budget.min.currency == budget.max.currency and budget.min > budget.max:
        text = f"At least {budget.min} and at most {budget.max} do not go together. What is the most you would spend?"
        return Clarification(question=text, field="budget")
    if kind in {"immediate", "standing"} and not _is_enough(entities, has_condition=has_condition):
        return _missing(entities)
    for name in ("deliver_by", "recurrence", "budget", "items[0]"):
        if confidences.get(name, 1.0) < SURE:
            return _unsure(name, entities)
    return None


def _is_enough(entities: Entities, *, has_condition: bool) -> bool:
    """A real thing, or a gift of which something more is known."""
    if any(item.category != "gift" for item in entities.items):
        return True
    said = (entities.occasion, entities.recipient, entities.budget, entities.style, entities.exclude)
    if entities.items:
        return any(said) or any(item.attributes or item.name != "gift" for item in entities.items)
    return has_condition


def _missing(entities: Entities) -> Clarification:
    if entities.items:
        return Clarification(question="Gladly. Who is the gift for, and what is the occasion?", field="recipient")
    if entities.occasion:
        return Clarification(question=f"What would you like for the {entities.occasion}?", field="items")
    if entities.recipient:
        return Clarification(question=f"What would you like to get for {entities.recipient}?", field="items")
    return Clarification(question="What are you looking for?", field="items")


def _unsure(name: str, entities: Entities) -> Clarification:
    if name == "deliver_by":
        when = f"{entities.deliver_by:%A, %B} {entities.deliver_by.day}" if entities.deliver_by else None
        text = f"Do you mean {when}?" if when else "When exactly do you need it?"
        return Clarification(question=text, field="deliver_by")
    if name == "recurrence":
        return Clarification(question="On which days should it come?", field="recurrence")
    if name == "budget":
        return Clarification(question="How much would you like to spend at most?", field="budget")
    return Clarification(question=f"Is it {entities.items[0].name} you are looking for?", field="items")
