"""Bundles made to a wish: from the Graph of Needs, one offer for each node, that fit together.

Fit is a necessary check (the Time-Chain decides): each customization within the limits of the product and of who does
it, everything within reach of the customer, the leads one after the other before the deadline, the sum in the budget.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.dialogue.words import listed
from shared.discovery.bundles import MADE, Bundle, Part
from shared.discovery.intent import Intent, Item, Node
from shared.discovery.products import Customization, Product
from shared.discovery.ranking import EVERYWHERE
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.wish import Found, Offer, Wish
from shared.discovery.wishes import item_of, wish_for_item

CANDIDATES = 8
"""How many offers are looked at for each node."""
BEAM = 40
"""How many half-made bundles are kept on the way; the best few products of each node are among them."""
BUNDLES_MAX = 3
TRANSPORT_MINUTES = 60
"""What a courier needs at the least, beside his own lead, to bring parts together and to the door."""
_DELIVERED = frozenset({"courier", "cold"})


@dataclass(frozen=True)
class _Choice:
    """One offer for one node, with what is to be done to it."""

    node: Node
    offer: Offer
    quantity: int = 1
    options: tuple[tuple[str, str], ...] = ()
    extra_minor: int = 0
    extra_minutes: int = 0

    @property
    def product(self) -> Product:
        """What is offered."""
        assert self.offer.product is not None
        return self.offer.product

    @property
    def minor(self) -> int:
        """What it costs, all pieces and the seller's own work included."""
        return self.product.price.minor * self.quantity + self.extra_minor

    @property
    def minutes(self) -> int:
        """Until it is ready, by itself."""
        return self.product.lead_minutes + self.extra_minutes


@dataclass(frozen=True)
class _Draft:
    """A bundle in the making: the choices so far, in the order of the graph."""

    choices: tuple[_Choice, ...] = ()

    @property
    def minor(self) -> int:
        """What it costs so far."""
        return sum(choice.minor for choice in self.choices)

    @property
    def score(self) -> float:
        """How well the chosen products rank, on average."""
        main = [choice.offer.ranked.score for choice in self.choices if choice.node.kind == "product"]
        return sum(main) / max(len(main), 1)

    @property
    def minutes(self) -> int:
        """Until all is done: the products side by side, then each further step after the one before."""
        ready = max((choice.minutes for choice in self.choices if choice.node.kind == "product"), default=0)
        later = sum(choice.minutes for choice in self.choices if choice.node.kind != "product")
        moved = TRANSPORT_MINUTES if any(choice.node.kind == "delivery" for choice in self.choices) else 0
        return ready + later + moved

    def with_(self, choice: _Choice) -> _Draft:
        """The draft with one more choice."""
        return _Draft((*self.choices, choice))


class Composer:
    """Makes bundles for an intent, from what the scout finds."""

    def __init__(self, scout: Scout, taxonomy: Taxonomy) -> None:
        self._scout = scout
        self._taxonomy = taxonomy

    async def compose(self, intent: Intent, base: Wish, now: datetime) -> list[tuple[Bundle, Found]]:
        """Up to BUNDLES_MAX bundles, best first, no two with the same main product; none where a node finds nothing."""
        drafts = [_Draft()]
        seen: list[Found] = []
        for node in _in_order(intent):
            if not any(_needs(node, draft, self._taxonomy) for draft in drafts):
                continue
            choices, found = await self._choices(node, intent, base, drafts, now)
            seen += found
            drafts = self._extend(drafts, node, choices, base, now)
            if not drafts:
                return []
        whole = [draft for draft in drafts if len(draft.choices) > 1]
        merged = _merged(seen)
        return [(self._bundle(draft, intent, now), merged) for draft in _different(whole)]

    async def _choices(
        self, node: Node, intent: Intent, base: Wish, drafts: Sequence[_Draft], now: datetime
    ) -> tuple[list[_Choice], list[Found]]:
        """What could stand for a node."""
        if node.kind == "product":
            item = item_of(node, intent)
            wish = replace(wish_for_item(item, base, intent.entities, self._taxonomy), limit=CANDIDATES)
            found = await self._scout.search(wish, now)
            if found.relaxed:
                return [], [found]
            choices = [choice for offer in found.offers if (choice := _product_choice(node, offer, item))]
            named = self._taxonomy.descendants.get(item.category or "", frozenset())
            return [choice for choice in choices if choice.product.category in named] or choices, [found]
        found = await self._scout.search(self._service_wish(node, base, drafts), now)
        offers = () if found.relaxed else found.offers
        pieces = sum(item.quantity for item in intent.entities.items if "customization" in item.attributes)
        count = max(pieces, 1) if node.kind == "customization" else 1
        return [_Choice(node, offer, count) for offer in offers if offer.product is not None], [found]

    def _service_wish(self, node: Node, base: Wish, drafts: Sequence[_Draft]) -> Wish:
        """The wish for a service on the way; what it is to be done to belongs to its words."""
        tags = {node.what.replace(" ", "-")} & self._taxonomy.capabilities.keys()
        if node.kind == "delivery":
            tags = {"cold-chain"} if any(self._is_cold(draft) for draft in drafts) else {"delivery"}
        family = {
            name for name, category in self._taxonomy.categories.items()
            if category.node == node.kind and (not tags or tags & set(self._taxonomy.capabilities_of(name)))
        }  # fmt: skip
        chosen = {choice.product.category for draft in drafts for choice in draft.choices}
        onto = chosen & self._taxonomy.categories.keys()
        names = sorted(self._taxonomy.categories[name].names[0] for name in onto)
        return Wish(
            text=f"{node.what} {' '.join(names)}" if node.kind == "customization" else node.what,
            near=base.near,
            deliver_by=base.deliver_by,
            price_max=base.price_max,
            capabilities=frozenset(tags),
            categories=frozenset(family),
            kinds=frozenset({"service", "product"}),
            limit=CANDIDATES,
        )

    def _extend(
        self, drafts: Sequence[_Draft], node: Node, choices: Sequence[_Choice], base: Wish, now: datetime
    ) -> list[_Draft]:
        """Every draft with every choice that fits it; one that nobody asked for may be left out."""
        extended = []
        for draft in drafts:
            if not _needs(node, draft, self._taxonomy):
                extended.append(draft)
                continue
            fitting = [draft.with_(choice) for choice in choices if _does(choice, draft)]
            kept = [one for one in fitting if _holds(one, base, now)]
            if node.kind == "customization":
                kept = sorted(kept, key=lambda one: -one.choices[-1].offer.ranked.score)[:1]
            elif node.kind != "product":
                kept = sorted(kept, key=lambda one: (one.minor, one.minutes))[:1]
            extended += kept or ([draft] if node.inferred and node.kind == "packaging" else [])
        return sorted(extended, key=lambda one: (-one.score, one.minor))[:BEAM]

    def _is_cold(self, draft: _Draft) -> bool:
        return any(self._delivery(choice.product) == "cold" for choice in draft.choices)

    def _delivery(self, product: Product) -> str:
        category = self._taxonomy.categories.get(product.category)
        return category.delivery if category else "courier"

    def _bundle(self, draft: _Draft, intent: Intent, now: datetime) -> Bundle:
        """The draft as a bundle, whose id comes from its parts: the same parts are the same bundle."""
        numbers = {choice.node.id: number for number, choice in enumerate(draft.choices)}
        parts = tuple(
            Part(
                product=choice.product.id,
                quantity=choice.quantity,
                role=choice.node.kind,
                after=tuple(sorted(_before(choice.node.id, numbers, intent))),
                options=dict(choice.options),
                extra_minor=choice.extra_minor,
            )
            for choice in draft.choices
        )
        digest = hashlib.sha256("".join(part.model_dump_json() for part in parts).encode()).hexdigest()[:24]
        main = draft.choices[0].product
        return Bundle(
            id=f"{MADE}{digest}",
            title=_title(draft)[:200],
            description=_description(draft, intent),
            category=main.category,
            parts=parts,
            region=EVERYWHERE,
            images=main.images[:1],
            status="published",
            updated_at=now,
        )


def _in_order(intent: Intent) -> Iterator[Node]:
    """The nodes so that each comes after those it depends on; in the order given where that is free."""
    nodes = {node.id: node for node in intent.needs.nodes}
    waiting = {name: {edge.from_ for edge in intent.needs.edges if edge.to == name} for name in nodes}
    while waiting:
        free = next((name for name, before in waiting.items() if not before & waiting.keys()), next(iter(waiting)))
        del waiting[free]
        yield nodes[free]


def _before(name: str, numbers: Mapping[str, int], intent: Intent) -> set[int]:
    """The parts that must be done first; where a node has no part, those before it."""
    found: set[int] = set()
    for edge in intent.needs.edges:
        if edge.to == name:
            found |= {numbers[edge.from_]} if edge.from_ in numbers else _before(edge.from_, numbers, intent)
    return found


def _needs(node: Node, draft: _Draft, taxonomy: Taxonomy) -> bool:
    """Whether a draft needs the node: no courier to where the guest goes, no embroiderer where the shop sews."""
    products = [choice for choice in draft.choices if choice.node.kind == "product"]
    if node.kind == "customization":
        wanted = {value for choice in products for name, value in choice.options if name == "customization"}
        undone = any(choice.extra_minutes == 0 for choice in products if choice.options)
        return not products or (bool(wanted) and undone)
    if node.kind in {"delivery", "packaging", "assembly"} and products:
        kinds = {taxonomy.categories[one.product.category].delivery for one in products if _known(one, taxonomy)}
        return bool(kinds & _DELIVERED) or not kinds
    return True


def _known(choice: _Choice, taxonomy: Taxonomy) -> bool:
    return choice.product.category in taxonomy.categories


def _does(choice: _Choice, draft: _Draft) -> bool:
    """Whether a service can do what the products of a draft ask for, within its limits."""
    if choice.node.kind != "customization":
        return True
    wanted = [dict(one.options) for one in draft.choices if one.options]
    able = {one.tag: one for one in (choice.offer.partner.capabilities if choice.offer.partner else ())}
    tags = {*choice.product.tags, *able}
    for options in wanted:
        tag, text = options.get("customization", ""), options.get("text", "")
        if tag and tag not in tags:
            return False
        if tag in able and able[tag].characters_max and len(text) > able[tag].characters_max:
            return False
    return True


def _holds(draft: _Draft, base: Wish, now: datetime) -> bool:
    """Whether it is within the budget and can be done before the deadline."""
    if base.price_max is not None and draft.minor > base.price_max.minor:
        return False
    return base.deliver_by is None or now + timedelta(minutes=draft.minutes) <= base.deliver_by


def _product_choice(node: Node, offer: Offer, item: Item) -> _Choice | None:
    """A product with its customization, if it takes it; the seller's own work is reckoned in."""
    if offer.product is None:
        return None
    options: dict[str, str] = {name: values[0] for name, values in item.attributes.items() if values}
    tags = item.attributes.get("customization", ())
    takes = _takes(offer.product.customizations, tags, item.text or "")
    if tags and takes is None:
        return None
    if item.text:
        options["text"] = item.text
    own = takes if takes is not None and takes.is_by_partner else None
    return _Choice(
        node,
        offer,
        quantity=item.quantity,
        options=tuple(options.items()) if tags else (),
        extra_minor=own.minor_per_unit * item.quantity if own else 0,
        extra_minutes=max(own.lead_minutes, 1) if own else 0,
    )


def _takes(customizations: Iterable[Customization], tags: Sequence[str], text: str) -> Customization | None:
    """How a product takes one of these customizations for a text, the seller's own work first."""
    fitting = [
        one for one in customizations if one.tag in tags and (not one.characters_max or len(text) <= one.characters_max)
    ]
    return min(fitting, key=lambda one: (not one.is_by_partner, one.minor_per_unit), default=None)


def _different(drafts: Sequence[_Draft]) -> list[_Draft]:
    """The best drafts, each with a main product that none before it has."""
    chosen: list[_Draft] = []
    seen: set[str] = set()
    for draft in drafts:
        main = draft.choices[0].product.id
        if main not in seen and len(chosen) < BUNDLES_MAX:
            chosen.append(draft)
            seen.add(main)
    return chosen


def _title(draft: _Draft) -> str:
    main = [choice for choice in draft.choices if choice.node.kind == "product"] or draft.choices[:1]
    names = [choice.product.title for choice in main]
    done = {value for choice in draft.choices for name, value in choice.options if name == "customization"}
    extra = [f"with {listed(sorted(tag.replace('-', ' ') for tag in done))}"] if done else []
    return " ".join([listed(names), *extra])


def _description(draft: _Draft, intent: Intent) -> str:
    occasion = f" for the {intent.entities.occasion}" if intent.entities.occasion else ""
    steps = [choice.product.title for choice in draft.choices if choice.node.kind != "product"]
    return f"Put together for you{occasion}" + (f": {listed(steps)} included." if steps else ".")


def _merged(found: Sequence[Found]) -> Found:
    notes = tuple(dict.fromkeys(note for one in found for note in one.notes))
    return Found((), None, sum(one.matched for one in found), (), notes)
