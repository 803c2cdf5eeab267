"""Email by SMTP: text and HTML, replies as links that open a mail with the answer in it, threads by References.

The Message-ID follows from the message's id and a secret: the same message again is the same mail, and whoever names it
in an answer has had that mail in hands. The standard library's client is used, in a thread: a mail takes milliseconds.
"""

from __future__ import annotations

import asyncio
import hmac
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from hashlib import sha256
from html import escape
from typing import Literal, NoReturn

from shared.adapters.messages_broker import LEASE_SECONDS, Handed, InDoubt
from shared.dialogue.delivery import Outgoing
from shared.dialogue.mail import KEY_LENGTH, answer_address, link, message_id
from shared.dialogue.messages import OutboundMessage, Reason, Undeliverable
from shared.ports import Blobs, Clock
from shared.records import Unavailable

SECONDS_MAX = 45.0
STEP_SECONDS_MAX = 15.0
"""For each answer of the server; all of them together have SECONDS_MAX."""
_REFUSED: Reason = "refused"
_BAD_RECIPIENT: Reason = "bad_recipient"
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Mailbox:
    """Where mail is handed over and who it is from. sender: one address, to which answers come as `name+key@host`.

    secret: of the ids; certificates: whom to trust, None: the machine's own.
    """

    host: str
    port: int
    security: Security
    sender: str
    secret: str
    user: str = ""
    password: str = ""
    sender_name: str = ""
    certificates: ssl.SSLContext | None = None


class EmailCarrier:
    """A Carrier of the broker, for the channel `email`."""

    lease_seconds = LEASE_SECONDS

    def __init__(
        self, mailbox: Mailbox, blobs: Blobs, clock: Clock, step_seconds_max: float = STEP_SECONDS_MAX
    ) -> None:
        self._mailbox = mailbox
        self._blobs = blobs
        self._clock = clock
        self._step_seconds_max = step_seconds_max

    async def carry(self, message: OutboundMessage) -> Handed:
        """Hand it to the server; raises Undeliverable, InDoubt, Unavailable (nothing was done)."""
        mail = written(message, self._mailbox)
        mail["Date"] = self._clock.now()
        for ref in message.attachments:
            blob = await self._blobs.get(ref.name)
            if blob is None:
                raise Undeliverable("refused", "an attachment is there no more")
            kind, _, subtype = ref.media_type.partition("/")
            mail.add_attachment(blob.data, maintype=kind, subtype=subtype, filename=f"{ref.name[:12]}.{subtype}")
        try:
            async with asyncio.timeout(SECONDS_MAX):
                await asyncio.to_thread(self._hand_over, mail, message.to)
        except TimeoutError as error:
            raise InDoubt("the mail server takes too long.") from error
        return Handed(key_of(message.id, self._mailbox), "sent")

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:  # noqa: ARG002  the same Message-ID is the same mail
        """None: it may be sent again."""
        return ()

    def _hand_over(self, mail: EmailMessage, to: str) -> None:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server is not to be reached ({type(error).__name__}).") from error
        try:
            server.send_message(mail, from_addr=self._mailbox.sender, to_addrs=[to])
            with suppress(OSError, smtplib.SMTPException):
                server.quit()  # it has it by now
        except smtplib.SMTPException as error:
            _refuse(error)
        except OSError as error:
            raise InDoubt(f"the mail server's answer was lost ({type(error).__name__}).") from error
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        """Signed in; raises OSError, SMTPException, and closes what was open."""
        box, seconds = self._mailbox, self._step_seconds_max
        trusted = box.certificates or ssl.create_default_context()
        if box.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(box.host, box.port, timeout=seconds, context=trusted)
        else:
            server = smtplib.SMTP(box.host, box.port, timeout=seconds)
        try:
            if box.security == "starttls":
                server.starttls(context=trusted)
            if box.user:
                server.login(box.user, box.password)
        except BaseException:
            server.close()
            raise
        return server


def key_of(message_id: str, mailbox: Mailbox) -> str:
    """The local part of a message's Message-ID, which is also what is behind the + of the address to answer to."""
    return hmac.new(mailbox.secret.encode(), f"mail:{message_id}".encode(), sha256).hexdigest()[:KEY_LENGTH]


def written(message: OutboundMessage, mailbox: Mailbox) -> EmailMessage:
    """The mail but for its date and attachments."""
    name, _, host = mailbox.sender.rpartition("@")
    key, subject = key_of(message.id, mailbox), message.subject or ""
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = Address(mailbox.sender_name, name, host)
    mail["To"] = message.to
    mail["Reply-To"] = answer_address(key, mailbox.sender)
    mail["Subject"] = subject
    mail["Message-ID"] = message_id(key, mailbox.sender)
    if message.thread:
        # Nobody has sent this one: it stands for the thread, under which all its mails are filed.
        root = message_id(key_of(f"thread:{message.thread}", mailbox), mailbox.sender)
        mail["References"] = mail["In-Reply-To"] = root
    mail["Auto-Submitted"] = "auto-generated"
    links = [(one.label, link(key, mailbox.sender, subject, one.label, one.payload)) for one in message.replies]
    mail.set_content("\n\n".join([message.text, *(f"{label}: {url}" for label, url in links)]))
    mail.add_alternative(_html(message.text, links), subtype="html")
    return mail


def _html(text: str, links: Sequence[tuple[str, str]]) -> str:
    paragraphs = "".join(f"<p>{escape(one).replace(chr(10), '<br>')}</p>" for one in text.split("\n\n"))
    style = "display:inline-block;padding:10px 18px;margin:4px;border:1px solid #888;border-radius:6px"
    buttons = "".join(f'<a style="{style}" href="{escape(url)}">{escape(label)}</a>' for label, url in links)
    return f"<!doctype html><html><body>{paragraphs}<p>{buttons}</p></body></html>"


def _refuse(error: smtplib.SMTPException) -> NoReturn:
    """What a server's refusal comes to; its sentences are not passed on: they have addresses in them."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        raise InDoubt("the mail server hung up.") from error
    if isinstance(error, smtplib.SMTPNotSupportedError):
        raise Undeliverable("bad_recipient", "the mail server does not take such an address") from None
    codes, what = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else [], _REFUSED
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes, what = [code for code, _ in error.recipients.values()], _BAD_RECIPIENT
    if codes and all(500 <= code < 600 for code in codes):
        raise Undeliverable(what, f"the mail server's code is {codes[0]}") from None
    raise Unavailable(f"the mail server does not take it now ({codes or type(error).__name__}).") from error
