"""The carriers that the suite is played against; each play is a process of its own on what was left before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.adapters.blobs_folder import FolderBlobs
from shared.adapters.messages_broker import BrokerMessages, Carrier, InboxCarrier
from shared.adapters.messages_email import EmailCarrier, Mailbox
from shared.adapters.messages_inbox import InboxMessages
from shared.adapters.messages_partners import PartnersCarrier
from shared.adapters.messages_twilio import TwilioCarrier, TwilioSetup
from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.twilio_client import TwilioClient
from shared.dialogue.messages import OutboundMessage
from shared.discovery.partners import PARTNERS, Partner
from shared.records import Write
from tests.peers import partner_receiver, twilio_peer
from tests.peers.partner_receiver import PartnerReceiver
from tests.peers.twilio_peer import SID, SMS, TOKEN, WHATSAPP, TwilioPeer

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PHONE = "+15125550123"
SECRET = "whsec_of-the-partner"
Scenario = Callable[[BrokerMessages], Awaitable[None]]


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


class Played:
    """What all of them share: a store, a clock, a broker on the carrier of one channel."""

    channel: Any
    to: str
    is_outside = True

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folder = folder

    def carrier(self, store: SqliteStore) -> Carrier:
        raise NotImplementedError

    def message(self, **fields: Any) -> OutboundMessage:
        subject = "Your order" if self.channel == "email" else None
        base = {"id": "m1", "channel": self.channel, "to": self.to, "text": "Can you do pink?", "subject": subject}
        return OutboundMessage(**{**base, **fields})

    def play(self, scenario: Scenario, prepare: Callable[[SqliteStore], Awaitable[None]] | None = None) -> None:
        async def run() -> None:
            store = SqliteStore(self.folder / "records.db", self.clock)
            try:
                if prepare:
                    await prepare(store)
                await scenario(BrokerMessages(store, self.clock, {self.channel: self.carrier(store)}))
            finally:
                await store.close()

        asyncio.run(run())

    def wait(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    def arrived(self) -> list[str]:
        """The texts that came to the other side."""
        raise NotImplementedError

    def break_down(self) -> None:
        """The next attempt fails and nothing is done."""
        raise NotImplementedError

    def lose_answer(self) -> None:
        """The next attempt is carried out, and its answer is lost."""
        raise NotImplementedError


class Inbox(Played):
    """The embedded one."""

    channel, to = "web", "customer:9"
    is_outside = False

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Inbox]:
        yield cls(folder)

    def carrier(self, store: SqliteStore) -> Carrier:
        return InboxCarrier(InboxMessages(store, self.clock))

    def arrived(self) -> list[str]:
        texts: list[str] = []

        async def look(_: BrokerMessages) -> None:
            store = SqliteStore(self.folder / "records.db", self.clock)
            page = await InboxMessages(store, self.clock).inbox(self.channel, self.to)
            texts.extend(one.message.text for one in page.items)
            await store.close()

        self.play(look)
        return texts


class Sms(Played):
    """Twilio's adapter, on a loopback server."""

    channel, to = "sms", PHONE

    def __init__(self, folder: Path, peer: TwilioPeer) -> None:
        super().__init__(folder)
        self.peer = peer
        self.peer.clock = self.clock.now
        self.setup = TwilioSetup(peer.public, WHATSAPP, SMS)

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Sms]:
        with twilio_peer.running() as peer:
            yield cls(folder, peer)

    def carrier(self, store: SqliteStore) -> Carrier:
        return TwilioCarrier(TwilioClient(SID, TOKEN, self.peer.url), self.setup, store, self.clock)

    def arrived(self) -> list[str]:
        return [one["body"] for one in self.peer.messages]

    def break_down(self) -> None:
        self.peer.faults.append(twilio_peer.Fault(429, 20_429, headers={"Retry-After": "3"}))

    def lose_answer(self) -> None:
        self.peer.faults.append(twilio_peer.Fault(is_after=True, is_cut=True))


class Mails:
    """What aiosmtpd hands over. refuses: codes for the next recipients; torn: so many are taken without a word."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.refuses: list[str] = []
        self.torn = 0

    async def handle_RCPT(  # noqa: N802  as aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.torn:
            self.torn -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


class OnFreePort(Controller):
    """aiosmtpd on a port that is free."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Email(Played):
    """The adapter of SMTP, on aiosmtpd."""

    channel, to = "email", "ana@example.com"

    def __init__(self, folder: Path, mails: Mails, mailbox: Mailbox) -> None:
        super().__init__(folder)
        self.mails = mails
        self.mailbox = mailbox
        self.blobs = FolderBlobs(folder / "blobs")

    @classmethod
    @contextmanager
    def running(cls, folder: Path, **server: Any) -> Iterator[Email]:
        mails = Mails()
        controller = OnFreePort(mails, hostname="127.0.0.1", port=0, **server)
        controller.start()
        mailbox = Mailbox("127.0.0.1", controller.port, "none", "orders@app.example", "secret", sender_name="Orders")
        try:
            yield cls(folder, mails, mailbox)
        finally:
            controller.stop(no_assert=True)

    def carrier(self, store: SqliteStore) -> Carrier:
        return EmailCarrier(self.mailbox, self.blobs, self.clock, step_seconds_max=5)

    def arrived(self) -> list[str]:
        """Mails of one Message-ID are one mail."""
        by_id = {mail["Message-ID"]: mail for mail in self.mails.mails}
        bodies = [mail.get_body(("plain",)) for mail in by_id.values()]
        return [str(body.get_content()).replace("\r\n", "\n").strip() for body in bodies if body]

    def break_down(self) -> None:
        self.mails.refuses.append("451 Try again later")

    def lose_answer(self) -> None:
        self.mails.torn = 1


class Api(Played):
    """The adapter of partners' systems, on a loopback one."""

    channel, to = "api", "rosie-and-thorn"

    def __init__(self, folder: Path, receiver: PartnerReceiver) -> None:
        super().__init__(folder)
        self.receiver = receiver
        self.receiver.now = lambda: self.clock.now().timestamp()
        self.address = f"{receiver.url}/orders"
        self.allows_private = True

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Api]:
        with partner_receiver.running(SECRET) as receiver:
            yield cls(folder, receiver)

    def carrier(self, store: SqliteStore) -> Carrier:
        secrets = {self.to: SECRET}
        return PartnersCarrier(
            store, self.clock, secrets.__getitem__, "https://app.example", allows_private=self.allows_private,
            seconds_max=2,
        )  # fmt: skip

    def play(self, scenario: Scenario, prepare: Callable[[SqliteStore], Awaitable[None]] | None = None) -> None:
        async def with_partner(store: SqliteStore) -> None:
            await store.apply(PARTNERS, self.to, [Write("put", partner(self.to, "api", self.address))])
            if prepare:
                await prepare(store)

        super().play(scenario, with_partner)

    def arrived(self) -> list[str]:
        return [one["text"] for one in self.receiver.messages.values()]

    def break_down(self) -> None:
        self.receiver.faults.append(partner_receiver.Fault(503, headers={"Retry-After": "3"}))

    def lose_answer(self) -> None:
        self.receiver.faults.append(partner_receiver.Fault(is_after=True, is_cut=True))


def partner(name: str, channel: str, address: str) -> Partner:
    place = {"address": "1 Congress Ave, Austin, TX", "point": {"lat": 30.27, "lng": -97.74}, "region": "austin"}
    return Partner.model_validate(
        {
            "id": name, "name": "Rosie & Thorn", "kind": "florist", "place": place,
            "hours": {"time_zone": "America/Chicago", "week": {"mon": "9:00-18:00"}},
            "contact": {"channel": channel, "address": address},
        }
    )  # fmt: skip


CARRIERS = (Inbox, Sms, Email, Api)
