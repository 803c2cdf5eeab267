"""Messages: what each channel takes, and the inbox that keeps them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.adapters.messages_inbox import InboxMessages
from shared.adapters.store_sqlite import SqliteStore
from shared.dialogue.messages import (
    ATTACHMENTS_MAX,
    PAYLOAD_BYTES_MAX,
    REPLIES_MAX,
    REPLY_LABEL_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    MessageIdReused,
    OutboundMessage,
    Reply,
)
from shared.ports import Messages

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PHONE = "+15125550123"
RECIPIENTS: dict[Any, str] = {
    "whatsapp": PHONE,
    "sms": PHONE,
    "email": "ana@example.com",
    "api": "partner-7",
    "web": "customer:9",
}


class StandingClock:
    def now(self) -> datetime:
        return NOW


def play(folder: Path, scenario: Callable[[InboxMessages], Awaitable[None]]) -> None:
    """Run a scenario on the inbox as a process would that starts on the same file."""

    async def run() -> None:
        store = SqliteStore(folder / "records.db", StandingClock())
        try:
            await scenario(InboxMessages(store, StandingClock()))
        finally:
            await store.close()

    asyncio.run(run())


def message(channel: Any = "whatsapp", **fields: Any) -> OutboundMessage:
    subject = "Your order" if channel == "email" else None
    base = {"id": "m1", "channel": channel, "to": RECIPIENTS[channel], "text": "Can you do pink?", "subject": subject}
    return OutboundMessage(**{**base, **fields})


@pytest.mark.parametrize("channel", RECIPIENTS)
def test_a_message_lands_in_its_recipients_inbox_and_no_other(tmp_path: Path, channel: Any) -> None:
    sent = message(channel, thread="negotiation-1", replies=(Reply(label="Accept", payload="n1:2:accept"),))

    async def send(messages: Messages) -> None:
        receipt = await messages.send(sent)
        assert (receipt.message, receipt.at) == ("m1", NOW)
        assert receipt.provider_id

    async def read(inbox: InboxMessages) -> None:
        page = await inbox.inbox(channel, sent.to)
        assert [(one.message, one.at) for one in page.items] == [(sent, NOW)]
        for other, to in [(channel, "nobody"), *((other, sent.to) for other in RECIPIENTS if other != channel)]:
            assert (await inbox.inbox(other, to)).items == []

    play(tmp_path, send)
    play(tmp_path, read)


def test_a_message_sent_again_lands_once(tmp_path: Path) -> None:
    async def scenario(inbox: InboxMessages) -> None:
        receipts = await asyncio.gather(*(inbox.send(message()) for _ in range(20)))
        assert len(set(receipts)) == 1
        assert len((await inbox.inbox("whatsapp", PHONE)).items) == 1

    play(tmp_path, scenario)
    play(tmp_path, scenario)


@pytest.mark.parametrize("change", [{"text": "And red?"}, {"to": "+15125550199"}, {"channel": "sms"}])
def test_an_id_stands_for_one_message(tmp_path: Path, change: dict[str, Any]) -> None:
    async def scenario(inbox: InboxMessages) -> None:
        await inbox.send(message())
        with pytest.raises(MessageIdReused, match="m1"):
            await inbox.send(message(**change))
        assert [one.message for one in (await inbox.inbox("whatsapp", PHONE)).items] == [message()]
        assert (await inbox.inbox("sms", PHONE)).items == []

    play(tmp_path, scenario)


def test_an_inbox_is_read_page_by_page_newest_first_even_while_the_clock_stands(tmp_path: Path) -> None:
    ids = [f"{name}{n}" for n, name in enumerate("zaymbxc")]

    async def scenario(inbox: InboxMessages) -> None:
        for one in ids:
            await inbox.send(message(id=one))
            await inbox.send(message(id=f"other-{one}", to="+15125550199"))
        read: list[str] = []
        after = None
        for _ in range(3):
            page = await inbox.inbox("whatsapp", PHONE, limit=3, after=after)
            read += [one.id for one in page.items]
            after = page.next
        assert read == ids[::-1]
        assert after is None
        with pytest.raises(ValueError, match="token"):
            await inbox.inbox("whatsapp", PHONE, after="made up")

    play(tmp_path, scenario)


@pytest.mark.parametrize("channel", TEXT_LENGTH_MAX)
def test_each_channel_has_its_length(channel: Any) -> None:
    most = TEXT_LENGTH_MAX[channel]
    assert len(message(channel, text="x" * most).text) == most
    with pytest.raises(ValidationError, match=f"takes {most}"):
        message(channel, text="x" * (most + 1))


BLOB = {"name": "0" * 64, "size": 1, "media_type": "image/png"}


@pytest.mark.parametrize(
    ("channel", "fields", "says"),
    [
        ("sms", {"to": "5125550123"}, "E.164"),
        ("sms", {"to": "+1512555\n0123"}, "E.164"),
        ("email", {"to": "ana@example.com\nBcc: all@example.com"}, "one email address"),
        ("email", {"to": "ana@example.com,bob@example.com"}, "one email address"),
        ("email", {"subject": None}, "`subject`"),
        ("email", {"subject": "Hello\nBcc: all@example.com"}, "one line"),
        ("email", {"subject": "x" * (SUBJECT_LENGTH_MAX + 1)}, "subject"),
        ("sms", {"subject": "Hello"}, "`subject`"),
        ("api", {"to": "../../x"}, "id of letters"),
        ("api", {"text": "", "payload": None}, "`text` is empty"),
        ("api", {"payload": {"x": "y" * PAYLOAD_BYTES_MAX}}, "`payload` is larger"),
        ("api", {"payload": {"x": float("nan")}}, "payload|JSON"),
        ("whatsapp", {"payload": {"x": 1}}, "`payload` is for api and web"),
        ("whatsapp", {"text": " \n"}, "`text` is empty"),
        ("whatsapp", {"replies": [{"label": "Yes", "payload": "y"}] * (REPLIES_MAX + 1)}, "replies"),
        ("whatsapp", {"replies": [{"label": "x" * (REPLY_LABEL_LENGTH_MAX + 1), "payload": "y"}]}, "label"),
        ("whatsapp", {"attachments": [BLOB] * (ATTACHMENTS_MAX + 1)}, "attachments"),
        ("whatsapp", {"attachments": [{**BLOB, "name": "../x"}]}, "name"),
        ("web", {"id": "a/b"}, "id"),
        ("web", {"id": ""}, "id"),
        ("fax", {}, "channel"),
    ],
)
def test_what_a_channel_would_not_take_cannot_be_made(channel: str, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        OutboundMessage(**{**message("web").model_dump(), "channel": channel, "to": RECIPIENTS.get(channel, "x"),
                           "subject": "Hello" if channel == "email" else None, **fields})  # fmt: skip


def test_programs_may_be_sent_data_alone() -> None:
    assert message("api", text="", payload={"kind": "offer", "rounds": [1, 2]}).payload is not None
