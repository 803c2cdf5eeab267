"""What a customer wants changed in an order, as far as a sentence says: which leg, and what it is to become."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from shared.discovery.wishes import ANY_GIFT
from shared.orders.legs import is_live
from shared.orders.order import Order, OrderLeg
from shared.wire import Plain

if TYPE_CHECKING:
    from shared.discovery.intent import Intent, Item
    from shared.discovery.taxonomy import Taxonomy

ChangeKind = Literal["replace", "add", "remove"]
_WORD = re.compile(r"[a-z0-9]+")
_NO_NAMES = frozenset({"order", "it", "that", "this", "the", "one", "my", "of", "and", "with", "a"})
_ADDING = re.compile(r"\b(add|also|as well|too|plus|another)\b", re.IGNORECASE)


class Wanted(Plain):
    """A change: leg None where something is added. words: what it is to become; values: attributes it must have."""

    kind: ChangeKind
    leg: str | None
    words: str = ""
    values: tuple[str, ...] = ()
    category: str | None = None
    quantity: int = 1
    exclude: tuple[str, ...] = ()


class Unclear(Plain):
    """Not enough to go by; question: the one thing to ask; about: what its answer says; legs: which may be meant."""

    question: str
    about: Literal["leg", "thing", "number"]
    legs: tuple[str, ...]


def wanted_of(
    order: Order, intent: Intent, text: str, taxonomy: Taxonomy, *, leg_id: str | None = None
) -> Wanted | Unclear:
    """The change that a sentence asks of an order, or what has to be asked first; leg_id: where the leg is named."""
    items, target = intent.entities.items, intent.entities.target or ""
    if items and _ADDING.search(text):
        return _wanted("add", None, items[0], intent, taxonomy)
    named = [leg for leg in order.legs if leg.id == leg_id and is_live(leg)]
    if leg_id and not named:
        legs = tuple(leg.id for leg in _changeable(order))
        return Unclear(question=f"The order has no {leg_id}: which one do you mean?", about="leg", legs=legs)
    leg = named[0] if named else _leg_meant(order, items, target, intent.entities.exclude, taxonomy)
    if isinstance(leg, Unclear):
        return leg
    if items and not _is_open(items[0]):
        return _replaced(leg, _of_kind(leg, items[0]), intent, taxonomy)
    if re.search(r"\b(cancel|remove|drop|without|don't want|no longer)\b", text, re.IGNORECASE):
        return Wanted(kind="remove", leg=leg.id)
    return Unclear(question=f"What would you like instead of {shown_title(leg)}?", about="thing", legs=(leg.id,))


def kind_words(leg: OrderLeg) -> str:
    """What kind of thing a leg is about: `roses`."""
    kinds = [line.category.replace("-", " ") for line in leg.lines if line.category]
    return " and ".join(kinds) or leg.role.replace("_", " ")


def shown_title(leg: OrderLeg) -> str:
    """What a leg is about, as far as the customer may know: of a hidden one no more than its kind."""
    return leg.title if leg.shows_partner else f"the {kind_words(leg)}"


def leg_named(order: Order, legs: Iterable[str], text: str) -> str | None:
    """The one of some legs whose name a text says more of than of the others'; None where it says of none."""
    names = _singular(_words([text]) - _NO_NAMES)
    found = [leg for leg in order.legs if leg.id in set(legs)]
    shared = {leg.id: len(_singular(_words([shown_title(leg)])) & names) for leg in found}
    best = [leg for leg, count in shared.items() if count and count == max(shared.values())]
    return best[0] if len(best) == 1 else None


def as_ordered(order: Order, leg_id: str, intent: Intent, taxonomy: Taxonomy) -> Wanted | None:
    """What was asked for, as many as were ordered: they were asked, and want that."""
    leg = order.leg(leg_id)
    if leg is None or not is_live(leg) or not intent.entities.items:
        return None
    return _as_many(leg, _of_kind(leg, intent.entities.items[0]), intent, taxonomy)


def _is_open(item: Item) -> bool:
    """`Something else`: it could be anything."""
    return item.category == ANY_GIFT and not item.attributes


def _of_kind(leg: OrderLeg, item: Item) -> Item:
    """`Something in pink` instead of roses is pink roses."""
    category = leg.lines[0].category if leg.lines else None
    if item.category != ANY_GIFT or category is None:
        return item
    return item.model_copy(update={"name": category.replace("-", " "), "category": category})


def _replaced(leg: OrderLeg, item: Item, intent: Intent, taxonomy: Taxonomy) -> Wanted | Unclear:
    """As many as were ordered: prices and places are held for those."""
    wanted = _as_many(leg, item, intent, taxonomy)
    if item.quantity in {1, wanted.quantity}:
        return wanted
    question = f"You have ordered {wanted.quantity} of it, and that stays: shall I ask for {wanted.words}?"
    return Unclear(question=question, about="number", legs=(leg.id,))


def _as_many(leg: OrderLeg, item: Item, intent: Intent, taxonomy: Taxonomy) -> Wanted:
    ordered = leg.lines[0].quantity if leg.lines else 1
    return _wanted("replace", leg.id, item, intent, taxonomy).model_copy(update={"quantity": ordered})


def _wanted(kind: ChangeKind, leg: str | None, item: Item, intent: Intent, taxonomy: Taxonomy) -> Wanted:
    said = [value for values in item.attributes.values() for value in values]
    values = [
        f"{name}:{taxonomy.value_of(name, value)}"
        for name, found in item.attributes.items()
        if name != "customization"
        for value in found
    ]
    return Wanted(
        kind=kind,
        leg=leg,
        words=" ".join([*said, item.name]),
        values=tuple(values),
        category=item.category,
        quantity=item.quantity,
        exclude=intent.entities.exclude,
    )


def _leg_meant(
    order: Order, items: Iterable[Item], target: str, exclude: Iterable[str], taxonomy: Taxonomy
) -> OrderLeg | Unclear:
    """The leg that most of the words speak of; asked for where two are as good, or none is."""
    legs = _changeable(order)
    names = _words([target, *(item.name for item in items), *exclude]) - _NO_NAMES
    families = {_family(item.category, taxonomy) for item in items} - {None}
    scores = {leg.id: _score(leg, names, families, taxonomy) for leg in legs}
    best = max(scores.values(), default=0)
    meant = [leg for leg in legs if scores[leg.id] == best]
    if best == 0:
        meant = [leg for leg in legs if leg.role == "product"]
    if len(meant) == 1:
        return meant[0]
    asked = meant or legs
    titles = " or ".join(map(shown_title, asked))
    return Unclear(question=f"Which one do you mean: {titles}?", about="leg", legs=tuple(leg.id for leg in asked))


def _changeable(order: Order) -> list[OrderLeg]:
    return [leg for leg in order.legs if is_live(leg) and leg.lines]


def _score(leg: OrderLeg, names: set[str], families: set[str | None], taxonomy: Taxonomy) -> int:
    said = _words([leg.title, *(line.title for line in leg.lines)])
    shared = len(_singular(said) & _singular(names))
    kin = any(_family(line.category, taxonomy) in families for line in leg.lines)
    return 2 * shared + 3 * kin


def _family(category: str | None, taxonomy: Taxonomy) -> str | None:
    """The broadest kind that a category belongs to."""
    if not category:
        return None
    return (taxonomy.ancestors.get(category) or (category,))[-1]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.lower())}


def _singular(words: set[str]) -> set[str]:
    return {word.removesuffix("s") for word in words}
