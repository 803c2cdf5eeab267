"""What people and programs write to us, as one type for all channels, and what of ours it answers.

A message is matched by the message it names or the button that was tapped, else by the newest question that is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.blobs import BlobRef
from shared.dialogue.messages import Channel, OutboundMessage, Reply, box_of
from shared.dialogue.reply.own_text import own_text
from shared.records import Container, Record
from shared.wire import Plain

MEDIA_MAX = 10
TEXT_LENGTH_MAX = 20_000
URL_LENGTH_MAX = 2_000

Status = Literal["new", "matched", "raised", "unmatched"]
How = Literal["answer", "button", "open", "last", "none"]
"""answer: it names the message it answers; button: of that button; open: the newest thread that is still open; last:
the newest thread there was, which waits for nothing; none: nothing was ever sent there."""


class Media(Plain):
    """A file that came with it; url: where the provider has it, until it is a blob of ours. problem: why it is not."""

    url: Annotated[str, Field(max_length=URL_LENGTH_MAX)] = ""
    media_type: Annotated[str, Field(max_length=100)] = ""
    blob: BlobRef | None = None
    problem: Annotated[str, Field(max_length=200)] = ""


class Inbound(Plain):
    """One message as its provider tells it.

    sender: a telephone number, an email address, an id. in_reply_to: the provider's id of the message it answers;
    thread: the one it is for, as the sender names it. payload: of the button that was tapped. is_proven: whether the
    sender is who they say, as far as the provider can tell; who names the message they answer needs no other proof.
    """

    channel: Channel
    sender: Annotated[str, Field(min_length=1, max_length=254)]
    provider_id: Annotated[str, Field(min_length=1, max_length=1_000)]
    in_reply_to: Annotated[str, Field(max_length=1_000)] = ""
    thread: Annotated[str, Field(max_length=200)] = ""
    payload: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    media: Annotated[tuple[Media, ...], Field(max_length=MEDIA_MAX)] = ()
    at: AwareDatetime
    is_proven: bool = True

    @property
    def box(self) -> str:
        """Channel and sender in one."""
        return box_of(self.channel, self.sender)


class Match(Plain):
    """What it answers: a message of ours, its thread and round; payload: of the reply chosen, tapped or typed."""

    how: How
    answers: str | None = None
    thread: str | None = None
    round: int | None = None
    payload: str | None = None


class Received(Record):
    """An inbound message and how far it has come."""

    box: str
    message: Inbound
    received_at: AwareDatetime
    status: Status = "new"
    how: How = "none"
    answers: str | None = None
    thread: str | None = None
    round: int | None = None
    payload: str | None = None


INBOUND = Container(
    "messages_inbound", Received, "id", indexes=("box,received_at", "thread,received_at", "status,received_at")
)


def matched(inbound: Inbound, answered: OutboundMessage | None, sent: Sequence[OutboundMessage]) -> Match | None:
    """What it answers by its own word: a message it names, the one whose button it is, a thread; None without a word.

    answered: the message of ours that in_reply_to stands for; sent: what the sender got, newest first. A button counts
    only where that very sender was given it.
    """
    # The id of an email of ours is a secret of those who got it, be it on to another address.
    is_its_channel = answered is not None and answered.channel == inbound.channel
    if answered is not None and is_its_channel and (answered.box == inbound.box or inbound.channel == "email"):
        return _match("answer", answered, inbound)
    if inbound.payload and inbound.is_proven:
        with_button = (one for one in sent if inbound.payload in {reply.payload for reply in one.replies})
        if (found := next(with_button, None)) is not None:
            return _match("button", found, inbound)
    if inbound.thread and inbound.is_proven:
        in_thread = [one for one in sent if one.thread == inbound.thread]
        if in_thread:
            return _match("answer", _question(in_thread), inbound)
    return None


def open_match(inbound: Inbound, sent: Sequence[OutboundMessage], open_thread: str | None) -> Match:
    """What it answers by our own guess: the newest question of the open thread, else the newest thread of all."""
    in_threads = [one for one in sent if one.thread]
    if not in_threads or not inbound.is_proven:
        return Match(how="none")
    if open_thread is None:
        return Match(how="last", thread=in_threads[0].thread)
    ours = [one for one in in_threads if one.thread == open_thread]
    return _match("open", _question(ours), inbound)


def _question(sent: Sequence[OutboundMessage]) -> OutboundMessage:
    """The newest that asks something, else the newest."""
    return next((one for one in sent if one.round or one.replies), sent[0])


def _match(how: How, message: OutboundMessage, inbound: Inbound) -> Match:
    reply = chosen(inbound, message.replies)
    return Match(
        how=how,
        answers=message.id,
        thread=message.thread,
        round=message.round,
        payload=reply.payload if reply else None,
    )


def chosen(inbound: Inbound, replies: Sequence[Reply]) -> Reply | None:
    """The reply that was tapped, or typed: its label or its number, and nothing else; what says more is to be read."""
    if inbound.payload:
        return next((reply for reply in replies if reply.payload == inbound.payload), None)
    typed = own_text(inbound.text).rstrip(".!").casefold()
    for number, reply in enumerate(replies, 1):
        if typed in {str(number), reply.label.casefold()}:
            return reply
    return None
