"""Answers come in over the webhooks: signed, kept once, matched, brought to the flow that waits; on every channel."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from schemathesis.generation import GenerationMode

from shared import wiring
from shared.dialogue.delivery import delivery_of
from shared.dialogue.inbound import INBOUND, Inbound, Received, matched
from shared.dialogue.media import with_media
from shared.dialogue.messages import OutboundMessage, Reply
from shared.dialogue.signed import secret_of, signature
from shared.discovery.partners import PARTNERS
from shared.records import Query, Write
from tests.adapters.messages_carriers import Email, partner
from tests.peers import partner_receiver, twilio_peer
from tests.peers.partner_receiver import PartnerReceiver
from tests.peers.twilio_peer import SID, SMS, TOKEN, WHATSAPP, TwilioPeer
from tests.triggers.fuzzing import fuzz_all

APP = Path(__file__).parents[1] / "answering"
PAYLOADS = Path(__file__).parent / "payloads"
START = datetime(2026, 3, 2, 15, tzinfo=UTC)
PHONE = "+15125550163"
PUBLIC = "https://app.example"
MASTER = "master-secret"


def question(name: str, number: int = 1, channel: str = "sms", to: str = PHONE, **more: Any) -> dict[str, Any]:
    replies = tuple(
        Reply(label=label, payload=f"neg:{name}:{number}:{label.lower()}") for label in ("Accept", "Decline")
    )
    base = {"id": f"{name}.{number}", "channel": channel, "to": to, "text": "Pink?", "thread": f"neg:{name}"}
    if channel == "email":
        base["subject"] = "Order ord-1"
    return OutboundMessage(**{**base, "round": number, "replies": replies, **more}).model_dump(mode="json")


class Answering:
    """The app with Twilio behind it."""

    def __init__(self, house: Any, peer: TwilioPeer) -> None:
        self.house, self.host, self.peer = house, house.host, peer

    def ask(self, name: str, *rounds: dict[str, Any]) -> None:
        self.host.start("talk", {"rounds": rounds or [question(name)]}, instance_id=name)
        self.host.settle()

    def say(self, number: int, text: str = "", sender: str = PHONE, **more: str) -> httpx.Response:
        answer = self.peer.post(self.host.url, self.peer.said_form(number, sender, text, **more))
        self.host.settle()
        return answer

    def kept(self) -> list[Received]:
        """What came in, oldest first."""

        async def look() -> list[Received]:
            page = await wiring.deps().store.query(INBOUND, Query({}, limit=200))
            return sorted((one.value for one in page.items), key=lambda one: (one.received_at, one.id))

        return asyncio.run(look())


@pytest.fixture
def answering(run_app: Callable[..., Any]) -> Iterator[Answering]:
    with twilio_peer.running() as peer:
        settings = {
            "MESSAGES": "twilio", "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_SMS_FROM": SMS,
            "TWILIO_WHATSAPP_FROM": WHATSAPP, "TWILIO_URL": peer.url, "PUBLIC_URL": PUBLIC,
        }  # fmt: skip
        with run_app(APP, start=START, **settings) as house:
            peer.clock = lambda: house.host.now
            yield Answering(house, peer)


# --- who is believed


def test_what_is_not_signed_is_refused_and_not_kept(answering: Answering) -> None:
    form = answering.peer.said_form(1, PHONE, "yes")
    headers = answering.peer.signed(form)
    for wrong in ({**headers, "X-Twilio-Signature": "x"}, {"Content-Type": headers["Content-Type"]}):
        answer = answering.house.http.post("/webhooks/twilio", content=b"a=b", headers=wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    for path in ("/webhooks/partners/rosie-and-thorn", "/webhooks/email"):
        answer = answering.house.http.post(path, json={"id": "1"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answering.kept() == []


def test_twilio_is_answered_in_its_language(answering: Answering) -> None:
    answer = answering.say(1, "hello")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")
    assert answer.headers["cache-control"] == "no-store"


def test_many_at_once_from_one_address_are_not_held_up(run_app: Callable[..., Any]) -> None:
    settings = {"TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": PUBLIC, "ANONYMOUS_CALLS_PER_MINUTE": "4"}
    with twilio_peer.running() as peer, run_app(APP, **settings) as house:
        answers = [peer.post(house.host.url, peer.said_form(n, PHONE, "hi")).status_code for n in range(1, 13)]
        assert set(answers) == {200}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(run_app: Callable[..., Any], mode: GenerationMode) -> None:
    """Random requests to every webhook: no fault, no undocumented status, no other shape."""
    with run_app(APP, start=START) as house:
        assert fuzz_all(house, mode, house.token("partner", "rosie-and-thorn"), 15) >= 4


# --- what they answer


@pytest.mark.parametrize("text", ["1", "Accept", "accept."])
def test_a_typed_choice_is_a_choice(answering: Answering, text: str) -> None:
    answering.ask("neg-1")
    assert answering.peer.messages[-1]["body"] == "Pink?\n\nReply 1 for Accept, 2 for Decline."
    assert answering.say(1, text).status_code == 200
    (answer,) = answering.host.result("neg-1")
    assert answer["payload"] == "neg:neg-1:1:accept"
    assert (answer["kind"], answer["message"], answer["round"]) == ("reply", "neg-1.1", 1)
    (kept,) = answering.kept()
    assert (kept.id, kept.status, kept.how, kept.thread) == (answer["inbound"], "raised", "open", "neg:neg-1")


def test_words_are_left_to_be_read(answering: Answering) -> None:
    answering.ask("neg-1")
    answering.say(1, "Pink is booked, but I have purple")
    (answer,) = answering.host.result("neg-1")
    assert answer["payload"] is None
    assert answering.kept()[0].message.text == "Pink is booked, but I have purple"


def test_a_tapped_button_with_the_recorded_payload(answering: Answering) -> None:
    """The recorded tap answers the first message that the peer has made."""
    whatsapp = "+15125550123"
    answering.say(7, "hello", f"whatsapp:{whatsapp}")
    answering.ask("neg-1", question("neg-1", channel="whatsapp", to=whatsapp))
    body = (PAYLOADS / "twilio_whatsapp_button.form").read_bytes().strip()
    form = dict(httpx.QueryParams(body.decode()).items())
    answer = httpx.post(
        f"{answering.host.url}/webhooks/twilio", content=body, headers=answering.peer.signed(form), timeout=60
    )
    assert answer.status_code == 200
    (told,) = answering.host.result("neg-1")
    assert told["payload"] == "neg:neg-1:1:accept"
    assert {one.message.text: one.how for one in answering.kept()} == {"hello": "none", "Accept": "answer"}


def test_doubled_and_out_of_order_answers_count_once_each_for_its_round(answering: Answering) -> None:
    answering.ask("neg-1", question("neg-1", 1), question("neg-1", 2))
    first = answering.peer.said_form(1, PHONE, "Accept", OriginalRepliedMessageSid=answering.peer.messages[0]["sid"])
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: answering.peer.post(answering.host.url, first).status_code, range(16)))
    assert set(sent) == {200}
    answering.host.settle()
    # Late, and once more: the first round has its answer, the second is not answered by it.
    answering.say(2, "Decline", OriginalRepliedMessageSid=answering.peer.messages[0]["sid"])
    assert answering.host.status("neg-1")["runtimeStatus"] == "Running"
    answering.say(3, "Decline", OriginalRepliedMessageSid=answering.peer.messages[1]["sid"])
    answers = answering.host.result("neg-1")
    assert [answer["payload"] for answer in answers] == ["neg:neg-1:1:accept", "neg:neg-1:2:decline"]
    assert len(answering.kept()) == 3


def test_many_answer_at_once_and_each_is_heard(answering: Answering) -> None:
    names = [f"neg-{number}" for number in range(40)]
    phones = {name: f"+1512556{number:04}" for number, name in enumerate(names)}
    for name in names:
        answering.host.start("talk", {"rounds": [question(name, to=phones[name])]}, instance_id=name)
    answering.host.settle()
    forms = [answering.peer.said_form(number, phones[name], "Accept") for number, name in enumerate(names)] * 2
    random.Random(7).shuffle(forms)
    with ThreadPoolExecutor(8) as pool:
        sent = set(pool.map(lambda form: answering.peer.post(answering.host.url, form).status_code, forms))
    assert sent == {200}
    told = {name: answering.host.result(name) for name in names}
    assert {name: [one["payload"] for one in answers] for name, answers in told.items()} == {
        name: [f"neg:{name}:1:accept"] for name in names
    }
    assert [one.status for one in answering.kept()] == ["raised"] * 40


def test_typed_words_go_to_the_newest_that_is_open(answering: Answering) -> None:
    for name in ("neg-1", "neg-2", "neg-3"):
        answering.ask(name)
        answering.host.advance(timedelta(minutes=1))
    answering.say(1, "Accept", OriginalRepliedMessageSid=answering.peer.messages[2]["sid"])
    answering.say(2, "Decline")
    assert answering.host.result("neg-3")[0]["payload"] == "neg:neg-3:1:accept"
    assert answering.host.result("neg-2")[0]["payload"] == "neg:neg-2:1:decline"
    assert answering.host.status("neg-1")["runtimeStatus"] == "Running"


def test_what_fits_nothing_is_kept_for_people(answering: Answering) -> None:
    answering.say(1, "hello?", "+15125550999")
    answering.ask("neg-1")
    answering.host.advance(timedelta(hours=2))
    assert answering.host.result("neg-1") == ["timed out"]
    answering.say(2, "sorry, I was busy")
    answering.host.advance(timedelta(seconds=1))
    answering.say(3, "Accept", OriginalRepliedMessageSid=answering.peer.messages[0]["sid"])
    kept = [(one.status, one.how, one.thread) for one in answering.kept()]
    assert kept == [
        ("unmatched", "none", None),
        ("unmatched", "last", "neg:neg-1"),
        ("unmatched", "answer", "neg:neg-1"),
    ]


def test_nobody_answers_for_another(answering: Answering) -> None:
    answering.ask("neg-1")
    answering.say(1, "Accept", "+15125550999", OriginalRepliedMessageSid=answering.peer.messages[0]["sid"])
    assert answering.host.status("neg-1")["runtimeStatus"] == "Running"
    assert answering.kept()[0].status == "unmatched"


def test_photos_are_fetched_by_who_looks_at_them(answering: Answering) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
    answering.peer.files = {"/private/1": "/private/2", "/private/2": (png, "image/png")}
    url = f"{answering.peer.url}/private/1"
    answering.ask("neg-1")
    answering.say(1, "Will this purple work?", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
    (answer,) = answering.host.result("neg-1")
    house = wiring.deps()

    async def look() -> Received | None:
        return await with_media(house.store, house.blobs, house.media, answer["inbound"])

    received = asyncio.run(look())
    assert received is not None
    (media,) = received.message.media
    assert media.blob is not None
    assert answering.house.http.get(f"/api/v1/images/{media.blob.name}").content == png


@pytest.mark.parametrize("status", ["new", "matched"])
def test_what_a_crash_has_left_is_brought_on_by_the_sweeper(answering: Answering, status: Any) -> None:
    """It was kept, perhaps matched, and nobody came to raise it."""
    answering.ask("neg-1")
    message = Inbound(channel="sms", sender=PHONE, provider_id="SMx", text="Accept", at=answering.host.now)
    found = matched(message, OutboundMessage.model_validate(question("neg-1")), []) if status == "matched" else None
    left = Received(
        id="sms:SMx",
        box=message.box,
        message=message,
        received_at=answering.host.now,
        status=status,
        **(found.model_dump() if found else {}),
    )

    async def leave() -> None:
        await wiring.deps().store.apply(INBOUND, left.id, [Write("create", left)])

    asyncio.run(leave())
    answering.host.advance(timedelta(minutes=10))
    (answer,) = answering.host.result("neg-1")
    assert answer["payload"] == "neg:neg-1:1:accept"
    assert answering.kept()[0].status == "raised"


# --- what became of ours


def test_status_reports_in_any_order(answering: Answering) -> None:
    answering.ask("neg-1")
    sid = answering.peer.messages[0]["sid"]
    statuses = ["queued", "sending", "sent", "delivered", "read"] * 2
    random.Random(5).shuffle(statuses)
    assert set(answering.peer.report(answering.host.url, sid, *statuses, "sent")) == {200}

    async def look() -> Any:
        return await delivery_of(wiring.deps().store, "neg-1.1")

    assert asyncio.run(look()).status == "read"


def test_a_message_that_did_not_arrive_is_told_to_its_flow_once(answering: Answering) -> None:
    answering.ask("neg-1", question("neg-1", 1), question("neg-1", 2))
    sid = answering.peer.messages[0]["sid"]
    answering.peer.report(answering.host.url, sid, "sent", "undelivered", "failed", error=30_003)
    answering.host.settle()
    answering.say(1, "Accept", OriginalRepliedMessageSid=answering.peer.messages[1]["sid"])
    first, second = answering.host.result("neg-1")
    assert (first["kind"], first["reason"], first["message"]) == ("undelivered", "30003", "neg-1.1")
    assert second["payload"] == "neg:neg-1:2:accept"


def test_news_of_messages_that_are_not_ours_harm_nobody(answering: Answering) -> None:
    answering.peer._kept(PHONE, SMS, "from the console", 0, None)
    assert answering.peer.report(answering.host.url, answering.peer.messages[0]["sid"], "failed", "read") == [200, 200]


def test_whatsapp_outside_of_its_window_tells_the_flow_to_turn_elsewhere(answering: Answering) -> None:
    answering.ask("neg-1", question("neg-1", channel="whatsapp"))
    assert answering.host.result("neg-1") == ["window_closed"]
    answering.say(1, "hello", f"whatsapp:{PHONE}")
    answering.ask("neg-2", question("neg-2", channel="whatsapp"))
    assert len(answering.peer.messages) == 1


def test_neither_numbers_nor_words_are_logged(answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        answering.ask("neg-1")
        answering.say(1, "the secret word")
        answering.peer.report(answering.host.url, answering.peer.messages[0]["sid"], "undelivered", error=30_003)
        answering.house.http.post("/webhooks/twilio", content=b"From=%2B15125550163&Body=secret",
                                  headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "aiosqlite"))]
    assert not [record for record in ours if "5125550163" in record.getMessage() or "secret" in record.getMessage()]


# --- partners' own systems


@contextmanager
def partners(run_app: Callable[..., Any], **settings: str) -> Iterator[tuple[Any, PartnerReceiver]]:
    name = "rosie-and-thorn"
    with partner_receiver.running(secret_of(MASTER, name)) as receiver:
        given = {"PARTNER_API": "https", "PARTNER_SECRET": MASTER, "PARTNER_PRIVATE": "true", "PUBLIC_URL": PUBLIC}
        with run_app(APP, start=START, **given, **settings) as house:

            def now() -> float:
                return float(house.host.now.timestamp())

            receiver.now = now

            async def settle_in() -> None:
                record = partner(name, "api", f"{receiver.url}/orders")
                await wiring.deps().store.apply(PARTNERS, name, [Write("put", record)])

            asyncio.run(settle_in())
            yield house, receiver


def test_a_partners_system_is_asked_and_answers(run_app: Callable[..., Any]) -> None:
    with partners(run_app) as (house, receiver):
        asked = question("neg-1", channel="api", to="rosie-and-thorn", id="m1")
        house.host.start("talk", {"rounds": [asked]}, instance_id="neg-1")
        house.host.settle()
        message = receiver.messages["m1"]
        assert message["answer_to"] == f"{PUBLIC}/webhooks/partners/rosie-and-thorn"
        url = message["answer_to"].replace(PUBLIC, house.host.url)
        said = json.loads((PAYLOADS / "partner_reply.json").read_text())
        answers = [receiver.answer(url, **said).json()["data"] for _ in range(2)]
        assert answers == [{"id": "evt-1", "is_new": True}, {"id": "evt-1", "is_new": False}]
        (told,) = house.host.result("neg-1")
        assert told["payload"] == "neg:neg-1:1:accept"


@pytest.mark.parametrize(
    "said",
    [
        {"thread": "neg:neg-1", "text": "Decline"},
        {"text": "decline"},
        {"payload": "neg:neg-1:1:decline"},
        {"in_reply_to": "m1", "text": "2"},
    ],
    ids=["thread", "text", "payload", "number"],
)
def test_partners_systems_may_answer_in_many_ways(run_app: Callable[..., Any], said: dict[str, str]) -> None:
    with partners(run_app) as (house, receiver):
        asked = question("neg-1", channel="api", to="rosie-and-thorn", id="m1")
        house.host.start("talk", {"rounds": [asked]}, instance_id="neg-1")
        house.host.settle()
        answer = receiver.answer(f"{house.host.url}/webhooks/partners/rosie-and-thorn", id="evt-1", **said)
        assert answer.status_code == 200
        assert house.host.result("neg-1")[0]["payload"] == "neg:neg-1:1:decline"


def test_a_partner_cannot_answer_as_another(run_app: Callable[..., Any]) -> None:
    with partners(run_app) as (house, receiver):
        asked = question("neg-1", channel="api", to="rosie-and-thorn", id="m1")
        house.host.start("talk", {"rounds": [asked]}, instance_id="neg-1")
        house.host.settle()
        assert receiver.answer(f"{house.host.url}/webhooks/partners/another-shop", id="1").status_code == 403
        receiver.secret = secret_of(MASTER, "another-shop")
        said = {"id": "1", "in_reply_to": "m1", "thread": "neg:neg-1", "payload": "neg:neg-1:1:accept", "text": "1"}
        assert receiver.answer(f"{house.host.url}/webhooks/partners/another-shop", **said).status_code == 200
        assert house.host.status("neg-1")["runtimeStatus"] == "Running"


def test_partners_are_told_what_is_wrong_with_their_answers(run_app: Callable[..., Any]) -> None:
    with partners(run_app) as (house, receiver):
        url = f"{house.host.url}/webhooks/partners/rosie-and-thorn"
        for said, field in [
            ({}, "body.id"), ({"id": "1", "txt": "x"}, "body.txt"), ({"id": "1", "text": "x" * 20_001}, "body.text"),
            ({"id": "1", "attachments": [{"media_type": "image/png", "data": "€"}]}, "body.attachments[0].data"),
        ]:  # fmt: skip
            answer = receiver.answer(url, **said)
            assert answer.status_code == 422, answer.text
            assert field in answer.json()["errors"][0]["field"]
        old = signature(receiver.secret, b"{}", house.host.now - timedelta(seconds=301))
        late = {"Webhook-Signature": old, "Content-Type": "application/json"}
        assert httpx.post(url, content=b"{}", headers=late).status_code == 403
        assert receiver.answer(f"{house.host.url}/webhooks/partners/Rosie!", id="1").status_code == 404


def test_a_partner_reads_its_secret_and_nobody_elses(run_app: Callable[..., Any]) -> None:
    with partners(run_app) as (house, receiver), house.as_("partner", "rosie-and-thorn") as rosie:
        told = rosie.get("/api/v1/partners/rosie-and-thorn/webhook").json()["data"]
        assert told == {"secret": receiver.secret, "answers_to": f"{PUBLIC}/webhooks/partners/rosie-and-thorn"}
        assert rosie.get("/api/v1/partners/another-shop/webhook").status_code == 404
        assert house.http.get("/api/v1/partners/rosie-and-thorn/webhook").status_code == 401
        with house.as_("customer", "ann") as ann:
            assert ann.get("/api/v1/partners/rosie-and-thorn/webhook").status_code == 403


def test_without_any_setting_partners_can_sign_and_nothing_leaves(run_app: Callable[..., Any]) -> None:
    with run_app(APP, start=START) as house:
        house.host.start(
            "talk", {"rounds": [question("neg-1", channel="api", to="rosie-and-thorn")]}, instance_id="neg-1"
        )
        house.host.settle()
        with house.as_("partner", "rosie-and-thorn") as rosie:
            told = rosie.get("/api/v1/partners/rosie-and-thorn/webhook").json()["data"]
            assert told["answers_to"].startswith(house.host.url)
        body = json.dumps({"id": "1", "text": "Accept"}).encode()
        headers = {
            "Webhook-Signature": signature(told["secret"], body, house.host.now),
            "Content-Type": "application/json",
        }
        assert httpx.post(told["answers_to"], content=body, headers=headers).status_code == 200
        assert house.host.result("neg-1")[0]["payload"] == "neg:neg-1:1:accept"


# --- email


@contextmanager
def mailing(run_app: Callable[..., Any], folder: Path) -> Iterator[tuple[Any, Email, Callable[..., httpx.Response]]]:
    with Email.running(folder) as email:
        settings = {
            "EMAIL": "smtp", "EMAIL_SECRET": "mail-secret", "SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none",
            "SMTP_PORT": str(email.mailbox.port), "SMTP_FROM": "orders@app.example", "PUBLIC_URL": PUBLIC,
        }  # fmt: skip
        with run_app(APP, start=START, **settings) as house:

            def receive(name: str, **changes: Any) -> httpx.Response:
                """The recorded mail, as an answer to the last one of ours."""
                mail = email.mails.mails[-1]
                text = (PAYLOADS / f"email_{name}.json").read_text().replace("KEY", mail["Message-ID"][1:41])
                body = json.dumps({**json.loads(text), **changes}).encode()
                signed = signature("mail-secret", body, house.host.now)
                headers = {"Webhook-Signature": signed, "Content-Type": "application/json"}
                answer = httpx.post(f"{house.host.url}/webhooks/email", content=body, headers=headers, timeout=60)
                house.host.settle()
                return answer

            yield house, email, receive


def asked_by_mail(house: Any) -> None:
    rounds = [question("neg-1", channel="email", to="Rosie@rosie.example")]
    house.host.start("talk", {"rounds": rounds}, instance_id="neg-1")
    house.host.settle()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"verified": False},
        {"in_reply_to": "", "references": []},
        {"to": ["orders@app.example"], "in_reply_to": ""},
        {"from": "someone@else.example"},
        {"in_reply_to": "", "references": [], "to": ["orders@app.example"]},
    ],
    ids=["all", "unverified", "by address", "by references", "from elsewhere", "by sender"],
)
def test_a_mail_is_matched_by_what_its_client_has_left(
    run_app: Callable[..., Any], tmp_path: Path, changes: dict[str, Any]
) -> None:
    with mailing(run_app, tmp_path / "mail") as (house, _, receive):
        asked_by_mail(house)
        assert receive("reply", **changes).json()["data"] == {"is_new": True}
        assert receive("reply", **changes).json()["data"] == {"is_new": False}
        (answer,) = house.host.result("neg-1")
        assert (answer["message"], answer["payload"]) == ("neg-1.1", None)


def test_a_link_in_a_mail_is_a_button(run_app: Callable[..., Any], tmp_path: Path) -> None:
    with mailing(run_app, tmp_path / "mail") as (house, _, receive):
        asked_by_mail(house)
        assert receive("button").status_code == 200
        assert house.host.result("neg-1")[0]["payload"] == "neg:neg-1:1:accept"


def test_an_absence_and_a_forged_sender_answer_nothing(run_app: Callable[..., Any], tmp_path: Path) -> None:
    with mailing(run_app, tmp_path / "mail") as (house, _, receive):
        asked_by_mail(house)
        assert receive("absence").status_code == 200
        forged = {"verified": False, "in_reply_to": "", "references": [], "to": ["orders@app.example"], "id": "<f>"}
        assert receive("reply", **forged).status_code == 200
        assert receive("button", **forged | {"id": "<g>"}).status_code == 200
        assert house.host.status("neg-1")["runtimeStatus"] == "Running"


def test_reports_of_failure_and_files_that_are_none_are_kept(run_app: Callable[..., Any], tmp_path: Path) -> None:
    with mailing(run_app, tmp_path / "mail") as (house, _, receive):
        asked_by_mail(house)
        files = [{"media_type": "image/png", "data": "R0lGODlh"}, {"media_type": "text/html", "data": "PGI+"}]
        assert receive("reply", **{"from": "", "attachments": files}).status_code == 200
        (answer,) = house.host.result("neg-1")

        async def look() -> Any:
            return await wiring.deps().store.get(INBOUND, answer["inbound"], answer["inbound"])

        kept = asyncio.run(look()).value
        assert kept.message.sender == "unknown"
        assert all(one.problem and one.blob is None for one in kept.message.media)
