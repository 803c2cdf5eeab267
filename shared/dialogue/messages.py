"""A message to somebody on one channel, and how much each channel takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from shared.blobs import BlobRef

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


class Reply(BaseModel):
    """An answer that can be given by a tap; payload comes back as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    label: str = Field(min_length=1, max_length=REPLY_LABEL_LENGTH_MAX)
    payload: str = Field(min_length=1, max_length=REPLY_PAYLOAD_LENGTH_MAX)


class OutboundMessage(BaseModel):
    """What is to be said; one that its channel would not take cannot be made.

    id: made by the caller, one per message ever. to: a telephone number, an email address, or for api and web an id of
    a partner or person. thread: what it belongs to, such as a negotiation. payload: for programs, on api and web only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: MessageId
    channel: Channel
    to: str
    text: str = ""
    subject: str | None = Field(default=None, min_length=1, max_length=SUBJECT_LENGTH_MAX)
    thread: str | None = Field(default=None, min_length=1, max_length=200)
    replies: tuple[Reply, ...] = Field(default=(), max_length=REPLIES_MAX)
    attachments: tuple[BlobRef, ...] = Field(default=(), max_length=ATTACHMENTS_MAX)
    payload: dict[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _fits_its_channel(self) -> Self:
        problems = [*self._recipient(), *self._length(), *self._parts()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _recipient(self) -> Iterator[str]:
        pattern, what = _RECIPIENT[self.channel]
        if not pattern.fullmatch(self.to):
            yield f"`to` must be {what} for {self.channel}"

    def _length(self) -> Iterator[str]:
        most = TEXT_LENGTH_MAX[self.channel]
        if len(self.text) > most:
            yield f"`text` has {len(self.text)} characters; {self.channel} takes {most}"
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


class Sent(BaseModel):
    """That a provider took a message over; provider_id: by which it speaks of it later."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    message: str
    provider_id: str
    at: AwareDatetime
