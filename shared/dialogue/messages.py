"""A message to somebody on one channel, and how much each channel takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from shared.blobs import BlobRef
from shared.dialogue.templates import BODY_LENGTH_MAX, TEMPLATES, VARIABLE_LENGTH_MAX, VARIABLES_MAX, filled

Channel = Literal["whatsapp", "sms", "email", "api", "web"]

TEXT_LENGTH_MAX: dict[Channel, int] = {"whatsapp": 1_600, "sms": 1_600, "email": 100_000, "api": 20_000, "web": 20_000}
"""Characters of text; for WhatsApp and SMS as Twilio takes them (https://www.twilio.com/docs/api/errors/21617)."""
SUBJECT_LENGTH_MAX = 200
REPLIES_MAX = 3
"""Buttons; three are what WhatsApp shows."""
REPLY_LABEL_LENGTH_MAX = 20
REPLY_PAYLOAD_LENGTH_MAX = 200
ATTACHMENTS_MAX = 10
PAYLOAD_BYTES_MAX = 64 * 1024
FACTS_MAX = 20
ROUND_MAX = 1_000
PHONE_CHANNELS: frozenset[Channel] = frozenset({"whatsapp", "sms"})

_PHONE = (re.compile(r"\+[1-9]\d{6,14}"), "a telephone number as E.164, such as +15125550123")
_ADDRESS = (re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,190}"), "one email address, such as ana@example.com")
_ID = (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}"), "an id of letters, digits and _ . : -")
_RECIPIENT: dict[Channel, tuple[re.Pattern[str], str]] = {
    "whatsapp": _PHONE,
    "sms": _PHONE,
    "email": _ADDRESS,
    "api": _ID,
    "web": _ID,
}

MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@=+-]{0,199}$")]


class MessageIdReused(Exception):
    """Another message was sent under this id; make a new id for a new message."""


Reason = Literal["window_closed", "unsubscribed", "bad_recipient", "refused", "not_offered"]
"""window_closed: WhatsApp takes only approved templates now; not_offered: nothing here carries that channel."""


class Undeliverable(Exception):
    """It will not arrive on this channel, however often it is tried; choose another, or another way to say it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Reply(BaseModel):
    """An answer that can be given by a tap; payload comes back as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    label: str = Field(min_length=1, max_length=REPLY_LABEL_LENGTH_MAX)
    payload: str = Field(min_length=1, max_length=REPLY_PAYLOAD_LENGTH_MAX)


class TemplateUse(BaseModel):
    """One of shared.dialogue.templates with its variables, in their order."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str = Field(max_length=64)
    variables: tuple[Annotated[str, Field(min_length=1, max_length=VARIABLE_LENGTH_MAX)], ...] = Field(
        default=(), max_length=VARIABLES_MAX
    )


class OutboundMessage(BaseModel):
    """What is to be said; one that its channel would not take cannot be made.

    id: made by the caller, one per message ever. to: a telephone number, an email address, or for api and web an id of
    a partner or person. thread: what it belongs to, such as a negotiation; round: which of its questions this asks, so
    that an answer finds the wait of that question. template: how to say it on WhatsApp where free text is not taken.
    payload: for programs, on api and web only. facts: what the text is about, for whoever plays a partner; no channel
    carries them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: MessageId
    channel: Channel
    to: str
    text: str = ""
    subject: str | None = Field(default=None, min_length=1, max_length=SUBJECT_LENGTH_MAX)
    thread: str | None = Field(default=None, min_length=1, max_length=200)
    round: int | None = Field(default=None, ge=1, le=ROUND_MAX)
    template: TemplateUse | None = None
    replies: tuple[Reply, ...] = Field(default=(), max_length=REPLIES_MAX)
    attachments: tuple[BlobRef, ...] = Field(default=(), max_length=ATTACHMENTS_MAX)
    payload: dict[str, JsonValue] | None = None
    facts: dict[str, JsonValue] | None = Field(default=None, max_length=FACTS_MAX)

    @model_validator(mode="after")
    def _fits_its_channel(self) -> Self:
        problems = [*self._recipient(), *self._length(), *self._parts(), *self._attached(), *self._template()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def box(self) -> str:
        """Channel and recipient in one."""
        return box_of(self.channel, self.to)

    @property
    def typed(self) -> str:
        """The text, with what to type for each reply, for where there are no buttons."""
        if not self.replies:
            return self.text
        ways = ", ".join(f"{number} for {reply.label}" for number, reply in enumerate(self.replies, 1))
        return f"{self.text}\n\nReply {ways}." if self.text.strip() else f"Reply {ways}."

    def _recipient(self) -> Iterator[str]:
        if problem := recipient_problem(self.channel, self.to):
            yield f"`to` {problem}"

    def _length(self) -> Iterator[str]:
        most, text = TEXT_LENGTH_MAX[self.channel], self.typed if self.channel in PHONE_CHANNELS else self.text
        if len(text) > most:
            yield f"`text` has {len(text)} characters, what to reply included; {self.channel} takes {most}"
        if self.payload is not None and len(json.dumps(self.payload, allow_nan=False).encode()) > PAYLOAD_BYTES_MAX:
            yield f"`payload` is larger than {PAYLOAD_BYTES_MAX} bytes: send a reference instead"

    def _parts(self) -> Iterator[str]:
        is_read_by_programs = self.channel in ("api", "web")
        if self.payload is not None and not is_read_by_programs:
            yield f"`payload` is for api and web, not {self.channel}: put it into the text"
        if not self.text.strip() and self.payload is None:
            yield "`text` is empty: say something"
        if (self.subject is not None) != (self.channel == "email"):
            yield "`subject` belongs to every email and to nothing else"
        if self.subject is not None and not self.subject.isprintable():
            yield "`subject` must be one line without control characters"

    def _attached(self) -> Iterator[str]:
        if self.channel not in PHONE_CHANNELS:
            return
        if any(not one.media_type.startswith("image/") for one in self.attachments):
            yield f"`attachments` are images on {self.channel}"
        if self.channel == "whatsapp" and len(self.attachments) > 1:
            yield "`attachments`: whatsapp takes one"

    def _template(self) -> Iterator[str]:
        if self.template is None:
            return
        template = TEMPLATES.get(self.template.name)
        if template is None:
            yield f"`template` is none of {', '.join(TEMPLATES)}"
        elif len(self.template.variables) != template.variables:
            yield f"`template` {template.name} has {template.variables} variables, not {len(self.template.variables)}"
        elif template.buttons != tuple(reply.label for reply in self.replies):
            yield f"`replies` must be those of the template: {', '.join(template.buttons) or 'none'}"
        elif len(filled(template, self.template.variables)) > BODY_LENGTH_MAX:
            yield f"`template`: filled in, it has more than {BODY_LENGTH_MAX} characters"


def recipient_problem(channel: Channel, to: str) -> str | None:
    """Why somebody cannot be reached so on a channel, in words that follow the field's name; None where they can."""
    pattern, what = _RECIPIENT[channel]
    return None if pattern.fullmatch(to) else f"must be {what} for {channel}"


def box_of(channel: Channel, address: str) -> str:
    """Where messages of a channel to or from somebody are filed; case makes no difference in email addresses."""
    return f"{channel}:{address.lower() if channel == 'email' else address}"


class Sent(BaseModel):
    """That a provider took a message over; provider_id: by which it speaks of it later."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    message: str
    provider_id: str
    at: AwareDatetime
