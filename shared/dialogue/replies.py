"""What the chat says: short, warm, concrete; and why, in plain words. It knows no partner that is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.dialogue.words import each_words, listed, money_words, time_words
from shared.discovery.intent import Entities, Intent, Item
from shared.discovery.views import BundleView, ProductView
from shared.discovery.wish import Found
from shared.discovery.wishes import ANY_GIFT

WATCHING = "We'll watch for the perfect moment!"
Suggestion = tuple[str, str]
"""A label for a button, and the words it says."""


def found_summary(
    intent: Intent, offers: Sequence[ProductView | BundleView], found: Sequence[Found], now: datetime
) -> str:
    """What was found, in one or two sentences to be spoken; offers: in the order shown."""
    relaxed = [one.words for result in found for one in result.relaxed]
    if not offers:
        return " ".join([f"I couldn't find {wanted_words(intent.entities, now)}.", *relaxed]).strip()
    if relaxed:
        return " ".join([*dict.fromkeys(relaxed), best_words(offers[0])])
    bundles = sum(isinstance(offer, BundleView) for offer in offers)
    counts = [(bundles, "bundle"), (len(offers) - bundles, "offer")]
    counted = listed([f"{count} {what}{'s' if count > 1 else ''}" for count, what in counts if count])
    return f"I found {counted} for {wanted_words(intent.entities, now)}. {best_words(offers[0])}"


def best_words(best: ProductView | BundleView) -> str:
    """One sentence on the first offer."""
    price = money_words(best.price.minor, best.price.currency)
    if isinstance(best, BundleView):
        return f"First comes “{best.title}” at {price}, everything included."
    each = f" {each_words(best.unit)}" if best.unit not in {"item", "set"} else ""
    distance = f", {best.distance_km:g} km away" if best.distance_km is not None else ""
    return f"First comes “{best.title}” from {best.partner.name} at {price}{each}{distance}."


def wanted_words(wanted: Entities, now: datetime) -> str:
    """What is wanted, as one would repeat it: `pink flowers for mom by Saturday, under $80, no lilies`."""
    parts = [listed([item_words(item) for item in wanted.items]) or "something that fits"]
    if wanted.recipient:
        parts.append(f"for your {wanted.recipient}" if " " not in wanted.recipient else f"for {wanted.recipient}")
    if wanted.occasion:
        parts.append(f"for the {wanted.occasion}")
    if wanted.party_size:
        parts.append(f"for {wanted.party_size} {'people' if wanted.party_size > 1 else 'person'}")
    if wanted.deliver_by:
        parts.append(f"by {time_words(wanted.deliver_by, now)}")
    words = " ".join(parts)
    budget = wanted.budget
    if budget and budget.around:
        words += f", around {money_words(budget.around.minor, budget.around.currency)}"
    elif budget and budget.max:
        words += f", up to {money_words(budget.max.minor, budget.max.currency)}"
    elif budget and budget.min:
        words += f", from {money_words(budget.min.minor, budget.min.currency)}"
    return words + (f", no {listed(wanted.exclude, 'or')}" if wanted.exclude else "")


def item_words(item: Item) -> str:
    """`two dozen pink roses`, as `24 pink roses`."""
    kept = [values for name, values in item.attributes.items() if name not in {"customization", "brand"}]
    said = [value for values in kept for value in values]
    done = [value.replace("-", " ") for value in item.attributes.get("customization", ())]
    count = [str(item.quantity)] if item.quantity > 1 else ["a"] if item.category == ANY_GIFT and not said else []
    return " ".join([*count, *said, item.name, *([f"with {listed(done)}"] if done else [])])


def reasoning(
    intent: Intent, found: Sequence[Found], bundles: Sequence[BundleView], changed: Sequence[str], now: datetime
) -> list[str]:
    """Why the answer is as it is, step by step."""
    steps = [f"I understood: {wanted_words(intent.entities, now)}."]
    if changed:
        steps.append(f"From your last message I took: {listed(changed)}.")
    inferred = [node.what for node in intent.needs.nodes if node.inferred]
    if inferred:
        steps.append(f"You didn't mention it, but this usually needs {listed(inferred)}.")
    matched = sum(result.matched for result in found)
    steps.append(f"{matched} offer{'s' if matched != 1 else ''} passed your conditions; I put the best fits first.")
    if any(bundle.is_made_to_wish for bundle in bundles):
        steps.append("I put bundles together whose parts fit each other in time, place and budget.")
    steps += dict.fromkeys(one.words for result in found for one in result.relaxed)
    steps += dict.fromkeys(note for result in found for note in result.notes)
    return steps


def suggestions(intent: Intent, offers: Sequence[ProductView | BundleView], *, has_more: bool) -> list[Suggestion]:
    """What could be said next."""
    said: list[Suggestion] = []
    if offers:
        said += [("Choose the first", "the first one"), ("Cheaper", "cheaper")]
    if has_more:
        said.append(("Show more", "more"))
    if intent.entities.deliver_by is None and offers:
        said.append(("By tomorrow", "by tomorrow"))
    return said
