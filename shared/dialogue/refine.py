"""The next sentence of a conversation: does it refine what was wanted, choose from what was shown, or begin anew?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from shared.dialogue.ordinals import place_named
from shared.dialogue.thread import Shown
from shared.discovery.intent import Budget, Entities, Intent, Item
from shared.discovery.intents.reading import plain
from shared.discovery.taxonomy import Taxonomy
from shared.money.amounts import Money

Action = Literal["new", "refine", "choose", "more", "other"]

_THAT_ONE = re.compile(r"\b(?:i'll take (?:it|that|this)|that one|this one|book it|order it|let's do (?:it|that))\b")
_MORE = re.compile(
    r"^(?:(?:can you |please )?(?:show|give|any|see) (?:me )?(?:some )?)?"
    r"(?:more|others?|something else|next|what else|other options|more options|anything else|different ones)"
    r"(?: options| please| results| ones)?[?.! ]*$"
)
_CHEAPER = re.compile(
    r"\b(?:cheaper|less expensive|less pricey|lower price|too (?:expensive|pricey|much)|more affordable)\b"
)
_DEARER = re.compile(
    r"\b(?:fancier|nicer|more expensive|higher end|more upscale|more luxurious|better quality|posher)\b"
)
_CLOSER = re.compile(r"\b(?:closer|nearer|not so far|closer by)\b")
_ADD = re.compile(r"^(?:and |also |plus |add |oh and |as well as )|\b(?:as well|too|also add)[.! ]*$")
_INSTEAD = re.compile(r"\b(?:instead|rather)\b|^(?:make it|make that|change (?:it|that) to|no,|actually)\b")
_PRONOUNS = frozenset({"one", "ones", "it", "that", "them", "those", "these", "something", "gift", "anything"})


@dataclass(frozen=True)
class Refined:
    """What the new sentence comes to. said: what was changed, in words; within_km: where it asks for nearer ones."""

    action: Action
    intent: Intent
    said: tuple[str, ...] = ()
    chosen: str | None = None
    within_km: float | None = None


def refine(
    before: Intent | None, shown: Sequence[Shown], text: str, fresh: Intent, taxonomy: Taxonomy, *, is_bare: bool
) -> Refined:
    """Bring a sentence together with what was wanted before.

    fresh: the sentence understood; is_bare: it named nothing, and was read as being about what was wanted.
    """
    if before is None:
        return Refined("new", fresh)
    words = plain(text).strip()
    chosen = _chosen(words, shown)
    if chosen is not None:
        return Refined("choose", before, chosen=chosen)
    if shown and _MORE.match(words):
        return Refined("more", before)
    if shown and any(pattern.search(words) for pattern in (_CHEAPER, _DEARER, _CLOSER)):
        fresh = fresh.model_copy(update={"entities": fresh.entities.model_copy(update={"items": ()})})
    if fresh.kind in {"track", "support", "standing"} or _is_new_topic(before, fresh, words, taxonomy):
        return Refined("new", fresh)
    changed, said = _changed(before.entities, fresh.entities, words, taxonomy)
    changed, priced = _priced(changed, words, shown)
    within = _within(words, shown)
    nearer = ("closer by",) if within is not None else ()
    if changed == before.entities and within is None:
        return Refined("other" if is_bare or fresh.kind == "other" else "new", fresh)
    return Refined("refine", _with_entities(before, changed, fresh), (*said, *priced, *nearer), within_km=within)


def _chosen(words: str, shown: Sequence[Shown]) -> str | None:
    if len(shown) == 1 and _THAT_ONE.search(words):
        return shown[0].id
    place = place_named(words, len(shown))
    return None if place is None else shown[place].id


def _is_new_topic(before: Intent, fresh: Intent, words: str, taxonomy: Taxonomy) -> bool:
    """Something else is named, and neither in addition to nor in place of what was wanted."""
    named = _named(fresh.entities.items)
    if not named or _ADD.search(words) or _INSTEAD.search(words):
        return False
    families = {_family(item, taxonomy) for item in before.entities.items}
    return not any(_family(item, taxonomy) in families for item in named)


def _named(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.name not in _PRONOUNS]


def _family(item: Item, taxonomy: Taxonomy) -> str:
    return (taxonomy.ancestors.get(item.category or "") or (item.name,))[-1]


def _changed(
    before: Entities, fresh: Entities, words: str, taxonomy: Taxonomy
) -> tuple[Entities, tuple[str, ...]]:
    """The entities with what the new sentence says of them."""
    news: dict[str, object] = {}
    said: list[str] = []
    for name in ("occasion", "recipient", "party_size", "location", "duration_minutes", "recurrence"):
        value = getattr(fresh, name)
        if value is not None and value != getattr(before, name):
            news[name] = value
            said.append(f"{name.replace('_', ' ')} {getattr(value, 'text', value)}")
    if fresh.deliver_by or fresh.earliest:
        news |= {"deliver_by": fresh.deliver_by, "earliest": fresh.earliest, "daypart": fresh.daypart}
        said.append("another time")
    if fresh.budget:
        news["budget"] = fresh.budget
        said.append("another budget")
    if fresh.style:
        news["style"] = tuple(dict.fromkeys((*before.style, *fresh.style)))
        said += fresh.style
    excluded = tuple(word for word in fresh.exclude if word not in before.exclude)
    if excluded:
        news["exclude"] = (*before.exclude, *excluded)
        said += [f"no {word}" for word in excluded]
    items = _items(before.items, fresh.items, words, taxonomy)
    if items != before.items:
        news["items"] = items
        said.append(" and ".join(item.name for item in items))
    return before.model_copy(update=news), tuple(said)


def _items(
    before: tuple[Item, ...], fresh: tuple[Item, ...], words: str, taxonomy: Taxonomy
) -> tuple[Item, ...]:
    named = _named(fresh)
    if named and _ADD.search(words):
        return (*before, *named)
    if named and _INSTEAD.search(words) and not _shares_family(before, named, taxonomy):
        return tuple(named)
    loose = {name: values for item in fresh for name, values in item.attributes.items()}
    text = next((item.text for item in fresh if item.text), None)
    if named:
        return tuple(_merged(old, named, taxonomy) for old in before)
    if not before or not (loose or text):
        return before
    first = before[0]
    news = {"attributes": {**first.attributes, **loose}, "text": text or first.text}
    return (first.model_copy(update=news), *before[1:])


def _shares_family(before: Sequence[Item], named: Sequence[Item], taxonomy: Taxonomy) -> bool:
    return bool({_family(item, taxonomy) for item in before} & {_family(item, taxonomy) for item in named})


def _merged(old: Item, named: Sequence[Item], taxonomy: Taxonomy) -> Item:
    """An item with what was said of its like: `pink roses` after `roses`."""
    for new in named:
        if _family(old, taxonomy) == _family(new, taxonomy):
            attributes = {**old.attributes, **new.attributes}
            quantity = new.quantity if new.quantity != 1 else old.quantity
            return new.model_copy(
                update={"attributes": attributes, "text": new.text or old.text, "quantity": quantity}
            )
    return old


def _priced(entities: Entities, words: str, shown: Sequence[Shown]) -> tuple[Entities, tuple[str, ...]]:
    """`cheaper` and `fancier`, measured by what was shown: below, or above, its middle."""
    if not shown or (entities.budget and not (_CHEAPER.search(words) or _DEARER.search(words))):
        return entities, ()
    middle = int(median(one.minor for one in shown))
    currency = shown[0].currency
    if _CHEAPER.search(words):
        budget = Budget(max=Money(minor=max(middle - 1, 1), currency=currency))
        return entities.model_copy(update={"budget": budget}), ("cheaper",)
    if _DEARER.search(words):
        ceiling = entities.budget.max if entities.budget else None
        lower = Money(minor=middle + 1, currency=currency)
        budget = Budget(min=lower, max=ceiling if ceiling and ceiling.minor > middle else None)
        return entities.model_copy(update={"budget": budget}), ("fancier",)
    return entities, ()


def _within(words: str, shown: Sequence[Shown]) -> float | None:
    distances = [one.distance_km for one in shown if one.distance_km is not None]
    return max(round(median(distances), 1), 0.5) if distances and _CLOSER.search(words) else None


def _with_entities(before: Intent, entities: Entities, fresh: Intent) -> Intent:
    """The intent before with these entities; its graph is drawn anew by whoever resolves."""
    news = {
        "entities": entities,
        "confidences": {**before.confidences, **fresh.confidences, "kind": before.confidences.get("kind", 1.0)},
        "clarification": None,
        "kind": "immediate" if before.kind == "other" else before.kind,
    }
    return before.model_copy(update=news)
