"""Webhook: partners' own systems answer; and the route by which they learn what to sign with."""

from __future__ import annotations

import re

import azure.durable_functions as df
from pydantic import Field

from shared.dialogue.inbound import MEDIA_MAX, TEXT_LENGTH_MAX, Inbound
from shared.dialogue.media import File, keep
from shared.dialogue.receiving import take
from shared.dialogue.signed import HEADER, BadSignature, check
from shared.errors import FORBIDDEN, NOT_FOUND, AppError
from shared.people.access import PUBLIC, Caller, Need, Role
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Raw, Routes
from triggers.parse import Base64, Input, Output, model_of

routes = Routes("webhooks", is_signed=True)
settings = Routes("webhooks")
JSON = ("application/json",)
BODY_BYTES_MAX = 15_000_000
PREFIX = "api_"
"""Before the id of a message of ours, what its provider calls it: with partners' systems that is we ourselves."""
PARTY = Need(roles=frozenset({Role.PARTNER, Role.HUB, Role.WORKER}), scopes=frozenset({"tasks:write"}))
_PARTY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Attachment(Input):
    """A file; data: in base64."""

    media_type: str = Field(min_length=3, max_length=100)
    data: Base64


class PartnerReply(Input):
    """What a partner's system answers. id: of its own making, one per answer; in_reply_to: the id of our message.

    payload: of one of the replies that were offered; else it is read from the text.
    """

    id: str = Field(min_length=1, max_length=128)
    in_reply_to: str = Field(default="", max_length=200)
    thread: str = Field(default="", max_length=200)
    payload: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=TEXT_LENGTH_MAX)
    attachments: list[Attachment] = Field(default_factory=list, max_length=MEDIA_MAX)


class Kept(Output):
    """An answer as it was kept; is_new: False for one that had come before."""

    id: str
    is_new: bool


class WebhookView(Output):
    """secret: signs both ways, as `Webhook-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""

    secret: str
    answers_to: str


@routes.post(
    "/webhooks/partners/{partner_id}",
    need=PUBLIC,
    media_types=JSON,
    body_bytes_max=BODY_BYTES_MAX,
    errors=(FORBIDDEN,),
)
async def partner_webhook(
    partner_id: str, raw: Raw, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> Kept:
    """A partner's system answers a message; the same again changes nothing."""
    if not _PARTY_ID.fullmatch(partner_id):
        raise AppError(NOT_FOUND, "There is no such partner.")
    try:
        check(deps.partner_secrets.of(partner_id), raw.data, raw.headers.get(HEADER, ""), about.now)
    except BadSignature as no:
        raise AppError(FORBIDDEN, f"This is not the partner's: {no}.") from None
    body = model_of(raw.data, PartnerReply)
    inbound = Inbound(
        channel="api",
        sender=partner_id,
        provider_id=f"{partner_id}:{body.id}",
        in_reply_to=f"{PREFIX}{body.in_reply_to}" if body.in_reply_to else "",
        thread=body.thread,
        payload=body.payload,
        text=body.text,
        media=tuple([await keep(deps.blobs, File(one.data, one.media_type)) for one in body.attachments]),
        at=about.now,
    )
    taken = await take(deps.store, client, inbound, about.now)
    return Kept(id=body.id, is_new=taken.is_new)


@settings.get("/api/v1/partners/{partner_id}/webhook", need=PARTY)
async def get_webhook(partner_id: str, caller: Caller, deps: Deps, about: About) -> WebhookView:
    """What a partner's own system signs with, and where it answers."""
    if caller.subject != partner_id or not _PARTY_ID.fullmatch(partner_id):
        audit.refused_object(caller, f"webhook of {partner_id}", about)
        raise AppError(NOT_FOUND, "There is no such partner, or it is not yours to see.")
    host = deps.settings.public_url.rstrip("/") or about.origin
    return WebhookView(
        secret=deps.partner_secrets.of(partner_id), answers_to=f"{host}/webhooks/partners/{partner_id}"
    )
