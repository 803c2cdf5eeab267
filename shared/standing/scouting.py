"""Scouting for a standing intent: what would be bought, how long it takes to arrive, and what its conditions are about.

What is asked for in words is searched for once and then stays the same product, so that its price and its stock can be
waited for. What is sold out counts as found where its stock is waited for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.dialogue.replies import item_words
from shared.dialogue.words import listed
from shared.discovery.bundles import Bundle
from shared.discovery.conditions import InventoryLeaf, PriceLeaf, leaves
from shared.discovery.intent import Entities, Intent, Item
from shared.discovery.products import Product
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.understanding import Understanding
from shared.discovery.wish import Offer, Wish
from shared.discovery.wishes import wish_for_all, wish_for_item, wish_of
from shared.money.amounts import Money
from shared.orders.alternatives import refusal_words
from shared.orders.chosen import Chosen, NotForSale
from shared.orders.picking import Pick, picked, picked_bundle
from shared.orders.quote import Quote, Quoter
from shared.standing.changes import next_rest
from shared.standing.contradictions import refused
from shared.standing.frame import DAY
from shared.standing.intent import LEAD_MINUTES_MAX, Purchase, StandingIntent, Wanted
from shared.standing.moment import deliver_by
from shared.standing.truth import evaluate, last_chance
from shared.standing.watching import bound, in_daypart

ITEMS_MAX, OFFERS_TRIED = 5, 6
STARTS_TRIED = 7
"""On so many mornings it is tried how long it takes, beside now: a shop that is closed now is not slow."""
MORNING_HOUR = 11
QUICK = timedelta(hours=4)
"""What arrives so soon need not be tried on other days."""
DAYS_TRIED = 4
LEAD_STEP = timedelta(minutes=30)
"""Times are rounded up to this, so that neighbours who wait for the same share one look."""
_WORD = re.compile(r"\w+")


class NothingFound(Exception):
    """There is nothing that could be waited for; the message says why, to the customer."""


class Goods(NamedTuple):
    """What would be bought, as it is now."""

    chosen: list[Chosen]
    bundle: Bundle | None


class Thing(NamedTuple):
    """One thing that is wished for; item: as it was read, None where nothing in particular was named."""

    wish: Wish
    name: str
    item: Item | None

    def is_meant_by(self, offer: Offer) -> bool:
        """Whether an offer is what was named, for nobody will look at it before it is chosen.

        What the trade has no word for has to stand in its name.
        """
        if self.item is None or self.item.category is not None:
            return True
        titles = [offer.bundle.title] if offer.bundle else [offer.product.title] if offer.product else []
        return any(_has_words(self.item.name, title) for title in titles)


class Scouting:
    """Finds what an intent is about; all parts are as of one moment."""

    def __init__(self, scout: Scout, taxonomy: Taxonomy, understanding: Understanding, quoter: Quoter) -> None:
        self._scout = scout
        self._taxonomy = taxonomy
        self._understanding = understanding
        self._quoter = quoter

    async def scouted(self, intent: StandingIntent, now: datetime) -> StandingIntent:
        """The intent with what would be bought, its lead, and its conditions bound to products.

        Raises NothingFound.
        """
        if not intent.purchase.is_found:
            intent, goods = await self._wished(intent, now)
        else:
            goods = await self._chosen(intent.purchase)
            intent = intent.model_copy(update={"purchase": _titled(intent.purchase, goods)})
        lead = await self._lead(intent, goods, now)
        products = await self._products(intent, goods)
        prices = {one.id: one.price for one in products.values()}
        named = {item: one.id for item, one in products.items()}
        found = bound(in_daypart(intent.conditions, intent.daypart), named, prices)
        after = intent.model_copy(update={"conditions": found, "lead_minutes": lead // timedelta(minutes=1)})
        never = refused(found, now, after.frame)
        if never:
            raise NothingFound(never[0].message)
        await self._check_days(after, goods, now)
        last = last_chance(found, now, after.frame)
        ends = after.frame.moment(last + DAY) if last else after.expires_at
        return after.model_copy(update={"expires_at": min(after.expires_at, max(ends, now))})

    async def goods(self, purchase: Purchase) -> Goods:
        """What would be bought, as it is now; raises NotForSale."""
        if purchase.bundle is not None:
            return Goods(*await picked_bundle(self._scout, purchase.bundle))
        picks = [Pick(one.product, one.quantity, one.options) for one in purchase.lines]
        return Goods(await picked(self._scout, picks), None)

    async def _chosen(self, purchase: Purchase) -> Goods:
        try:
            return await self.goods(purchase)
        except NotForSale as no:
            raise NothingFound(no.reason) from None

    async def _wished(self, intent: StandingIntent, now: datetime) -> tuple[StandingIntent, Goods]:
        """What fits a wish in words best, can be brought there, and is within the budget.

        Unless its price is waited for: then it may be dearer now.
        """
        wish = intent.purchase.wish or ""
        point = intent.deliver_to.point
        read = (await self._understanding.read(wish, now, intent.frame.zone, point)).entities
        items = read.items[:ITEMS_MAX]
        base = replace(wish_of(_plain(read), point, self._taxonomy, now), price_max=_most(intent), price_min=None)
        wishes = [wish_for_item(item, base, read, self._taxonomy) for item in items]
        wishes = wishes or [replace(wish_for_all(base, read), kinds=frozenset())]
        names = [item_words(item) for item in items] or [wish]
        things = [Thing(*one) for one in zip(wishes, names, items or [None], strict=True)]
        each = [await self._offers(intent, thing, now) for thing in things]
        goods = await self._best(intent, each, now)
        lines = tuple(
            Wanted(
                product=one.product.id,
                title=one.product.title,
                quantity=one.part.quantity,
                options=one.part.options,
            )
            for one in goods.chosen
        )
        purchase = intent.purchase.model_copy(update={"thing": listed(names)[:100], **_of(goods, lines)})
        return intent.model_copy(update={"purchase": purchase}), goods

    async def _offers(self, intent: StandingIntent, thing: Thing, now: datetime) -> list[Goods]:
        """What there is for one thing, best first; what comes only near does not count. Raises NothingFound."""
        is_stock = _waits_for_stock(intent)
        quantity = thing.wish.quantity
        asked = replace(thing.wish, limit=OFFERS_TRIED, quantity=0 if is_stock else quantity, deliver_by=None)
        found = await self._scout.search(asked, now)
        offers = [] if found.relaxed else [offer for offer in found.offers if thing.is_meant_by(offer)]
        if not offers:
            words = " ".join(one.words for one in found.relaxed)
            raise NothingFound(f"I couldn't find {thing.name}. {words}".strip())
        goods = []
        for offer in offers:
            if offer.bundle is not None:
                goods.append(await self._chosen(Purchase(bundle=offer.bundle.id)))
            elif offer.product is not None:
                line = Wanted(product=offer.product.id, quantity=quantity, options=_work(thing.item))
                goods.append(await self._chosen(Purchase(lines=(line,))))
        return sorted(goods, key=_is_there) if is_stock else goods

    async def _best(self, intent: StandingIntent, each: Sequence[Sequence[Goods]], now: datetime) -> Goods:
        """The best of each that can be had together; raises NothingFound."""
        why = "Nobody brings it there."
        ways = each[0] if len(each) == 1 else [_together(each)]
        for goods in ways:
            try:
                quote = await self._quote(intent, goods, now)
            except NotForSale as no:
                why = no.reason
                continue
            most = _most(intent)
            if most is None or (most.currency == quote.total.currency and quote.total <= most):
                return goods
            why = f"With its delivery it would cost {quote.total}, more than {most}."
        raise NothingFound(why)

    async def _check_days(self, intent: StandingIntent, goods: Goods, now: datetime) -> None:
        """Whether it could be had on one of the next days that the calendar alone decides; raises NothingFound."""
        waits, why = intent, ""
        for _ in range(DAYS_TRIED):
            verdict = evaluate(waits.conditions, {}, now, waits.frame)
            start = now if verdict.holds else verdict.next
            if start is None and why:
                raise NothingFound(why)
            if start is None:
                return  # what else is waited for, nobody knows yet
            try:
                quote = await self._quote(waits, goods, start, deliver_by(waits, start))
                if quote.plan.is_feasible:
                    return
                why = refusal_words(quote, ())
            except NotForSale as no:
                why = no.reason
            waits = waits.model_copy(update={"rests_until": next_rest(waits, start)})

    async def _lead(self, intent: StandingIntent, goods: Goods, now: datetime) -> timedelta:
        """How long it takes to arrive where nobody is closed; raises NothingFound."""
        shortest, why = None, ""
        for start in _starts(intent, now):
            try:
                quote = await self._quote(intent, goods, start)
            except NotForSale as no:
                why = no.reason
                continue
            taken = quote.arrives - start
            shortest = taken if shortest is None else min(shortest, taken)
            if shortest <= QUICK:
                break
        if shortest is None:
            raise NothingFound(why)
        lead = -(-shortest // LEAD_STEP) * LEAD_STEP
        if lead > timedelta(minutes=LEAD_MINUTES_MAX):
            raise NothingFound(f"It takes {shortest.days} days to arrive: too long to wait for a day and be in time.")
        return lead

    async def _quote(self, intent: StandingIntent, goods: Goods, now: datetime, by: datetime | None = None) -> Quote:
        by = by or now + timedelta(minutes=LEAD_MINUTES_MAX)
        chosen = [_unlimited(one) for one in goods.chosen] if _waits_for_stock(intent) else goods.chosen
        return await self._quoter.quote(chosen, goods.bundle, intent.deliver_to, by, now)

    async def _products(self, intent: StandingIntent, goods: Goods) -> dict[str, Product]:
        """Item → the product that a stock or price leaf means by it; raises NothingFound."""
        found: dict[str, Product] = {}
        for leaf in leaves(intent.conditions):
            if isinstance(leaf, InventoryLeaf | PriceLeaf):
                found[leaf.item] = await self._meant(leaf, intent, goods, now=intent.created_at)
        return found

    async def _meant(
        self, leaf: InventoryLeaf | PriceLeaf, intent: StandingIntent, goods: Goods, now: datetime
    ) -> Product:
        if leaf.product is not None:
            there = await self._scout.product(leaf.product)
            if there is None:
                raise NothingFound(f"There is no product {leaf.product}, or it is no longer offered.")
            return there[0]
        bought = [one.product for one in goods.chosen]
        is_it = not leaf.item or leaf.item in intent.purchase.thing
        named = [one for one in bought if _is_named(leaf.item, one) or (is_it and len(bought) == 1)]
        if named:
            return named[0]
        wish = wish_for_item(Item(name=leaf.item), Wish(near=intent.deliver_to.point), Entities(), self._taxonomy)
        others = await self._scout.search(replace(wish, quantity=0, limit=1), now)
        product = next((one.product for one in others.offers if one.product is not None), None)
        if product is None or not leaf.item:
            raise NothingFound(f"I do not know which product is meant by “{leaf.item or leaf.text}”: name one.")
        return product


def _work(item: Item | None) -> dict[str, str]:
    """What is to be done to a thing, as the options of a line."""
    kinds = item.attributes.get("customization", ()) if item else ()
    return {"customization": kinds[0], "text": item.text or ""} if item and kinds else {}


def _plain(read: Entities) -> Intent:
    """What was wanted, without its deadline: that is what the conditions are for."""
    return Intent(kind="standing", entities=read.model_copy(update={"deliver_by": None}), confidence=1.0)


def _most(intent: StandingIntent) -> Money | None:
    """What it may cost now; where its price is waited for, it may be dearer."""
    is_price = any(isinstance(leaf, PriceLeaf) for leaf in leaves(intent.conditions))
    return None if is_price else intent.budget


def _waits_for_stock(intent: StandingIntent) -> bool:
    return any(isinstance(leaf, InventoryLeaf) for leaf in leaves(intent.conditions))


def _of(goods: Goods, lines: tuple[Wanted, ...]) -> dict[str, object]:
    return {"bundle": goods.bundle.id} if goods.bundle else {"lines": lines}


def _titled(purchase: Purchase, goods: Goods) -> Purchase:
    """The purchase with the names of what was chosen."""
    titles = [goods.bundle.title] if goods.bundle else [one.product.title for one in goods.chosen]
    pairs = zip(purchase.lines, goods.chosen, strict=bool(purchase.lines))
    lines = tuple(line.model_copy(update={"title": one.product.title}) for line, one in pairs)
    return purchase.model_copy(update={"thing": purchase.thing or listed(titles)[:100], "lines": lines})


def _together(each: Sequence[Sequence[Goods]]) -> Goods:
    """The first of everything; a bundle cannot be ordered with other things."""
    firsts = [next((one for one in some if one.bundle is None), some[0]) for some in each]
    return Goods([chosen for one in firsts for chosen in one.chosen], None)


def _is_there(goods: Goods) -> bool:
    """Whether all of it is in stock; what is sold out comes first where somebody waits for its return."""
    return all(one.product.stock is None or one.product.stock >= one.part.quantity for one in goods.chosen)


def _unlimited(one: Chosen) -> Chosen:
    return replace(one, product=one.product.model_copy(update={"stock": None}))


def _starts(intent: StandingIntent, now: datetime) -> Iterator[datetime]:
    yield now
    frame = intent.frame
    for days in range(1, STARTS_TRIED + 1):
        yield frame.moment(frame.day_of(now) + timedelta(days=days), MORNING_HOUR * 60)


def _is_named(item: str, product: Product) -> bool:
    """Whether an item is a product's name or kind."""
    return bool(item) and _has_words(item, f"{product.title} {product.category}")


def _has_words(item: str, text: str) -> bool:
    """Whether all words of an item stand in a text, whatever their number: `roses` in `Single Rose`."""
    words = {word.removesuffix("s") for word in _WORD.findall(text.lower())}
    return all(word.removesuffix("s") in words for word in _WORD.findall(item.lower()))
