"""Email's adapter: the mail itself, its threads and links, TLS, and what a server's refusals come to."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.messages_broker import BrokerMessages
from shared.adapters.messages_email import Mailbox, written
from shared.blobs import BlobRef
from shared.dialogue.mail import key_in, payload_in, without_payload
from shared.dialogue.messages import OutboundMessage, Reply, Undeliverable
from shared.records import Unavailable
from tests.adapters.messages_carriers import START, Email

BOX = Mailbox("127.0.0.1", 25, "none", "orders@app.example", "secret", sender_name="Orders")
BUTTONS = tuple(Reply(label=label, payload=f"neg:n 1&2:2:{label.lower()}") for label in ("Accept", "Decline"))
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def email(tmp_path: Path) -> Iterator[Email]:
    with Email.running(tmp_path) as running:
        yield running


def sent(email: Email, **fields: object) -> EmailMessage:
    async def send(messages: BrokerMessages) -> None:
        await messages.send(email.message(**fields))

    email.play(send)
    return email.mails.mails[-1]


def links(mail: EmailMessage) -> list[str]:
    html = mail.get_body(("html",))
    assert html is not None
    return [part.split('"')[0].replace("&amp;", "&") for part in str(html.get_content()).split('href="')[1:]]


def test_a_mail_says_who_when_and_what_in_text_and_html(email: Email) -> None:
    mail = sent(email, text="One & <two>\n\nthree", subject="Rosé für Ana")
    assert mail["From"] == "Orders <orders@app.example>"
    assert (mail["To"], mail["Subject"]) == ("ana@example.com", "Rosé für Ana")
    assert mail["Date"].datetime == START
    assert mail["Auto-Submitted"] == "auto-generated"
    html = mail.get_body(("html",))
    assert html is not None
    assert "<p>One &amp; &lt;two&gt;</p><p>three</p>" in html.get_content()
    envelope = email.mails.envelopes[-1]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("orders@app.example", ["ana@example.com"])


def test_replies_are_links_that_answer_with_the_payload(email: Email) -> None:
    mail = sent(email, replies=BUTTONS)
    accept, decline = (urlsplit(link) for link in links(mail))
    key = key_in([mail["Message-ID"]])
    assert len(key) == 40
    assert unquote(accept.path) == mail["Reply-To"] == f"orders+{key}@app.example"
    query = parse_qs(accept.query)
    assert query["subject"] == ["Re: Your order"]
    assert payload_in(query["body"][0]) == BUTTONS[0].payload
    assert without_payload(query["body"][0]) == "Accept"
    assert payload_in(parse_qs(decline.query)["body"][0]) == BUTTONS[1].payload
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert payload_in(plain.get_content()) == ""  # whoever quotes it has not chosen


def test_mails_of_a_thread_are_filed_together_and_each_can_be_told(email: Email) -> None:
    first, second = sent(email, id="m1", thread="neg:1"), sent(email, id="m2", thread="neg:1")
    other, alone = sent(email, id="m3", thread="neg:2"), sent(email, id="m4")
    assert first["References"] == second["References"] != other["References"]
    assert alone["References"] is None
    assert len({mail["Message-ID"] for mail in (first, second, other, alone)}) == 4


def test_an_id_cannot_be_guessed_and_does_not_change() -> None:
    message = OutboundMessage(id="m1", channel="email", to="ana@example.com", text="x", subject="x")
    again = written(message, BOX)["Message-ID"]
    assert again == written(message, BOX)["Message-ID"]
    assert again != written(message, dataclasses.replace(BOX, secret="another"))["Message-ID"]


def test_pictures_are_in_the_mail(email: Email) -> None:
    ref = asyncio.run(email.blobs.put(PNG, "image/png"))
    mail = sent(email, attachments=(ref,))
    (attached,) = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_content()) == ("image/png", PNG)
    lost = BlobRef(name="0" * 64, size=1, media_type="image/png")
    with pytest.raises(Undeliverable, match="no more"):
        sent(email, id="m2", attachments=(lost,))


@pytest.mark.parametrize(
    ("said", "error", "match"),
    [
        ("550 No such user", Undeliverable, "bad_recipient"),
        ("552 Mailbox full", Undeliverable, "bad_recipient"),
        ("451 Greylisted", Unavailable, "451"),
    ],
)
def test_refusals_of_the_server(email: Email, said: str, error: type[Exception], match: str) -> None:
    email.mails.refuses.append(f"{said} <ana@example.com>")
    with pytest.raises(error, match=match) as told:
        sent(email)
    assert "ana@example.com" not in str(told.value)


def test_a_server_that_is_not_there_is_unavailable(email: Email) -> None:
    email.mailbox = dataclasses.replace(email.mailbox, port=9)
    with pytest.raises(Unavailable, match="not to be reached"):
        sent(email)


def test_an_address_that_the_server_does_not_take(tmp_path: Path) -> None:
    with Email.running(tmp_path, enable_SMTPUTF8=False) as email, pytest.raises(Undeliverable, match="bad_recipient"):
        sent(email, to="änne@example.com")


def test_the_way_is_encrypted_and_the_server_known(tmp_path: Path) -> None:
    """A certificate that nobody vouches for is refused, and nothing is shown to who has it."""
    server, trusting = certificates(tmp_path)
    with Email.running(tmp_path, tls_context=server, require_starttls=True) as email:
        email.mailbox = dataclasses.replace(email.mailbox, security="starttls")
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            sent(email)
        assert email.mails.mails == []
        email.mailbox = dataclasses.replace(email.mailbox, certificates=trusting)
        sent(email)
        assert len(email.mails.mails) == 1


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    server, trusting = certificates(tmp_path)
    with Email.running(tmp_path, ssl_context=server) as email:
        email.mailbox = dataclasses.replace(email.mailbox, security="tls", certificates=trusting)
        sent(email)
        assert len(email.mails.mails) == 1


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's own, and one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    host = x509.IPAddress(__import__("ipaddress").ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


@given(
    to=st.from_regex(r"[^\s@<>,;:\"]{1,20}@[^\s@<>,;:\"]{1,20}", fullmatch=True),
    subject=st.text(min_size=1, max_size=60).filter(str.isprintable),
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200).filter(str.strip),
)
def test_no_address_and_no_word_breaks_out_of_its_place(to: str, subject: str, text: str) -> None:
    message = OutboundMessage(id="m1", channel="email", to=to, text=text, subject=subject, thread="neg:1")
    mail = written(message, BOX)
    names = [name for name, _ in mail.items()]
    assert len(names) == len(set(names))
    assert set(names) <= {
        "From", "To", "Reply-To", "Subject", "Message-ID", "References", "In-Reply-To", "Auto-Submitted",
        "Content-Type", "MIME-Version",
    }  # fmt: skip
    assert mail.as_bytes().split(b"\r\n\r\n")[0].count(b"\r\nTo:") == 1
