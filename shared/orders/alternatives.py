"""What would work instead of an order that comes too late: each with its price, planned through before it is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.dialogue.words import listed, time_words
from shared.discovery.partners import Partner
from shared.discovery.products import Product
from shared.discovery.wish import Wish
from shared.logistics.timechain.alternatives import Alternative, alternatives
from shared.logistics.timechain.choices import Choice
from shared.logistics.timechain.minutes import NEVER
from shared.money.amounts import Money
from shared.orders.arranging import made
from shared.orders.choosing import Arrangement, Choosing
from shared.orders.chosen import Asked, Chosen, NotForSale, own_work
from shared.orders.customizers import check_limits
from shared.orders.planning import notice_of
from shared.orders.quote import Quote, Quoter, open_things, quoted
from shared.orders.shape import Shape

VENDORS_TRIED = 4
"""Others who sell the same kind of thing, that are looked at for each."""
THINGS_TRIED = 3
"""For so many things others are looked for: those that decide when all is there."""
PRICE_BAND_PERCENT = 20
"""What is dearer or cheaper by more is not the same thing."""
SAID_MAX = 3
Kind = Literal["later", "courier", "vendor", "hub", "split"]


@dataclass(frozen=True)
class Swap:
    """A thing from another vendor; line: the number of what it replaces, the first being 0."""

    line: int
    product: Product
    partner: Partner


@dataclass(frozen=True)
class Instead:
    """Something that works. total: of all of it; more: than what was asked for; arrives: the last of it.

    deliver_by: the deadline it is asked for with. courier, hub: names, where another does it. swaps: things of others.
    later: the numbers of the lines that come after the rest.
    """

    kind: Kind
    words: str
    total: Money
    more: Money
    arrives: datetime
    deliver_by: datetime
    courier: str | None = None
    hub: str | None = None
    swaps: tuple[Swap, ...] = ()
    later: tuple[int, ...] = ()


async def instead_of(quoter: Quoter, quote: Quote) -> tuple[Instead, ...]:
    """What would work in place of a quote that does not hold, the least dear first; empty for one that does."""
    if quote.plan.is_feasible:
        return ()
    found = [await _later(quoter, quote)]
    if quote.shape.has_courier and quote.bundle is None:
        found += await _another_courier(quoter, quote)
    if quote.choice is not None and quote.bundle is None:
        found += await _chosen_anew(quoter, quote, quote.choice)
    kept: dict[tuple[object, ...], Instead] = {}
    for one in sorted(found, key=lambda one: (one.more.minor, one.arrives)):
        kept.setdefault((one.kind, *(swap.product.id for swap in one.swaps)), one)
    return tuple(kept.values())


def refusal_words(quote: Quote, others: Sequence[Instead]) -> str:
    """Why an order cannot be there in time, and what would work, for a person."""
    late = f"It would be there {_moment(quote.arrives, quote)}, {quote.plan.misses_by} minutes late: {quote.plan.why}."
    works = [one.words for one in others[:SAID_MAX]]
    return f"{late} What would work: {'; '.join(works)}." if works else late


async def _later(quoter: Quoter, quote: Quote) -> Instead:
    """The same with the deadline that it needs, as cheap as it can be then."""
    then = await _in_time(quoter, replace(quote.asked, by=quote.arrives)) or quote
    words = f"the same for {_moment(quote.arrives, quote)}, {then.total} in all"
    return Instead("later", words, then.total, then.total - quote.total, then.arrives, quote.arrives)


async def _another_courier(quoter: Quoter, quote: Quote) -> list[Instead]:
    """The same things without the courier that was chosen for them."""
    asked = quote.asked
    kept = [one for one in asked.goods if one.part.role != "delivery"]
    if len(kept) + 1 != len(asked.goods) or any(one.part.after for one in kept):
        return []
    other = await _in_time(quoter, replace(asked, goods=tuple(kept)))
    if other is None:
        return []
    name = _party(other, "delivery")
    return [replace(_instead("courier", f"another courier ({name})", quote, [other]), courier=name)]


async def _chosen_anew(quoter: Quoter, quote: Quote, choice: Choice) -> list[Instead]:
    """Other vendors, other hubs and couriers, or two deliveries, by the exact selection."""
    vendors = await _others(quoter, quote)
    asked = quote.asked
    things = open_things(asked, quote.shape, quote.market, vendors)
    choosing = next(one for one in quoter.choosings(asked, quote.market, things) if one.knows(choice))
    works = []
    for found in alternatives(choosing.order, choice):
        one = await _split(quoter, quote, found) if found.kind == "split" else _one_of(quote, choosing, found)
        works += [one] if one else []
    return works


def _one_of(quote: Quote, choosing: Choosing, found: Alternative) -> Instead | None:
    """An alternative in one delivery, if the whole Time-Chain bears it out."""
    chosen = choosing.arranged(found.choices[0])
    shape = replace(quote.shape, goods=chosen.goods)
    whole = made(replace(quote.asked, goods=chosen.goods), shape, chosen, quote.market.bids)
    if found.kind == "later" or not whole.plan.is_feasible:
        return None
    return _named(quote, quoted(quote.asked, shape, quote.market, whole, None), chosen)


def _named(quote: Quote, other: Quote, chosen: Arrangement) -> Instead:
    """What has changed, by its kind."""
    pairs = zip(quote.asked.goods, chosen.goods, strict=True)
    swaps = tuple(
        Swap(n, new.product, new.partner) for n, (old, new) in enumerate(pairs) if old.product.id != new.product.id
    )
    if swaps:
        names = listed([f"{one.product.title} by {one.partner.name}" for one in swaps])
        return replace(_instead("vendor", names, quote, [other]), swaps=swaps)
    hub, courier = (_party(other, role) for role in ("assembly", "delivery"))
    if hub != _party(quote, "assembly"):
        words = f"put together at {hub}" if hub else "without a hub"
        return replace(_instead("hub", words, quote, [other]), hub=hub)
    return replace(_instead("courier", f"another courier ({courier})", quote, [other]), courier=courier)


async def _split(quoter: Quoter, quote: Quote, found: Alternative) -> Instead | None:
    """What is ready comes in time, the rest when the whole order would have come."""
    asked = quote.asked
    late = {int(pick.item) for pick in found.choices[1].picks}
    parts = [
        replace(asked, goods=tuple(one for n, one in enumerate(asked.goods) if n not in late)),
        replace(asked, goods=tuple(one for n, one in enumerate(asked.goods) if n in late), by=quote.arrives),
    ]
    if any(one.part.after for one in asked.goods):
        return None  # what hangs together is not torn apart
    quotes = [one for part in parts if (one := await _in_time(quoter, part)) is not None]
    if len(quotes) < len(parts):
        return None
    names = listed([asked.goods[n].product.title for n in sorted(late)])
    words = f"two deliveries, {names} {_moment(quotes[1].arrives, quote)}"
    return replace(_instead("split", words, quote, quotes), later=tuple(sorted(late)))


async def _in_time(quoter: Quoter, asked: Asked) -> Quote | None:
    """The quote, if it can be had and holds."""
    try:
        quote = await quoter.ask(asked)
    except NotForSale:
        return None
    return quote if quote.plan.is_feasible else None


def _instead(kind: Kind, words: str, quote: Quote, others: Sequence[Quote]) -> Instead:
    total = Money(minor=sum(one.total.minor for one in others), currency=quote.total.currency)
    more = total - quote.total
    price = f"{more} more" if more.minor > 0 else f"{-more} less" if more.minor < 0 else "for the same price"
    arrives = max(one.arrives for one in others)
    return Instead(kind, f"{words}, {price}", total, more, arrives, quote.asked.by)


async def _others(quoter: Quoter, quote: Quote) -> dict[int, list[tuple[Chosen, int]]]:
    """Who else sells the things that decide when all is there, and from which minute it is there."""
    path = set(quote.plan.critical_path)
    things = [
        number
        for number in quote.market.ready
        if quote.asked.goods[number].part.role == "product" and _legs_of(quote, number) & path
    ]
    found = {}
    for number in things[:THINGS_TRIED]:
        one = quote.asked.goods[number]
        others = [_swapped(one, *offer) for offer in await _same_kind(quoter, one, quote.asked)]
        found[number] = [(other, _ready(other, quote)) for other in others if other is not None]
    return {number: [pair for pair in pairs if pair[1] < NEVER] for number, pairs in found.items()}


def _legs_of(quote: Quote, number: int) -> set[str]:
    """The legs of a chain that a thing's own times hang on."""
    product = quote.asked.goods[number].product.id
    mine = {leg.id for leg in quote.legs if any(line.product == product for line in leg.lines)}
    mine |= {leg.id for leg in quote.legs if leg.role == "customization" and mine & set(leg.after)}
    return mine | {notice_of(name) for name in mine}


async def _same_kind(quoter: Quoter, one: Chosen, asked: Asked) -> list[tuple[Product, Partner]]:
    price = one.product.price
    band = price.minor * PRICE_BAND_PERCENT // 100
    wish = Wish(
        text=one.product.title,
        near=asked.to.point,
        price_min=price.model_copy(update={"minor": price.minor - band}),
        price_max=price.model_copy(update={"minor": price.minor + band}),
        deliver_by=asked.by,
        categories=frozenset({one.product.category}),
        kinds=frozenset({one.product.kind}),
        without_partners=frozenset({one.partner.id}),
        quantity=one.part.quantity,
        limit=VENDORS_TRIED,
    )
    found = await quoter.scout.search(wish, asked.now)
    pairs = [(offer.product, offer.partner) for offer in found.offers if not found.relaxed]
    return [(product, partner) for product, partner in pairs if product is not None and partner is not None]


def _swapped(one: Chosen, product: Product, partner: Partner) -> Chosen | None:
    """The same wish for another's product; None where that does not take it, or it would be done by another."""
    wanted = one.part.options.get("customization")
    old, new = own_work(one.product, wanted), own_work(product, wanted)
    if (old is None) != (new is None):
        return None
    extra = new.minor_per_unit * one.part.quantity if new else 0
    part = one.part.model_copy(update={"product": product.id, "extra_minor": extra})
    other = Chosen(product, partner, part)
    try:
        check_limits(other, "lines")
    except NotForSale:
        return None
    return other


def _ready(one: Chosen, quote: Quote) -> int:
    """The minute at which a thing would be there; NEVER if at no time."""
    asked = replace(quote.asked, goods=(one,), bundle=None)
    alone = made(asked, Shape(asked.goods, quote.shape.taxonomy), Arrangement(asked.goods, {}))
    return NEVER if alone.plan.finish is None else alone.plan.finish


def _party(quote: Quote, role: str) -> str | None:
    return next((leg.partner_name for leg in quote.legs if leg.role == role), None)


def _moment(at: datetime, quote: Quote) -> str:
    """A moment by the clock of where it is made."""
    hours = quote.legs[0].timing.hours
    zone = ZoneInfo(hours.time_zone) if hours else quote.asked.by.tzinfo
    return time_words(at.astimezone(zone), quote.asked.now)
