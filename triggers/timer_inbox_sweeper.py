"""Every few minutes: what flows have not acknowledged, or not looked at, is raised again; the bank is heard."""

from __future__ import annotations

import asyncio

import azure.durable_functions as df
import azure.functions as func

from shared.wiring import deps

EVERY_FIVE_MINUTES = "0 */5 * * * *"

blueprint = df.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule=EVERY_FIVE_MINUTES)
@blueprint.durable_client_input(client_name="client")
async def sweep_inbox(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Raise again what is due, each kind by itself: none waits for another, or fails with it."""
    from shared import inbox, nudges  # noqa: PLC0415  with the first sweep, not with the app
    from shared.dialogue import receiving  # noqa: PLC0415
    from shared.dialogue.escalations import ESCALATIONS  # noqa: PLC0415
    from shared.dialogue.negotiation import NEGOTIATIONS  # noqa: PLC0415
    from shared.money.payments import PAYMENTS  # noqa: PLC0415
    from shared.orders.disputes import DISPUTES  # noqa: PLC0415
    from shared.orders.order import ORDERS  # noqa: PLC0415
    from shared.people.approvals import APPROVALS  # noqa: PLC0415
    from shared.standing.intent import STANDING_INTENTS  # noqa: PLC0415
    from triggers import bank_news  # noqa: PLC0415

    house = deps()
    now = house.clock.now()
    outcomes = await asyncio.gather(
        receiving.sweep(house.store, client, now),
        inbox.sweep(house.store, client, now),
        nudges.sweep(house.store, client, ORDERS, now),
        nudges.sweep(house.store, client, APPROVALS, now),
        nudges.sweep(house.store, client, ESCALATIONS, now),
        nudges.sweep(house.store, client, NEGOTIATIONS, now),
        nudges.sweep(house.store, client, DISPUTES, now),
        nudges.sweep(house.store, client, STANDING_INTENTS, now),
        nudges.sweep(house.store, client, PAYMENTS, now),
        bank_news.tell(house, client, now),
        return_exceptions=True,
    )
    if faults := [outcome for outcome in outcomes if isinstance(outcome, Exception)]:
        raise ExceptionGroup("not all could be raised again: the next sweep tries anew", faults)
