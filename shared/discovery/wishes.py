"""From an intent to what the scout is asked: one wish for each part of the Graph of Needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.discovery.intent import Entities, Intent, Item, Node
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.wish import Wish
from shared.logistics.geo import Point

ANY_GIFT = "gift"
"""The category of those who leave the choice to us."""
_HELD = ("colour",)
_KEPT = ("diet",)
_WELCOME = ("size", "material", "brand")


def wish_of(intent: Intent, near: Point | None, taxonomy: Taxonomy, now: datetime) -> Wish:
    """What the whole sentence asks for, without an item: deadline, budget, place, exclusions, occasion, style."""
    wanted = intent.entities
    budget = wanted.budget
    point = wanted.location.point if wanted.location and wanted.location.point else near
    deadline = wanted.deliver_by if wanted.deliver_by and wanted.deliver_by > now else None
    return Wish(
        near=point,
        price_min=budget.min if budget and budget.min and not budget.around else None,
        price_max=budget.max if budget else None,
        deliver_by=deadline,
        exclude=wanted.exclude,
        prefer=frozenset(_welcome(wanted, taxonomy)),
        party=wanted.party_size,
    )


def wish_for_item(item: Item, base: Wish, wanted: Entities, taxonomy: Taxonomy) -> Wish:
    """The wish for one item: its words and attributes; the category's whole family is looked through."""
    said = [value for name in ("colour", *_WELCOME, "diet") for value in item.attributes.get(name, ())]
    text = " ".join([*said, item.name, *wanted.style, wanted.occasion or "", _for_whom(wanted)]).strip()
    family = taxonomy.ancestors.get(item.category or "", ())[-1:]
    is_open = not family or family[0] == ANY_GIFT
    return replace(
        base,
        text=text,
        categories=frozenset() if is_open else frozenset(family),
        kinds=frozenset({"product", "blank"}) if is_open else frozenset(),
        capabilities=frozenset(item.attributes.get("customization", ())),
        values=frozenset(
            f"{name}:{taxonomy.value_of(name, value)}" for name in _HELD for value in item.attributes.get(name, ())
        ),
        must=frozenset(f"{name}:{value}" for name in _KEPT for value in item.attributes.get(name, ())),
        prefer=base.prefer | {f"{name}:{value}" for name in _WELCOME for value in item.attributes.get(name, ())},
        quantity=item.quantity,
        party=base.party if _takes_a_party(item, taxonomy) else None,
    )


def wish_for_all(base: Wish, wanted: Entities) -> Wish:
    """The wish for curated bundles: all that was said, in one text."""
    names = [" ".join((*item.attributes.get("customization", ()), item.name)) for item in wanted.items]
    text = " ".join([*names, *wanted.style, wanted.occasion or "", _for_whom(wanted)]).strip()
    return replace(base, text=text, kinds=frozenset({"bundle"}))


def item_of(node: Node, intent: Intent) -> Item:
    """The item that a node of the graph stands for; one nobody named has nothing but its name."""
    for item in intent.entities.items:
        if item.name == node.what:
            return item
    return Item(name=node.what, quantity=node.quantity, category=node.category)


def _takes_a_party(item: Item, taxonomy: Taxonomy) -> bool:
    """Whether how many people come matters to it: a tour, a table, a ride; not to flowers."""
    category = taxonomy.categories.get(item.category or "")
    return category is not None and category.delivery in {"guest", "site"}


def _welcome(wanted: Entities, taxonomy: Taxonomy) -> list[str]:
    found = [f"style:{taxonomy.value_of('style', style)}" for style in wanted.style]
    if wanted.occasion:
        found.append(f"occasion:{wanted.occasion.replace(' ', '-')}")
    if wanted.recipient:
        found += [
            f"recipient:{person}"
            for person, words in taxonomy.recipients.items()
            if any(f"{wanted.recipient} ".startswith(f"{word} ") for word in (*words, person))
        ]
    return found


def _for_whom(wanted: Entities) -> str:
    return f"for {wanted.recipient}" if wanted.recipient else ""
