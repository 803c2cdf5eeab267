"""Webhook: Stripe tells of payments, disputes, transfers and payees' accounts.

An event is checked on its raw bytes, kept by its id, and acted on once; what it sets off is a flow, or a note that a
flow looks at. One that was kept and not acted on, for something was out of reach, is acted on when it comes again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import azure.durable_functions as df

from shared.errors import MALFORMED, NOT_FOUND, UNAUTHENTICATED, AppError
from shared.money.news import BODY_BYTES_MAX, HEARD, BadNews, BadSignature, Heard, News, heard
from shared.people.access import PUBLIC
from shared.records import AlreadyThere, ChangedMeanwhile, Stored, Write
from shared.wiring import Deps
from triggers import provider_news as acts
from triggers.about import About
from triggers.endpoint import Raw, Routes
from triggers.parse import Output

routes = Routes("webhooks", is_signed=True)
JSON = ("application/json",)
SIGNATURE = "stripe-signature"

Act = Callable[[Deps, df.DurableOrchestrationClient, News, About], Awaitable[bool]]
ACTS: dict[str, Act] = {
    "payment_intent.amount_capturable_updated": acts.payment_answered,
    "payment_intent.payment_failed": acts.payment_answered,
    "payment_intent.canceled": acts.hold_lapsed,
    "charge.expired": acts.hold_lapsed,
    "charge.dispute.created": acts.case_opened,
    "charge.dispute.closed": acts.case_closed,
    "transfer.reversed": acts.taken_back,
    "payout.failed": acts.payout_failed,
    "account.updated": acts.account_updated,
}
"""Type → what follows from it, and whether anything did; of other types nothing does."""

_log = logging.getLogger("app")


class Received(Output):
    """What became of an event; is_new: False for one that had come before."""

    status: Literal["acted", "ignored"]
    is_new: bool


@routes.post(
    "/webhooks/stripe", need=PUBLIC, media_types=JSON, body_bytes_max=BODY_BYTES_MAX, errors=(NOT_FOUND, MALFORMED)
)
async def stripe_webhook(raw: Raw, deps: Deps, about: About, client: df.DurableOrchestrationClient) -> Received:
    """Something has happened at Stripe; the same again changes nothing."""
    news = _read(raw, deps)
    if news is None:
        _log.info("stripe: an event of type %.100r says nothing to us", json.loads(raw.data).get("type"))
        return Received(status="ignored", is_new=True)
    stored, is_new = await _kept(deps, news, about)
    if stored.value.status != "received":
        return Received(status=stored.value.status, is_new=False)
    act = ACTS.get(news.type)
    status: Literal["acted", "ignored"] = "acted" if act and await act(deps, client, news, about) else "ignored"
    _log.info("stripe: event %s of type %s: %s", news.id, news.type, status)
    with suppress(ChangedMeanwhile):  # the same event was acted on twice at once, to no harm
        done = stored.value.model_copy(update={"status": status})
        await deps.store.apply(HEARD, news.id, [Write("replace", done, stored.etag)])
    return Received(status=status, is_new=is_new)


def _read(raw: Raw, deps: Deps) -> News | None:
    reader = deps.stripe_webhooks
    if reader is None:
        raise AppError(NOT_FOUND, "Payments are not Stripe's here.")
    try:
        return reader.read(raw.data, raw.headers.get(SIGNATURE))
    except BadSignature as no:
        raise AppError(UNAUTHENTICATED, f"This is not Stripe's: {no}.") from None
    except BadNews as no:
        raise AppError(MALFORMED, f"It is signed, but: {no}.") from None


async def _kept(deps: Deps, news: News, about: About) -> tuple[Stored[Heard], bool]:
    try:
        (stored,) = await deps.store.apply(HEARD, news.id, [Write("create", heard(news.id, news.type, about.now))])
    except AlreadyThere:
        known = await deps.store.get(HEARD, news.id, news.id)
        if known is None:  # forgotten between the two: as good as new
            return await _kept(deps, news, about)
        return known, False
    assert stored is not None
    return stored, True
