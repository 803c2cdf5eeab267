"""Webhook: whoever receives our mail passes it on as JSON, signed with a secret that both know."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated

import azure.durable_functions as df
from pydantic import BaseModel, ConfigDict, Field

from shared.dialogue.inbound import MEDIA_MAX, TEXT_LENGTH_MAX, Inbound
from shared.dialogue.mail import key_in, payload_in, without_payload
from shared.dialogue.media import File, keep
from shared.dialogue.receiving import take
from shared.dialogue.signed import HEADER, BadSignature, check
from shared.errors import FORBIDDEN, AppError
from shared.people.access import PUBLIC
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Raw, Routes
from triggers.parse import Base64, Output, model_of

routes = Routes("webhooks", is_signed=True)
JSON = ("application/json",)
BODY_BYTES_MAX = 25_000_000
ADDRESSES_MAX = 100
TEXT_TAKEN_MAX = 1_000_000
NOBODY = "unknown"
"""Who sends what has no sender, as reports of failure have none."""

_Line = Annotated[str, Field(max_length=2_000)]


class _Lenient(BaseModel):
    """What receivers of mail send beside these fields is theirs."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class MailFile(_Lenient):
    """A file; data: in base64."""

    media_type: str = Field(default="", max_length=100)
    data: Base64


class Mail(_Lenient):
    """A mail. id: its Message-ID; from: address, with a name or without; text: of its plain part.

    auto_submitted: that header. verified: whether SPF or DKIM prove the sender's domain.
    """

    id: str = Field(min_length=1, max_length=998)
    sender: str = Field(alias="from", max_length=1_000)
    to: list[_Line] = Field(default_factory=list, max_length=ADDRESSES_MAX)
    in_reply_to: _Line = ""
    references: list[_Line] = Field(default_factory=list, max_length=ADDRESSES_MAX)
    text: str = Field(default="", max_length=TEXT_TAKEN_MAX)
    auto_submitted: str = Field(default="", max_length=200)
    attachments: list[MailFile] = Field(default_factory=list, max_length=100)
    verified: bool = False


class MailKept(Output):
    """A mail as it was kept; is_new: False for one that had come before."""

    is_new: bool


@routes.post(
    "/webhooks/email", need=PUBLIC, media_types=JSON, body_bytes_max=BODY_BYTES_MAX, errors=(FORBIDDEN,)
)
async def email_webhook(raw: Raw, deps: Deps, about: About, client: df.DurableOrchestrationClient) -> MailKept:
    """A mail to us; the same again changes nothing."""
    try:
        check(deps.settings.email_secret.get_secret_value(), raw.data, raw.headers.get(HEADER, ""), about.now)
    except BadSignature as no:
        raise AppError(FORBIDDEN, f"This is not of our receiver of mail: {no}.") from None
    mail = model_of(raw.data, Mail)
    media = [await keep(deps.blobs, File(one.data, one.media_type)) for one in mail.attachments[:MEDIA_MAX]]
    inbound = _inbound(mail, about).model_copy(update={"media": tuple(media)})
    taken = await take(deps.store, client, inbound, about.now)
    return MailKept(is_new=taken.is_new)


def _inbound(mail: Mail, about: About) -> Inbound:
    """The mail as a message; what a machine answers by itself, such as an absence, answers nothing of ours."""
    is_automatic = mail.auto_submitted.strip().lower() not in {"", "no"}
    places = [mail.in_reply_to, *mail.to, *reversed(mail.references)]
    return Inbound(
        channel="email",
        sender=parseaddr(mail.sender)[1].lower()[:254] or NOBODY,
        provider_id=mail.id,
        in_reply_to="" if is_automatic else key_in(places),
        payload="" if is_automatic else payload_in(mail.text),
        text=without_payload(mail.text)[:TEXT_LENGTH_MAX],
        at=about.now,
        is_proven=mail.verified and not is_automatic,
    )
