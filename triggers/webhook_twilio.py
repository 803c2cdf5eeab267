"""Webhook: Twilio tells of messages to us, and of what became of ours."""

from __future__ import annotations

import azure.durable_functions as df

from shared.dialogue.delivery import StatusNews
from shared.dialogue.receiving import take, take_status
from shared.dialogue.signed import BadSignature
from shared.errors import FORBIDDEN, AppError
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Download, Raw, Routes

routes = Routes("webhooks", is_signed=True)
FORM = ("application/x-www-form-urlencoded",)
BODY_BYTES_MAX = 256 * 1024
NO_ANSWER = Download(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")


@routes.post(
    "/webhooks/twilio", need=PUBLIC, media_types=FORM, body_bytes_max=BODY_BYTES_MAX, errors=(FORBIDDEN,)
)
async def twilio_webhook(raw: Raw, deps: Deps, about: About, client: df.DurableOrchestrationClient) -> Download:
    """A message by WhatsApp or SMS, or how far one of ours has come; the same again changes nothing."""
    try:
        told = deps.twilio_webhooks.read(raw.data, raw.headers.get("x-twilio-signature", ""), about.now)
    except BadSignature as no:
        raise AppError(FORBIDDEN, f"This is not Twilio's: {no}.") from None
    if isinstance(told, StatusNews):
        await take_status(deps.store, client, told, about.now)
    elif told is not None:
        await take(deps.store, client, told, about.now)
    return NO_ANSWER
