"""Twilio's adapter: what is said how, refusals, what it finds again, files; the peer held to Twilio's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from shared.adapters.blobs_folder import FolderBlobs
from shared.adapters.messages_broker import DOUBT_SECONDS, BrokerMessages, Carrier
from shared.adapters.messages_twilio import STATUSES, TwilioCarrier, TwilioSetup
from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.twilio_client import MEDIA_BYTES_MAX, TwilioClient
from shared.blobs import BlobRef
from shared.dialogue.delivery import Outgoing
from shared.dialogue.inbound import INBOUND, Inbound, Media, Received
from shared.dialogue.media import MediaRefused, with_media
from shared.dialogue.messages import OutboundMessage, Reply, TemplateUse, Undeliverable
from shared.dialogue.templates import SESSION, SESSION_MARGIN, TEMPLATES, contents, filled
from shared.records import Unavailable, Write
from tests.adapters.messages_carriers import PHONE, START, Sms
from tests.peers import twilio_peer
from tests.peers.twilio_peer import SERVICE, SID, SMS, TOKEN, WHATSAPP, Fault, TwilioPeer, fields_of

BUTTONS = tuple(Reply(label=label, payload=f"neg:n1:2:{label.lower()}") for label in ("Accept", "Decline", "Modify"))
ASK = TemplateUse(name="negotiation_request", variables=("Rosie", "ord-1", "Pink  roses\ninstead?", "15:30"))
IMAGE = BlobRef(name="a" * 64, size=9, media_type="image/png")


class WhatsApp(Sms):
    channel = "whatsapp"

    def __init__(self, folder: Path, peer: TwilioPeer) -> None:
        super().__init__(folder, peer)
        self.templates: dict[str, str] = {}

    def carrier(self, store: SqliteStore) -> Carrier:
        setup = TwilioSetup(self.peer.public, WHATSAPP, SMS, self.templates)
        return TwilioCarrier(TwilioClient(SID, TOKEN, self.peer.url), setup, store, self.clock)

    def hear(self, hours_ago: float) -> None:
        """The recipient has written to us."""
        form = self.peer.said_form(1, f"whatsapp:{PHONE}", "hi")
        at = self.clock.now() - timedelta(hours=hours_ago)
        self.peer._heard[f"whatsapp:{PHONE}"] = at
        message = Inbound(channel="whatsapp", sender=PHONE, provider_id=form["MessageSid"], text="hi", at=at)
        record = Received(id="whatsapp:1", box=message.box, message=message, received_at=at)

        async def keep(store: SqliteStore) -> None:
            await store.apply(INBOUND, record.id, [Write("put", record)])

        self.play(_nothing, keep)

    def set_up_templates(self) -> None:
        for number, content in enumerate(contents()):
            sid = f"HX{number:032x}"
            self.peer.contents[sid] = content
            self.templates[content["friendly_name"]] = sid

    def said(self, message: OutboundMessage) -> dict[str, list[str]]:
        async def send(messages: BrokerMessages) -> None:
            await messages.send(message)

        self.play(send)
        return fields_of(self.peer.forms[-1])

    def refused(self, message: OutboundMessage) -> Undeliverable:
        told = []

        async def send(messages: BrokerMessages) -> None:
            for _ in range(2):
                with pytest.raises(Undeliverable) as no:
                    await messages.send(message)
                told.append(no.value)

        self.play(send)
        assert told[0].reason == told[1].reason
        return told[0]


async def _nothing(_: BrokerMessages) -> None:
    return None


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[WhatsApp]:
    with WhatsApp.running(tmp_path) as running:
        assert isinstance(running, WhatsApp)
        yield running


def test_within_the_window_text_goes_as_it_is(phone: WhatsApp) -> None:
    phone.hear(hours_ago=23)
    form = phone.said(phone.message())
    assert form == {
        "To": [f"whatsapp:{PHONE}"],
        "From": [f"whatsapp:{WHATSAPP}"],
        "Body": ["Can you do pink?"],
        "StatusCallback": ["https://app.example/webhooks/twilio"],
    }


@pytest.mark.parametrize(
    ("age", "is_open"),
    [(SESSION - SESSION_MARGIN, False), (SESSION - SESSION_MARGIN - timedelta(seconds=1), True), (SESSION, False)],
)
def test_the_window_closes_with_the_day(phone: WhatsApp, age: timedelta, is_open: bool) -> None:
    phone.hear(hours_ago=age.total_seconds() / 3600)
    if is_open:
        assert "Body" in phone.said(phone.message())
        assert phone.peer.messages[-1]["will_fail"] is None
    else:
        assert phone.refused(phone.message()).reason == "window_closed"
        assert phone.peer.forms == []


def test_whoever_never_wrote_gets_approved_templates_alone(phone: WhatsApp) -> None:
    assert phone.refused(phone.message(replies=BUTTONS, template=ASK)).reason == "window_closed"
    phone.set_up_templates()
    form = phone.said(phone.message(id="m2", replies=BUTTONS, template=ASK))
    assert "Body" not in form
    variables = json.loads(form["ContentVariables"][0])
    assert variables["3"] == "Pink roses instead?"
    assert [variables[n] for n in ("5", "6", "7")] == [one.payload for one in BUTTONS]
    assert phone.peer.messages[-1]["body"] == filled(TEMPLATES["negotiation_request"], ASK.variables)
    assert phone.refused(phone.message(id="m3", replies=BUTTONS)).reason == "window_closed"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_within_the_window_any_message_has_buttons(phone: WhatsApp, count: int) -> None:
    phone.hear(hours_ago=1)
    phone.set_up_templates()
    form = phone.said(phone.message(text="Pink?\n\nOr red?", replies=BUTTONS[:count]))
    variables = json.loads(form["ContentVariables"][0])
    assert variables["1"] == phone.arrived()[-1] == "Pink? Or red?"
    assert variables["2"] == "Accept"
    assert variables["3"] == "neg:n1:2:accept"
    assert len(variables) == 1 + 2 * count


def test_where_no_template_is_set_up_one_types_a_number(phone: WhatsApp) -> None:
    phone.hear(hours_ago=1)
    phone.said(phone.message(replies=BUTTONS, template=ASK))
    assert phone.arrived() == ["Can you do pink?\n\nReply 1 for Accept, 2 for Decline, 3 for Modify."]


def test_texts_too_long_for_buttons_are_typed(phone: WhatsApp) -> None:
    phone.hear(hours_ago=1)
    phone.set_up_templates()
    phone.said(phone.message(text="x" * 1_100, replies=BUTTONS))
    assert phone.arrived()[-1].endswith("3 for Modify.")


def test_images_go_with_free_text_and_an_address_of_ours(phone: WhatsApp) -> None:
    phone.hear(hours_ago=1)
    phone.set_up_templates()
    form = phone.said(phone.message(replies=BUTTONS, attachments=(IMAGE,)))
    assert form["MediaUrl"] == [f"https://app.example/api/v1/images/{'a' * 64}"]
    assert "Reply 1" in form["Body"][0]


def test_a_messaging_service_sends_as_well(phone: WhatsApp) -> None:
    phone.hear(hours_ago=1)
    setup = TwilioSetup(phone.peer.public, whatsapp_from=SERVICE)
    phone.carrier = lambda store: TwilioCarrier(  # type: ignore[method-assign]
        TwilioClient(SID, TOKEN, phone.peer.url), setup, store, phone.clock
    )
    form = phone.said(phone.message())
    assert form["MessagingServiceSid"] == [SERVICE]
    assert "From" not in form
    sms = OutboundMessage(id="m2", channel="sms", to=PHONE, text="hi")

    async def send(messages: BrokerMessages) -> None:
        carrier = messages._carriers["whatsapp"]
        with pytest.raises(Undeliverable, match="not_offered"):
            await carrier.carry(sms)

    phone.play(send)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(21_610, "unsubscribed"), (21_614, "bad_recipient"), (63_016, "window_closed"), (21_655, "refused")],
)
def test_refusals_of_the_service_are_final_and_tell_no_number(tmp_path: Path, code: int, reason: str) -> None:
    with Sms.running(tmp_path) as sms:
        sms.peer.faults.append(Fault(400, code))

        async def send(messages: BrokerMessages) -> None:
            for _ in range(2):
                with pytest.raises(Undeliverable) as no:
                    await messages.send(sms.message())
                assert no.value.reason == reason
                assert str(code) in str(no.value)
                assert "5125550123" not in str(no.value)

        sms.play(send)
        assert len(sms.peer.forms) == 1


def test_whoever_has_said_stop_is_left_alone(tmp_path: Path) -> None:
    with Sms.running(tmp_path) as sms:
        sms.peer.blocked.add(PHONE)

        async def send(messages: BrokerMessages) -> None:
            with pytest.raises(Undeliverable, match="unsubscribed"):
                await messages.send(sms.message())

        sms.play(send)


@pytest.mark.parametrize(
    ("fault", "is_in_doubt"),
    [
        (Fault(500), True),
        (Fault(503, headers={"Retry-After": "7"}), True),
        (Fault(429, 20_429, headers={"Retry-After": "7"}), False),
        (Fault(401, 20_003), False),
        (Fault(404, 20_404), False),
        (Fault(is_cut=True), True),
    ],
    ids=["500", "503", "429", "401", "404", "cut"],
)
def test_faults_are_unavailable_and_tell_no_number(tmp_path: Path, fault: Fault, is_in_doubt: bool) -> None:
    with Sms.running(tmp_path) as sms:
        sms.peer.faults.append(fault)

        async def fail(messages: BrokerMessages) -> None:
            with pytest.raises(Unavailable) as error:
                await messages.send(sms.message())
            assert "5125550123" not in str(error.value)
            if fault.headers:
                assert error.value.retry_seconds == 7
            if is_in_doubt:
                with pytest.raises(Unavailable, match="just being sent"):
                    await messages.send(sms.message())
            else:
                await messages.send(sms.message())

        sms.play(fail)
        assert len(sms.arrived()) == (0 if is_in_doubt else 1)


@pytest.mark.parametrize("status", [500, 0], ids=["500", "cut"])
def test_after_a_lost_answer_its_list_is_asked(tmp_path: Path, status: int) -> None:
    with Sms.running(tmp_path) as sms:
        sms.peer.faults.append(Fault(status, is_after=True, is_cut=not status))
        receipts = []

        async def fail(messages: BrokerMessages) -> None:
            with pytest.raises(Unavailable):
                await messages.send(sms.message())

        async def send(messages: BrokerMessages) -> None:
            receipts.append(await messages.send(sms.message()))

        sms.play(fail)
        sms.wait(DOUBT_SECONDS)
        sms.play(send)
        assert [one.provider_id for one in receipts] == [sms.peer.messages[0]["sid"]]
        assert len(sms.peer.forms) == 1


def test_of_two_lost_answers_each_finds_its_own(tmp_path: Path) -> None:
    """Also where both say the same: what one has found is no longer free."""
    with Sms.running(tmp_path) as sms:
        sms.peer.faults += [Fault(500, is_after=True)] * 2
        receipts = []

        async def fail(messages: BrokerMessages) -> None:
            for name in ("m1", "m2"):
                with pytest.raises(Unavailable):
                    await messages.send(sms.message(id=name))

        async def send(messages: BrokerMessages) -> None:
            receipts.extend([await messages.send(sms.message(id=name)) for name in ("m2", "m1")])

        sms.play(fail)
        sms.wait(DOUBT_SECONDS)
        sms.play(send)
        assert len(sms.peer.messages) == 2
        assert {one.provider_id for one in receipts} == {one["sid"] for one in sms.peer.messages}


def test_messages_of_others_are_not_taken_for_ours(tmp_path: Path) -> None:
    """Older ones, other texts, those that came in: the message is sent."""
    with Sms.running(tmp_path) as sms:
        sms.peer._kept(PHONE, SMS, "Can you do pink?", 0, None)
        sms.wait(3_600)
        sms.peer._kept(PHONE, SMS, "Something else", 0, None)
        sms.peer.messages[-1]["direction"] = "outbound-api"
        sms.peer._kept(PHONE, SMS, "Can you do pink?", 0, None)
        sms.peer.messages[-1]["direction"] = "inbound"
        sms.peer.faults.append(Fault(500))

        async def fail(messages: BrokerMessages) -> None:
            with pytest.raises(Unavailable):
                await messages.send(sms.message())

        async def send(messages: BrokerMessages) -> None:
            await messages.send(sms.message())

        sms.play(fail)
        sms.wait(DOUBT_SECONDS)
        sms.play(send)
        assert len(sms.peer.messages) == 4


def test_while_its_list_is_not_to_be_had_nothing_is_sent(tmp_path: Path) -> None:
    with Sms.running(tmp_path) as sms:
        sms.peer.faults.append(Fault(500, is_after=True))

        async def fail(messages: BrokerMessages) -> None:
            with pytest.raises(Unavailable):
                await messages.send(sms.message())

        sms.play(fail)
        sms.wait(DOUBT_SECONDS)
        url, sms.peer.url = sms.peer.url, "http://127.0.0.1:9"
        sms.play(fail)
        sms.peer.url = url

        async def send(messages: BrokerMessages) -> None:
            await messages.send(sms.message())

        sms.play(send)
        assert sms.arrived() == ["Can you do pink?"]


def test_every_word_of_twilios_has_a_status() -> None:
    from twilio.rest.api.v2010.account.message import MessageInstance

    said = {value for name, value in vars(MessageInstance.Status).items() if not name.startswith("_")}
    assert said - {"receiving", "received"} == set(STATUSES)


# --- files


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def fetched(peer: Any, url: str) -> Any:
    return asyncio.run(TwilioClient(SID, TOKEN, peer.url).fetch(url))


def test_files_are_fetched_with_the_account_and_led_on_without(tmp_path: Path) -> None:
    with twilio_peer.running() as peer:
        peer.files = {"/private/1": "/private/2", "/private/2": (PNG, "image/png")}
        assert fetched(peer, f"{peer.url}/private/1") == (PNG, "image/png")
        assert all(is_known for _, is_known in peer.asked)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"/private/1": "http://169.254.169.254/latest"}, "not at an address"),
        ({"/private/1": "http://127.0.0.1:1/"}, "not at an address"),
        ({"/private/1": "file:///etc/passwd"}, "not at an address"),
        ({"/private/1": "/private/1"}, "from one address to the next"),
        ({"/private/1": (b"x", "video/mp4")}, "type"),
        ({"/private/1": (b"x" * (MEDIA_BYTES_MAX + 1), "image/png")}, "larger"),
    ],
    ids=["metadata", "other port", "file", "circle", "type", "size"],
)
def test_files_that_are_not_fetched(files: dict[str, Any], says: str) -> None:
    with twilio_peer.running() as peer:
        peer.files = files
        with pytest.raises(MediaRefused, match=says):
            fetched(peer, f"{peer.url}/private/1")


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM1/Media/ME2", True),
        ("https://mms.twiliocdn.com/x", True),
        ("https://s3-external-1.amazonaws.com/media.twiliocdn.com/x", True),
        ("https://s3-external-1.amazonaws.com/other/x", False),
        ("http://mms.twiliocdn.com/x", False),
        ("https://mms.twiliocdn.com:8443/x", False),
        ("https://user@mms.twiliocdn.com/x", False),
        ("https://twiliocdn.com.evil.example/x", False),
        ("https://api.twilio.com.evil.example/x", False),
        ("https://api.twilio.com@evil.example/x", False),
        ("https://eviltwiliocdn.com/x", False),
        ("", False),
    ],
)
def test_which_addresses_are_twilios(url: str, may: bool) -> None:
    assert TwilioClient(SID, TOKEN, "")._is_its_own(url) is may


def test_files_become_blobs_once_and_what_cannot_says_why(tmp_path: Path) -> None:
    with twilio_peer.running() as peer:
        peer.files = {"/private/1": (PNG, "image/png"), "/private/2": (b"GIF89a", "image/png")}
        urls = [f"{peer.url}/private/{number}" for number in (1, 2, 3)]
        message = Inbound(
            channel="whatsapp",
            sender=PHONE,
            provider_id="SM1",
            media=tuple(Media(url=url, media_type="image/png") for url in urls),
            at=START,
        )
        record = Received(id="whatsapp:SM1", box=message.box, message=message, received_at=START)
        blobs = FolderBlobs(tmp_path / "blobs")

        async def run() -> None:
            phone = Sms(tmp_path, peer)
            store = SqliteStore(tmp_path / "records.db", phone.clock)
            await store.apply(INBOUND, record.id, [Write("create", record)])
            source = TwilioClient(SID, TOKEN, peer.url)
            first = await with_media(store, blobs, source, record.id)
            assert first is not None
            asked = len(peer.asked)
            assert await with_media(store, blobs, None, record.id) == first
            assert len(peer.asked) == asked
            good, lying, gone = first.message.media
            assert good.blob is not None
            kept = await blobs.get(good.blob.name)
            assert kept is not None
            assert kept.data == PNG
            assert "image/png" in lying.problem
            assert gone.problem == "the provider has it no more"
            assert await with_media(store, blobs, source, "whatsapp:SM9") is None
            await store.close()

        asyncio.run(run())


# --- templates


def test_a_message_fits_its_template_or_cannot_be_made(phone: WhatsApp) -> None:
    for template, replies, says in [
        (TemplateUse(name="order_status", variables=("1",)), (), "has 2 variables, not 1"),
        (TemplateUse(name="none_such"), (), "is none of"),
        (ASK, BUTTONS[:2], "must be those of the template"),
        (TemplateUse(name="partner_notice", variables=("x" * 900, "y" * 900, "z")), (), "more than 1024"),
    ]:
        with pytest.raises(ValidationError, match=says):
            phone.message(template=template, replies=replies)


# --- the peer is as Twilio's own client has it


class Loopback(TwilioHttpClient):
    """The client's own, sent to the peer."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.url), *args, **more)


def test_twilios_own_client_understands_the_peer() -> None:
    with twilio_peer.running() as peer:
        client = Client(SID, TOKEN, http_client=Loopback(peer.url))
        made = client.messages.create(to=PHONE, from_=SMS, body="hi", status_callback="https://app.example/x")
        assert (made.status, made.direction, made.body) == ("queued", "outbound-api", "hi")
        assert made.date_created is not None
        listed = client.messages.list(to=PHONE, limit=5)
        assert [one.sid for one in listed] == [made.sid]
        with pytest.raises(TwilioRestException) as no:
            client.messages.create(to="5", from_=SMS, body="hi", status_callback="https://app.example/x")
        assert (no.value.status, no.value.code) == (400, 21_211)


def test_what_the_adapter_posts_is_what_twilios_client_would_post(phone: WhatsApp) -> None:
    phone.hear(hours_ago=1)
    phone.set_up_templates()
    ours = phone.said(phone.message(replies=BUTTONS, template=ASK))
    client = Client(SID, TOKEN, http_client=Loopback(phone.peer.url))
    client.messages.create(
        to=f"whatsapp:{PHONE}",
        from_=f"whatsapp:{WHATSAPP}",
        content_sid=phone.templates["negotiation_request"],
        content_variables=ours["ContentVariables"][0],
        status_callback="https://app.example/webhooks/twilio",
    )
    assert fields_of(phone.peer.forms[-1]) == ours


def test_an_outgoing_record_of_templates_finds_what_was_made_of_them(phone: WhatsApp) -> None:
    phone.set_up_templates()
    message = phone.message(replies=BUTTONS, template=ASK)
    phone.peer.faults.append(Fault(500, is_after=True))

    async def fail(messages: BrokerMessages) -> None:
        with pytest.raises(Unavailable):
            await messages.send(message)

    async def send(messages: BrokerMessages) -> None:
        outgoing = await messages._store.get(_outgoing(), "m1", "m1")
        assert outgoing is not None
        assert outgoing.value.is_in_doubt
        await messages.send(message)

    phone.play(fail)
    phone.wait(DOUBT_SECONDS)
    phone.play(send)
    assert len(phone.peer.messages) == 1


def _outgoing() -> Any:
    from shared.dialogue.delivery import OUTGOING

    assert OUTGOING.model is Outgoing
    return OUTGOING
