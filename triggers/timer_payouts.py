"""Every quarter of an hour: payees whose payout day has come, or whose payouts did not get through, are paid."""

from __future__ import annotations

import azure.durable_functions as df
import azure.functions as func

from shared.wiring import deps

EVERY_QUARTER = "0 */15 * * * *"
PAGE, PAGES_MAX = 100, 20

blueprint = df.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule=EVERY_QUARTER)
@blueprint.durable_client_input(client_name="client")
async def pay_out_due(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    """Start the payouts that are due, the longest due first; each sets by itself when it is looked at again."""
    from shared.money.payees import PAYEES  # noqa: PLC0415  with the first tick, not with the app
    from shared.records import Query  # noqa: PLC0415
    from triggers.provider_news import start_payout  # noqa: PLC0415

    house = deps()
    now = house.clock.now()
    after: str | None = None
    for _ in range(PAGES_MAX):
        due = Query({"next_at": {"le": now}}, order="next_at", limit=PAGE, after=after)
        page = await house.store.query(PAYEES, due)
        for stored in page.items:
            await start_payout(client, stored.value.id, "schedule", f"{now:%Y%m%dT%H%M}")
        after = page.next
        if after is None:
            return
