"""What the embedded provider's bank has done by itself, heard as a real provider's webhooks are."""

from __future__ import annotations

from datetime import datetime

import azure.durable_functions as df

from shared.wiring import Deps
from triggers.about import About


async def tell(deps: Deps, client: df.DurableOrchestrationClient, now: datetime) -> None:
    """Act on everything that was not heard yet; what fails is heard again the next time."""
    if deps.bank is None:
        return
    from triggers import provider_news as acts  # noqa: PLC0415  with the first chargeback

    about = About(request_id="bank", now=now, origin="", address="")
    for news, entry in await deps.bank.news():
        act = acts.case_opened if news.type == "charge.dispute.created" else acts.case_closed
        await act(deps, client, news, about)
        await deps.bank.heard(entry)
