"""WhatsApp and SMS through Twilio: what is said how, and what it has of a message whose answer was lost.

On WhatsApp, free text is taken while the recipient's last message is not a day old, after that only what was approved
(shared/dialogue/templates.py). Buttons are templates too; where none is set up for them, one types a number instead, as
in SMS. Twilio knows no keys for repetition: a message in doubt is looked for in its list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.adapters.messages_broker import LEASE_SECONDS, Handed
from shared.adapters.twilio_client import TwilioClient, moment_of
from shared.dialogue.delivery import DeliveryStatus, Outgoing
from shared.dialogue.messages import OutboundMessage, Undeliverable
from shared.dialogue.receiving import last_heard
from shared.dialogue.templates import BODY_LENGTH_MAX, choice_variables, choices, content_variables, is_session_open
from shared.ports import Clock, Store

STATUSES: Mapping[str, DeliveryStatus] = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""Twilio's words for how far a message is."""
WEBHOOK_PATH = "/webhooks/twilio"
_SKEW = timedelta(minutes=2)
_SERVICE = "MG"


@dataclass(frozen=True)
class TwilioSetup:
    """whatsapp_from, sms_from: numbers (E.164), or a Messaging Service (`MG…`); empty: that channel is not offered.

    templates: name → content id (`HX…`); public_url: of this app, where Twilio reports to and fetches images.
    """

    public_url: str
    whatsapp_from: str = ""
    sms_from: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)


class TwilioCarrier:
    """A Carrier of the broker, for both channels."""

    lease_seconds = LEASE_SECONDS

    def __init__(self, client: TwilioClient, setup: TwilioSetup, store: Store, clock: Clock) -> None:
        self._client = client
        self._setup = setup
        self._store = store
        self._clock = clock

    async def carry(self, message: OutboundMessage) -> Handed:
        """Hand it over; raises Undeliverable, InDoubt, Unavailable (nothing was done)."""
        is_open = True
        if message.channel == "whatsapp":
            is_open = is_session_open(await last_heard(self._store, message.box), self._clock.now())
        form = [*self._address(message), *said(message, self._setup, is_open=is_open)]
        form.append(("StatusCallback", self._setup.public_url + WEBHOOK_PATH))
        made = await self._client.create(form)
        return _handed(made)

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:
        """What Twilio lists since the attempt that may be it: the same text first, then what templates have made."""
        message, since = outgoing.message, outgoing.tried_at - _SKEW
        found = []
        for one in await self._client.listed(_number(message.channel, message.to)):
            made_at = moment_of(one.get("date_created"))
            is_ours = str(one.get("direction", "")).startswith("outbound") and isinstance(one.get("sid"), str)
            if not is_ours or made_at is None or made_at < since:
                continue
            is_same = str(one.get("body", "")).strip().endswith(message.typed.strip())
            if is_same or message.replies or message.template:
                found.append((not is_same, made_at, _handed(one)))
        return [handed for _, _, handed in sorted(found)]

    def _address(self, message: OutboundMessage) -> Iterator[tuple[str, str]]:
        sender = self._setup.whatsapp_from if message.channel == "whatsapp" else self._setup.sms_from
        if not sender:
            raise Undeliverable("not_offered", f"no number is set up to send {message.channel} from")
        yield "To", _number(message.channel, message.to)
        is_service = sender.startswith(_SERVICE)
        yield ("MessagingServiceSid", sender) if is_service else ("From", _number(message.channel, sender))


def said(message: OutboundMessage, setup: TwilioSetup, *, is_open: bool) -> list[tuple[str, str]]:
    """The part of the form that says it; is_open: whether free text is taken. Raises Undeliverable.

    A template has no place for images: they go with free text alone.
    """
    template = message.template
    fixed = setup.templates.get(template.name) if template and message.channel == "whatsapp" else None
    if not is_open and not (template and fixed):
        raise Undeliverable("window_closed", "free text is not taken, and no approved template says it")
    images = [("MediaUrl", f"{setup.public_url}/api/v1/images/{one.name}") for one in message.attachments]
    is_told_freely = is_open and (images or not message.replies)
    if is_told_freely or message.channel == "sms":
        return [("Body", message.typed), *images]
    if template and fixed:
        payloads = [reply.payload for reply in message.replies]
        return _content(fixed, content_variables(template.variables, payloads))
    free = setup.templates.get(choices(len(message.replies)))
    if free and len(message.text) <= BODY_LENGTH_MAX:
        return _content(free, choice_variables(message.text, [(one.label, one.payload) for one in message.replies]))
    return [("Body", message.typed)]


def _content(sid: str, variables: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("ContentSid", sid), ("ContentVariables", json.dumps(variables, ensure_ascii=False))]


def _number(channel: str, number: str) -> str:
    return f"whatsapp:{number}" if channel == "whatsapp" else number


def _handed(resource: Mapping[str, Any]) -> Handed:
    return Handed(resource["sid"], STATUSES.get(str(resource.get("status")), "queued"))
