"""What a standing intent buys: offered when its moment has come, ordered, and reckoned up."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import Client, activity
from activities.scouting import entry_of, scouting_of
from activities.standing import changed
from shared.flows import PATIENT, Call, Refusal
from shared.metering import Stopwatch
from shared.records import AlreadyThere, Write
from shared.standing.offer import Offered
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.orders.order import Order
    from shared.orders.quote import Quote
    from shared.standing.cost import Meter
    from shared.standing.intent import StandingIntent

blueprint = df.Blueprint()
PLACED = frozenset({"placed", "in_progress", "delivered", "completed", "cancelled"})
FINAL = frozenset({
    "card_declined", "insufficient_funds", "unknown_method",
    "no_such_mandate", "wrong_agent", "wrong_scope", "wrong_currency", "revoked", "expired", "merchant_not_allowed",
})  # fmt: skip
"""Why a checkout failed that would fail again whenever it is tried."""


class Offer(Plain):
    """What would be bought now.

    asks: the customer is asked before, by text, until then.
    """

    terms: Offered
    titles: tuple[str, ...]
    arrives: AwareDatetime
    asks: bool
    until: AwareDatetime
    text: str


class Placed(Plain):
    """The order that was made; is_open: its checkout is still to come."""

    order: str
    is_open: bool


class Settling(Plain):
    """Which order of which intent; reason: why its checkout failed, a stable word."""

    intent: str
    order: str
    reason: str | None = None


class Passing(NamedTuple):
    """Why it cannot be bought now, though its conditions hold; is_soon: within hours it may be possible."""

    words: str
    is_soon: bool


@activity(blueprint, retry=PATIENT)
async def offer_for(deps: Deps, intent_id: str, call: Call, client: Client) -> Offer | Refusal:
    """What an intent would buy now: its conditions held against what is so at this moment, and a fresh quote.

    Refused where the moment has passed, or nothing can be had now; why, and until when it rests, is noted.
    """
    from shared.standing import intent_book  # noqa: PLC0415
    from shared.standing.changes import is_ready  # noqa: PLC0415

    watch = Stopwatch()
    stored = await intent_book.find(deps.store, intent_id)
    if stored is None or stored.value.status != "waiting" or not is_ready(stored.value):
        return Refusal("not_ready")
    intent = stored.value
    if not await _still_holds(deps, intent, call, watch):
        return Refusal("passed")
    quoted = await _quoted(deps, intent, call, client)
    if isinstance(quoted, Passing):
        await _wait_on(deps, intent, quoted, call, watch)
        return Refusal("passed", quoted.words)
    quote, in_person = quoted
    return _offer(intent, quote, call, in_person=in_person)


@activity(blueprint, retry=PATIENT)
async def place_for(deps: Deps, intent_id: str, call: Call, client: Client) -> Placed | Refusal:
    """Make the order of an intent that is being bought, by a fresh quote; once for each time it went for it.

    Refused where it cannot be had any more: then it waits on.
    """
    from shared.orders.order import ORDERS  # noqa: PLC0415
    from shared.standing import intent_book  # noqa: PLC0415

    watch = Stopwatch()
    stored = await intent_book.find(deps.store, intent_id)
    if stored is None or stored.value.status != "buying":
        return Refusal("not_buying")
    intent = stored.value
    name = hashlib.sha256(f"{intent.id}:{intent.round}".encode()).hexdigest()[:24]
    there = await deps.store.get(ORDERS, name, name)
    if there is None:
        quoted = await _quoted(deps, intent, call, client)
        if isinstance(quoted, Passing):
            await _wait_on(deps, intent, quoted, call, watch)
            return Refusal("passed", quoted.words)
        order = _order(name, intent, quoted[0], call, is_own=quoted[1])
        with suppress(AlreadyThere):
            await deps.store.apply(ORDERS, name, [Write("create", order)])
    await changed(deps, intent_id, lambda one: one.model_copy(update={"order": name}), watch)
    return Placed(order=name, is_open=there is None or there.value.status == "placing")


@activity(blueprint, retry=PATIENT)
async def settle_purchase(deps: Deps, settling: Settling, call: Call) -> str | Refusal:
    """Note what has become of an order; how the intent stands then. A failure that may pass lets it wait on."""
    from shared.orders.order import ORDERS  # noqa: PLC0415
    from shared.standing.changes import moved, next_rest  # noqa: PLC0415
    from shared.standing.cost import spent  # noqa: PLC0415
    from shared.standing.odometer import total  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, settling.order, settling.order)
    watched = await total(deps.store)
    order = stored.value if stored else None

    def settled(intent: StandingIntent) -> StandingIntent:
        again = {"offer": None, "has_yes": False, "round": intent.round + 1}
        rests = {"rests_until": next_rest(intent, call.at)}
        if order is not None and order.status in PLACED:
            words = _bought_words(order, spent(intent.own, intent.began, watched))
            bought = {**again, "bought": intent.bought + 1}
            if intent.is_recurring:
                return moved(intent, "repeat", entry_of(call, words), **bought, **rests)
            return moved(intent, "finish", entry_of(call, words), reason=words, **bought)
        why = (order.reason if order else None) or "The order could not be placed."
        if settling.reason in FINAL or order is None or order.status == "placing":
            return moved(intent, "fail", entry_of(call, f"I could not buy it: {why}"), reason=why, **again)
        return moved(intent, "miss", entry_of(call, f"I could not buy it: {why} I wait on."), **again, **rests)

    after = await changed(deps, settling.intent, settled)
    return after if isinstance(after, Refusal) else after.status


async def _still_holds(deps: Deps, intent: StandingIntent, call: Call, watch: Stopwatch) -> bool:
    """Whether the conditions hold by what the catalog says now; if not, that is noted, and it is looked at anew."""
    from shared.records import Unavailable  # noqa: PLC0415
    from shared.standing.changes import looked, noted, reasoning_of  # noqa: PLC0415
    from shared.standing.lookout import seen_of  # noqa: PLC0415
    from shared.standing.readings import watch_of  # noqa: PLC0415
    from shared.standing.sources import Sources  # noqa: PLC0415
    from shared.standing.truth import evaluate  # noqa: PLC0415

    readings = dict((await seen_of(deps.store, intent.watches)).readings)
    sources = Sources(deps.store, deps.weather)
    for one in map(watch_of, intent.watches):
        if one.kind in {"stock", "price"}:
            with suppress(Unavailable):
                readings[one] = await sources.read(one, call.at)
    verdict = evaluate(intent.conditions, readings, call.at, intent.frame)
    if verdict.holds:
        return True
    words = f"The moment passed before I could buy. {reasoning_of(intent, verdict, call.at)}"

    def passed(one: StandingIntent) -> StandingIntent:
        after = looked(one, verdict, call.key[-110:], call.at)
        return noted(after, entry_of(call, words), due_at=call.at)

    await changed(deps, intent.id, passed, watch)
    return False


async def _quoted(
    deps: Deps, intent: StandingIntent, call: Call, client: Client
) -> tuple[Quote, bool] | Passing:
    """A fresh quote, and whether only the customer in person may allow it; or why it cannot be had now."""
    from shared.orders.alternatives import refusal_words  # noqa: PLC0415
    from shared.orders.chosen import NotForSale  # noqa: PLC0415
    from shared.orders.placing import merchants_of  # noqa: PLC0415
    from shared.quoting import quoter_of  # noqa: PLC0415
    from shared.standing.allowance import allowance  # noqa: PLC0415
    from shared.standing.moment import deliver_by  # noqa: PLC0415

    scouting = await scouting_of(deps, client, call)
    by = intent.offer.by if intent.offer else deliver_by(intent, call.at)
    try:
        goods = await scouting.goods(intent.purchase)
        quoter = quoter_of(deps, client, call.at)
        quote = await quoter.quote(goods.chosen, goods.bundle, intent.deliver_to, by, call.at)
    except NotForSale as no:
        return Passing(no.reason, is_soon=no.field != "deliver_by")
    if not quote.plan.is_feasible:
        return Passing(refusal_words(quote, ()), is_soon=False)
    most = intent.offer.most if intent.offer else intent.budget
    if most is not None and (most.currency != quote.total.currency or quote.total > most):
        return Passing(f"It costs {quote.total} by now, more than {most}.", is_soon=True)
    allowed = await allowance(deps.store, intent, merchants_of(quote.asked.goods), quote.total, call.at)
    if allowed == "refused":
        return Passing(f"{quote.total} is more than an agent may order for you.", is_soon=False)
    if intent.status == "buying" and allowed == "in_person" and not intent.has_yes:
        return Passing("It needs your own word by now.", is_soon=True)
    return quote, allowed == "in_person"


def _offer(intent: StandingIntent, quote: Quote, call: Call, *, in_person: bool) -> Offer:
    from shared.standing.moment import Terms, answer_until, most_of, on_silence, question_words  # noqa: PLC0415

    titles = (quote.bundle.title,) if quote.bundle else tuple(one.product.title for one in quote.asked.goods)
    until = answer_until(intent, call.at, quote.arrives, quote.asked.by)
    silence = on_silence(intent, in_person=in_person)
    most = most_of(intent, quote.total)
    offered = Offered(total=quote.total, most=most, by=quote.asked.by, silence=silence)
    return Offer(
        terms=offered,
        titles=titles,
        arrives=quote.arrives,
        asks=in_person or intent.asking.asks(quote.total),
        until=until,
        text=question_words(intent, offered, Terms(titles, quote.arrives, until), call.at),
    )


def _order(name: str, intent: StandingIntent, quote: Quote, call: Call, *, is_own: bool) -> Order:
    """is_own: only the customer's own word allows it, so it counts against no mandate."""
    from shared.orders.placing import Buyer, merchants_of, order_of  # noqa: PLC0415

    mandate = None if is_own else intent.mandate
    buyer = Buyer(intent.customer, intent.agent, intent.method, mandate, standing=intent.id)
    return order_of(name, quote, merchants_of(quote.asked.goods), buyer, call.at)


async def _wait_on(deps: Deps, intent: StandingIntent, why: Passing, call: Call, watch: Stopwatch) -> None:
    """Note that it could not be had, and let it rest a while."""
    from shared.standing.changes import moved, noted, watched  # noqa: PLC0415
    from shared.standing.moment import rest_after  # noqa: PLC0415

    entry = entry_of(call, f"The moment had come, but it could not be had: {why.words} I wait on.")
    rests = {"rests_until": rest_after(intent, call.at, is_soon=why.is_soon), "round": intent.round + 1}
    again = {**rests, "offer": None, "has_yes": False}

    def waits(one: StandingIntent) -> StandingIntent:
        if any(line.id == entry.id for line in one.progress):
            return one
        after = moved(one, "miss", entry, **again) if one.status == "buying" else noted(one, entry, **again)
        return watched(after, call.at)

    await changed(deps, intent.id, waits, watch)


def _bought_words(order: Order, used: Meter) -> str:
    from shared.standing.cost import bill  # noqa: PLC0415

    what = order.bundle.title if order.bundle else order.legs[0].title
    spent = bill(used, "consumption")
    cost = f"{spent.billed_seconds:.1f} s of computing, about ${spent.usd:.6f}"
    return f"I have ordered {what} for {order.total}. All the waiting and buying took {cost}."
