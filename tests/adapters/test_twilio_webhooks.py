"""Twilio's webhooks: recorded payloads are read, and the same signatures are taken as by Twilio's own library."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from shared.adapters.twilio_webhooks import TwilioWebhooks, signature_of
from shared.dialogue.delivery import StatusNews
from shared.dialogue.inbound import Inbound
from shared.dialogue.signed import BadSignature

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOKEN, PUBLIC = "12345", "https://app.example"
URL = f"{PUBLIC}/webhooks/twilio"
PAYLOADS = Path(__file__).parents[1] / "triggers" / "payloads"
ORACLE = RequestValidator(TOKEN)
FIRST = f"SM{1:032x}"


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"twilio_{name}.form").read_bytes().strip()


def signature(body: bytes, url: str = URL) -> str:
    return str(ORACLE.compute_signature(url, dict(parse_qsl(body.decode(), keep_blank_values=True))))


def read(name: str) -> Inbound | StatusNews | None:
    body = recorded(name)
    return TwilioWebhooks(TOKEN, PUBLIC).read(body, signature(body), NOW)


def test_a_tapped_button() -> None:
    assert read("whatsapp_button") == Inbound(
        channel="whatsapp",
        sender="+15125550123",
        provider_id="SM8824d91645395b17594d92659b878468",
        in_reply_to=FIRST,
        payload="neg:neg-1:1:accept",
        text="Accept",
        at=NOW,
    )


def test_typed_words_with_all_their_signs() -> None:
    told = read("whatsapp_text")
    assert isinstance(told, Inbound)
    assert told.text.endswith("at no extra cost\n+ vase & card = 100% ours")
    assert (told.in_reply_to, told.payload) == ("", "")


def test_a_photo() -> None:
    told = read("whatsapp_photo")
    assert isinstance(told, Inbound)
    (photo,) = told.media
    assert photo.media_type == "image/jpeg"
    assert photo.url.startswith("https://api.twilio.com/2010-04-01/Accounts/")
    assert (told.text, photo.blob) == ("Will this purple work?", None)


def test_sms_with_blank_fields_and_mms_without_words() -> None:
    told, mms = read("sms_text"), read("mms_empty")
    assert isinstance(told, Inbound)
    assert isinstance(mms, Inbound)
    assert (told.channel, told.sender, told.text) == ("sms", "+15125550163", "1")
    assert [one.media_type for one in mms.media] == ["image/jpeg", "video/mp4"]
    assert mms.text == ""


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [("delivered", "delivered", ""), ("read", "read", ""), ("undelivered", "failed", "63016")],
)
def test_what_became_of_ours(name: str, status: str, error: str) -> None:
    assert read(f"status_{name}") == StatusNews.model_validate(
        {"provider_id": FIRST, "status": status, "at": NOW, "error": error}
    )


@pytest.mark.parametrize("name", sorted(path.stem.removeprefix("twilio_") for path in PAYLOADS.glob("*.form")))
def test_each_recorded_payload_is_believed_as_it_came_and_not_otherwise(name: str) -> None:
    body, webhooks = recorded(name), TwilioWebhooks(TOKEN, PUBLIC)
    assert webhooks.read(body, signature(body), NOW) is not None
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    without_blank = urlencode([(field, value) for field, value in pairs if value]).encode()
    others = [body + b"&Extra=1", body.replace(b"2010-04-01", b"2010-04-02", 1), body[: len(body) // 2], b""]
    others += [without_blank] if without_blank != urlencode(pairs).encode() else []
    for other in others:
        with pytest.raises(BadSignature):
            webhooks.read(other, signature(body), NOW)
    for wrong in ("", "x", signature(body)[:-2], signature(body, "http://app.example/webhooks/twilio")):
        with pytest.raises(BadSignature):
            webhooks.read(body, wrong, NOW)
    with pytest.raises(BadSignature, match="no account"):
        TwilioWebhooks("", PUBLIC).read(body, signature(body), NOW)


def test_twilios_published_vector() -> None:
    """https://www.twilio.com/docs/usage/security#validating-requests"""
    fields = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature_of("12345", url, fields.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


_field = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.dictionaries(_field.filter(bool), _field, max_size=8))
def test_signatures_are_those_of_twilios_library(fields: dict[str, str]) -> None:
    theirs = ORACLE.compute_signature(URL, fields)
    assert signature_of(TOKEN, URL, fields.items()) == theirs
    body = urlencode(fields).encode()
    assert TwilioWebhooks(TOKEN, PUBLIC).read(body, theirs, NOW) is None or "MessageSid" in fields


class Many(dict[str, str]):
    """Fields as web frameworks hand them over, several of one name."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "AB"]), st.sampled_from(["", "x", "y", "xy"])), max_size=8))
def test_also_where_a_field_comes_twice(pairs: list[tuple[str, str]]) -> None:
    assert signature_of(TOKEN, URL, pairs) == ORACLE.compute_signature(URL, Many(pairs))


@given(st.binary(max_size=80))
def test_no_bytes_are_too_strange(body: bytes) -> None:
    with pytest.raises(BadSignature):
        TwilioWebhooks(TOKEN, PUBLIC).read(body, "AAAA", NOW)


@pytest.mark.parametrize("field", ["MessageSid", "From"])
def test_what_names_no_message_or_nobody_is_nothing_to_us(field: str) -> None:
    pairs = [(name, "" if name == field else value) for name, value in parse_qsl(recorded("sms_text").decode())]
    body = urlencode(pairs).encode()
    assert TwilioWebhooks(TOKEN, PUBLIC).read(body, signature(body), NOW) is None
