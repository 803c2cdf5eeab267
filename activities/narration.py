"""The Status Narrator at work (spec 6.4): what comes to pass is put into words, kept beside the order, and told."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import azure.durable_functions as df

from activities import activity
from activities.speaking import say_to_customer
from shared.dialogue.narration.event import Event, Narration
from shared.flows import PATIENT, Call
from shared.orders.order import ORDERS, Order
from shared.records import AlreadyThere, Write
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from shared.dialogue.messages import Channel
    from shared.people.customers import Customer

blueprint = df.Blueprint()


class Narrating(Plain):
    """What came to pass with an order.

    is_asked: the customer is asked it in the web, with buttons, so that it is told on the other channels alone. said:
    in the words in which they are asked. once: what it is kept by, where several steps may tell of it; else the step.
    """

    order: str
    event: Event
    is_asked: bool = False
    said: Narration | None = None
    once: str | None = None


class Progress(Plain):
    """An order whose legs may have moved on."""

    order: str


@activity(blueprint, retry=PATIENT)
async def narrate(deps: Deps, told: Narrating, call: Call) -> None:
    """Tell the customer of an event, and keep what was told; told again it is the same."""
    stored = await deps.store.get(ORDERS, told.order, told.order)
    if stored is not None:
        await _tell(deps, stored.value, told, call)


@activity(blueprint, retry=PATIENT)
async def narrate_progress(deps: Deps, progress: Progress, call: Call) -> None:
    """Tell the customer how far each leg has come, where they have not heard of it yet."""
    from shared.orders.news import news_of  # noqa: PLC0415  with the first order that runs, not with the app

    stored = await deps.store.get(ORDERS, progress.order, progress.order)
    if stored is None:
        return
    for kind, leg in news_of(stored.value):
        once = f"{leg}-{kind}"
        event = Event(kind=kind, at=call.at, leg=leg)
        if not await _is_told(deps, stored.value.id, _name(once)):
            await _tell(deps, stored.value, Narrating(order=stored.value.id, event=event, once=once), call)


async def voice_of(deps: Deps, customer_id: str) -> tuple[Customer, ZoneInfo]:
    """A customer, and the zone whose clock they live by."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from shared.people.customers import CUSTOMERS, newcomer  # noqa: PLC0415

    stored = await deps.store.get(CUSTOMERS, customer_id, customer_id)
    customer = stored.value if stored else newcomer(customer_id)
    return customer, ZoneInfo(customer.time_zone)


async def _tell(deps: Deps, order: Order, told: Narrating, call: Call) -> None:
    """Kept first: whoever comes after a crash finds the words that were chosen."""
    from shared.dialogue.narration.record import NARRATIONS, narrated  # noqa: PLC0415

    name = _name(told.once or call.key)
    said = told.said or await _narration(deps, order, told.event)
    kept = narrated(name, order.id, told.event, said)
    with suppress(AlreadyThere):
        await deps.store.apply(NARRATIONS, order.id, [Write("create", kept)])
    stored = await deps.store.get(NARRATIONS, order.id, name)
    kept = stored.value if stored else kept
    own = Call(f"narration:{order.id}:{name}", call.at)
    without: frozenset[Channel] = frozenset({"web"}) if told.is_asked else frozenset()
    await say_to_customer(
        deps, order.customer, f"order:{order.id}", kept.text, own, subject=kept.headline, without=without
    )
    await deps.store.apply(NARRATIONS, order.id, [Write("put", kept.model_copy(update={"is_told": True}))])


async def _narration(deps: Deps, order: Order, event: Event) -> Narration:
    """In the customer's words; reasons come from all over the house, and may name whom the customer is not to know."""
    from shared.dialogue.support import veiled  # noqa: PLC0415

    customer, zone = await voice_of(deps, order.customer)
    if event.reason is not None:
        event = event.model_copy(update={"reason": veiled(event.reason, order)})
    return await well_told(deps, event, None, order, zone, customer.language)


async def well_told(
    deps: Deps, event: Event, before: Order | None, after: Order, zone: ZoneInfo, language: str
) -> Narration:
    """An event in the rules' words, or in a model's where one is configured and the record bears them out."""
    told = deps.narrator.narrate(event, before, after, zone, language)
    other = await deps.language.retell(told)
    return told if other is None else deps.narrator.retold(told, other, event, before, after, zone)


async def _is_told(deps: Deps, order: str, name: str) -> bool:
    from shared.dialogue.narration.record import NARRATIONS  # noqa: PLC0415

    stored = await deps.store.get(NARRATIONS, order, name)
    return stored is not None and stored.value.is_told


def _name(once: str) -> str:
    return hashlib.sha256(once.encode()).hexdigest()[:24]
