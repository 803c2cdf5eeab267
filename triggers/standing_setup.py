"""Setting up a standing intent, from its own route or from the chat: for whom, how it is paid, and its beginning."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import azure.durable_functions as df

from shared.people.access import Caller, Need, Role
from shared.records import AlreadyThere, Write
from shared.standing.intent import STANDING_INTENTS, StandingIntent
from shared.wiring import Deps
from triggers.about import About
from triggers.flows import start
from triggers.paying import Paying, mandate_of

if TYPE_CHECKING:
    from shared.money.amounts import Money
    from shared.standing.drafting import Asked

WRITER = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({"intents:write"}))


class WayToPay(NamedTuple):
    """What is charged, and the mandate that it counts against."""

    method: str | None
    mandate: str | None


async def way_to_pay(
    paying: Paying | None, caller: Caller, budget: Money | None, deps: Deps, about: About
) -> WayToPay:
    """How it will be paid; raises AppError where this caller may not pay so, as far as that can be known now."""
    if paying is None:
        return WayToPay(None, None)
    if paying.mandate is None:
        return WayToPay(paying.method, None)
    mandate = await mandate_of(paying.mandate, caller, deps, about, scope="intents:write", at_least=budget)
    return WayToPay(mandate.method, mandate.id)


def asked_by(caller: Caller, way: WayToPay, zone: str) -> Asked:
    """Who asks, and how it is paid; what they ask for is still to come."""
    from shared.standing.drafting import Asked  # noqa: PLC0415  with the first intent

    return Asked(
        customer=caller.acting_for or caller.subject,
        agent=caller.subject if caller.is_agent else None,
        limits=caller.limits,
        zone=zone,
        method=way.method,
        mandate=way.mandate,
    )


async def begin(intent: StandingIntent, deps: Deps, client: df.DurableOrchestrationClient) -> StandingIntent:
    """Keep the intent and start its flow, under the same id; a repetition finds both. As it stands then."""
    with suppress(AlreadyThere):
        await deps.store.apply(STANDING_INTENTS, intent.id, [Write("create", intent)])
    await start(client, "standing_intent", intent.instance, intent.id)
    stored = await deps.store.get(STANDING_INTENTS, intent.id, intent.id)
    return stored.value if stored else intent
