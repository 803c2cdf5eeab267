"""The chat entry: understand the sentence in its conversation, find what fits, and say so; or ask the one question.

    resolve → bring together with the thread → (ask | reply | watch | discover) → remember, trace
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from shared.dialogue import replies
from shared.dialogue.asked_back import Open
from shared.dialogue.refine import Refined, refine
from shared.dialogue.thread import SEEN_MAX, SHOWN_MAX, THREADS, TRACES, Buying, Shown, Step, Thread, Trace, Turn
from shared.dialogue.words import listed
from shared.discovery.bundles import MADE_BUNDLES, Bundle
from shared.discovery.compose import Composer
from shared.discovery.intent import Clarification, Intent
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.understanding import Understanding
from shared.discovery.views import BundleView, ProductView, bundle_view, plain_product, product_view
from shared.discovery.wish import Found, Offer, Wish
from shared.discovery.wishes import ANY_GIFT, wish_for_all, wish_for_item, wish_of
from shared.logistics.geo import Point
from shared.ports import Store
from shared.records import Unavailable, Write
from shared.standing.wording import watch_words, watched

ITEMS_MAX = 5
PRODUCTS_SHOWN = 10
BUNDLES_SHOWN = 4
BUNDLE_RELEVANCE_MIN, UNASKED_RELEVANCE_MIN = 0.35, 0.5
"""How relevant a curated bundle is at the least, to who may want one, and to who asks for one thing."""

_NOT_NOW = "I understood you, but the search does not answer just now. Please ask again in a minute."


@dataclass(frozen=True)
class Said:
    """One message. thread: its id; owner: whose it is; near, zone: where the customer is; buying: as far as is said."""

    text: str
    thread: str
    owner: str
    near: Point | None
    zone: ZoneInfo
    origin: str
    buying: Buying = field(default_factory=Buying)


@dataclass(frozen=True)
class OrderTold:
    """What came of a sentence about an order. begun: the flow and what it was begun under; open: what is not clear."""

    order: str
    words: str
    why: str
    begun: tuple[str, str] | None = None
    open: Open | None = None

    @property
    def clarification(self) -> Clarification | None:
        """The question that it ends with."""
        return Clarification(question=self.open.unclear.question, field="items") if self.open else None


class OrderTalk(Protocol):
    """Who answers for the orders of whoever speaks."""

    async def __call__(self, text: str, intent: Intent, thread: Thread) -> OrderTold | None:
        """None where it is about no order."""


@dataclass
class Reply:
    """What comes back; found: what the searches brought, for the reasons; buying: as far as is said by now."""

    intent: Intent
    summary: str
    bundles: list[BundleView] = field(default_factory=list)
    products: list[ProductView] = field(default_factory=list)
    clarification: Clarification | None = None
    watching: tuple[str, ...] = ()
    reasoning: list[str] = field(default_factory=list)
    suggestions: list[replies.Suggestion] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    is_bundles_first: bool = True
    is_more: bool = False
    next: str | None = None
    chosen: str | None = None
    made: list[Bundle] = field(default_factory=list)
    order: OrderTold | None = None
    buying: Buying = field(default_factory=Buying)

    @property
    def offers(self) -> list[BundleView | ProductView]:
        """All that is shown, in the order it is shown in."""
        if self.is_bundles_first:
            return [*self.bundles, *self.products]
        return [*self.products, *self.bundles]


class Chat:
    """Answers messages."""

    def __init__(self, store: Store, understanding: Understanding, scout: Scout, taxonomy: Taxonomy) -> None:
        self._store = store
        self._understanding = understanding
        self._scout = scout
        self._composer = Composer(scout, taxonomy)
        self._taxonomy = taxonomy

    async def answer(self, said: Said, now: datetime, orders: OrderTalk | None = None) -> Reply:
        """One answer; the thread remembers it. orders: of whoever is signed in.

        Raises Unavailable where nothing can be kept.
        """
        stored = await self._store.get(THREADS, said.owner, said.thread)
        with suppress(Unavailable):  # what cannot be reached now is said where it is searched
            await self._scout.refresh()
        thread = stored.value if stored else Thread(id=said.thread, owner=said.owner, updated_at=now)
        near = said.near or thread.near
        steps: list[Step] = []
        fresh = await self._understanding.read(said.text, now, said.zone, near)
        steps.append(Step(name="understood", facts=_facts(fresh)))
        told = await orders(said.text, fresh, thread) if orders else None
        if told is not None:
            reply = Reply(fresh, told.words, clarification=told.clarification, reasoning=[told.why], order=told)
            await self._remember(said, thread, near, reply, [*steps, *_traced(reply)], now)
            return reply
        about = _about(said.text, thread.intent, fresh)
        read = self._understanding.rules.resolve(about, now, said.zone, near) if about else fresh
        refined = refine(thread.intent, thread.shown, said.text, read, self._taxonomy, is_bare=about is not None)
        if refined.action == "other":
            refined = replace(refined, intent=fresh)
        if refined.action == "refine":
            refined = replace(refined, intent=self._understanding.complete(refined.intent, now))
        steps.append(Step(name="brought together", facts={"action": refined.action, "said": list(refined.said)}))
        reply = await self._reply(refined, thread, near, said, now)
        steps += _traced(reply)
        await self._remember(said, thread, near, reply, steps, now)
        return reply

    async def _reply(
        self, refined: Refined, thread: Thread, near: Point | None, said: Said, now: datetime
    ) -> Reply:
        intent = refined.intent
        if refined.action == "choose" and refined.chosen:
            return await self._choose(refined.chosen, intent, near, said)
        if refined.action == "other" or intent.kind in {"change", "track", "support", "other"}:
            return _other(intent, is_underway=bool(thread.shown))
        if intent.kind == "standing":
            return _watch(intent, now)
        if intent.clarification and not _is_enough(intent):
            question = intent.clarification.question
            return Reply(intent, question, clarification=intent.clarification, reasoning=[_why_asked(intent, now)])
        try:
            return await self._discover(refined, thread, near, said, now)
        except Unavailable:
            return Reply(intent, _NOT_NOW, reasoning=[f"I understood: {replies.wanted_words(intent.entities, now)}."])

    async def _discover(
        self, refined: Refined, thread: Thread, near: Point | None, said: Said, now: datetime
    ) -> Reply:
        """Search for every item at once, and for bundles where a gift or several things are wanted."""
        intent = refined.intent
        base = wish_of(intent, near, self._taxonomy, now)
        if refined.within_km is not None:
            base = replace(base, within_km=refined.within_km)
        is_more = refined.action == "more"
        after = thread.next if is_more else None
        if is_more and after is None:
            base = replace(base, without_ids=frozenset(thread.seen))
        found, offers = await self._products(intent, base, after, now)
        bundles, made = ([], []) if is_more else await self._bundles(intent, base, said, now)
        products = [product_view(offer, said.origin) for offer in offers if offer.product is not None]
        views = [view for view, _ in bundles][:BUNDLES_SHOWN]
        searched = [*found, *(one for _, one in bundles[:1])]
        reply = Reply(
            intent,
            "",
            bundles=views,
            products=products,
            clarification=intent.clarification,
            reasoning=replies.reasoning(intent, searched, views, refined.said, now),
            found=searched,
            is_bundles_first=_wants_bundles(intent) or not products,
            is_more=is_more,
            next=found[0].next if len(found) == 1 else None,
            made=made,
        )
        reply.summary = replies.found_summary(intent, reply.offers, found if products or not views else [], now)
        if intent.clarification:
            reply.summary = f"{reply.summary} {intent.clarification.question}"
        has_more = any(one.next for one in found)
        reply.suggestions = replies.suggestions(intent, reply.offers, has_more=has_more)
        return reply

    async def _products(
        self, intent: Intent, base: Wish, after: str | None, now: datetime
    ) -> tuple[list[Found], list[Offer]]:
        """The best offers of every item, taking turns, so that none is crowded out."""
        items = intent.entities.items[:ITEMS_MAX]
        wishes = [wish_for_item(item, base, intent.entities, self._taxonomy) for item in items]
        wishes = wishes or [replace(wish_for_all(base, intent.entities), kinds=frozenset())]
        each = max(PRODUCTS_SHOWN // len(wishes), 3)
        found = await asyncio.gather(
            *(self._scout.search(replace(wish, limit=each, after=after), now) for wish in wishes)
        )
        turns = [offer for row in range(each) for one in found for offer in one.offers[row : row + 1]]
        affordable = [offer for offer in turns if _is_affordable(offer, base)]
        return list(found), list({offer.id: offer for offer in affordable}.values())

    async def _bundles(
        self, intent: Intent, base: Wish, said: Said, now: datetime
    ) -> tuple[list[tuple[BundleView, Found]], list[Bundle]]:
        """Curated bundles that fit, and those made to the wish."""
        wish = replace(wish_for_all(base, intent.entities), limit=BUNDLES_SHOWN)
        found = await self._scout.search(wish, now)
        made = await self._composer.compose(intent, base, now) if _wants_bundles(intent) else []
        floor = BUNDLE_RELEVANCE_MIN if _wants_bundles(intent) else UNASKED_RELEVANCE_MIN
        curated = [] if found.relaxed else _fitting(found.offers, floor)
        views = [
            (bundle_view(offer.bundle, offer.parts, self._taxonomy, said.origin, offer.ranked), found)
            for offer in curated
            if offer.bundle is not None
        ]
        for bundle, searched in made:
            parts = await asyncio.gather(*(self._scout.product(part.product) for part in bundle.parts))
            whole = [part for part in parts if part is not None]
            if len(whole) == len(parts):
                views.append((bundle_view(bundle, whole, self._taxonomy, said.origin), searched))
        return views, [bundle for bundle, _ in made]

    async def _choose(self, chosen: str, intent: Intent, near: Point | None, said: Said) -> Reply:
        """The one that was chosen, as it is now."""
        found = await self._scout.bundle(chosen)
        if found is not None:
            view = bundle_view(found[0], found[1], self._taxonomy, said.origin)
            return Reply(intent, _chosen_words(view.title), bundles=[view], chosen=chosen)
        product = await self._scout.product(chosen)
        if product is not None:
            seen = plain_product(*product, said.origin, near)
            return Reply(intent, _chosen_words(seen.title), products=[seen], chosen=chosen)
        return Reply(intent, "That one is gone in the meantime. Shall I look for something like it?")

    async def _remember(
        self, said: Said, thread: Thread, near: Point | None, reply: Reply, steps: Sequence[Step], now: datetime
    ) -> None:
        shown = tuple(_shown(offer) for offer in reply.offers)[:SHOWN_MAX]
        reply.buying = said.buying.over(thread.buying)
        turns = thread.with_turns(
            Turn(by="customer", text=said.text[:4_000], at=now), Turn(by="platform", text=reply.summary[:4_000], at=now)
        )
        kept = thread.model_copy(
            update={
                "intent": reply.intent if _is_wish(reply) else thread.intent,
                "near": near,
                "shown": shown or thread.shown,
                "seen": (*(thread.seen if reply.is_more else ()), *(one.id for one in shown))[-SEEN_MAX:],
                "next": reply.next if shown else thread.next,
                "chosen": reply.chosen or thread.chosen,
                "order": reply.order.order if reply.order else thread.order,
                "is_about_order": reply.order is not None,
                "open": reply.order.open if reply.order else None,
                "buying": reply.buying,
                "turns": turns,
                "updated_at": now,
            }
        )
        digest = hashlib.sha256(f"{now.isoformat()} {len(turns)} {said.text}".encode()).hexdigest()[:24]
        trace = Trace(id=digest, thread=said.thread, at=now, text=said.text, steps=tuple(steps))
        await asyncio.gather(
            self._store.apply(THREADS, said.owner, [Write("put", kept)]),
            self._store.apply(TRACES, said.thread, [Write("put", trace)]),
            *(self._store.apply(MADE_BUNDLES, bundle.id, [Write("put", bundle)]) for bundle in reply.made),
        )


def _is_wish(reply: Reply) -> bool:
    """Whether an answer is about what is wanted; words about an order leave that as it was."""
    return reply.order is None and (bool(reply.offers) or reply.intent.kind != "other")


def _about(text: str, before: Intent | None, fresh: Intent) -> str | None:
    """A sentence that names nothing is read once more as being about what was wanted: `in pink` as `roses in pink`."""
    if before is None or not before.entities.items or fresh.entities.items:
        return None
    if fresh.kind not in {"other", "immediate", "change"}:
        return None
    return f"{before.entities.items[0].name} {text}"


def _is_enough(intent: Intent) -> bool:
    """Whether there is something to look for although a question is open."""
    return bool(intent.entities.items) and (intent.clarification is None or intent.clarification.field != "items")


def _is_affordable(offer: Offer, base: Wish) -> bool:
    """Whether it fits the budget with everybody who comes."""
    if base.price_max is None or offer.product is None or offer.product.unit != "person" or not base.party:
        return True
    return offer.product.price.minor * base.party <= base.price_max.minor


def _fitting(offers: Sequence[Offer], least: float) -> list[Offer]:
    """The curated bundles that are about what was said, not just the nearest there are."""
    best = max((offer.ranked.hit.relevance for offer in offers), default=0.0)
    return [offer for offer in offers if offer.ranked.hit.relevance >= max(least, best * 0.7)]


def _wants_bundles(intent: Intent) -> bool:
    items = intent.entities.items
    is_open = any(item.category in {None, ANY_GIFT} or "customization" in item.attributes for item in items)
    return not items or len(items) > 1 or is_open or intent.entities.occasion is not None


def _watch(intent: Intent, now: datetime) -> Reply:
    """A standing intent: what will be watched, and what then happens."""
    wanted = listed([replies.item_words(item) for item in intent.entities.items]) or "let you know"
    logic = watch_words(intent.conditions, f"Order {wanted}" if intent.entities.items else "Let you know")
    if intent.clarification:
        words = intent.clarification.question
        return Reply(intent, words, clarification=intent.clarification, reasoning=[_why_asked(intent, now)])
    lines = (logic, *watched(intent.conditions))
    return Reply(intent, replies.WATCHING, watching=lines, reasoning=[logic, "Waiting costs nothing."])


def _other(intent: Intent, *, is_underway: bool) -> Reply:
    if intent.kind == "other" and is_underway:
        return Reply(intent, "Gladly. Say “cheaper”, “more” or “the first one”, or tell me what else you would like.")
    words = {
        "change": "I can change an order or a wish: tell me its number, and what it is to become.",
        "track": "I can tell you where an order stands: tell me its number, or sign in to see all of yours.",
        "support": "I'm sorry about that. A person will look at it: tell me the order's number, and what happened.",
    }
    start = "Tell me what you would like, for whom and by when: “pink flowers for my mom by Saturday, under $80”."
    return Reply(intent, words.get(intent.kind, start), suggestions=[("An example", "flowers for my mom tomorrow")])


def _why_asked(intent: Intent, now: datetime) -> str:
    return f"I understood: {replies.wanted_words(intent.entities, now)}. One thing is missing before I can look."


def _chosen_words(title: str) -> str:
    return f"“{title}” it is. Tell me where it is to go and by when, and I'll plan the way there."


def _shown(offer: BundleView | ProductView) -> Shown:
    distance = offer.distance_km if isinstance(offer, ProductView) else None
    kind: Any = "product" if isinstance(offer, ProductView) else "bundle"
    price = offer.price
    return Shown(
        id=offer.id, kind=kind, title=offer.title, minor=price.minor, currency=price.currency, distance_km=distance
    )


def _facts(intent: Intent) -> dict[str, Any]:
    return intent.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)


def _traced(reply: Reply) -> list[Step]:
    searched = [
        Step(
            name="searched",
            facts={
                "matched": one.matched,
                "shown": [offer.id for offer in one.offers],
                "let_go": [relaxed.field for relaxed in one.relaxed],
                "notes": list(one.notes),
            },
        )
        for one in reply.found
    ]
    made = [Step(name="put together", facts={"bundles": [bundle.id for bundle in reply.made]})] if reply.made else []
    return [*searched, *made, Step(name="said", facts={"summary": reply.summary})]
