"""The Support Hub by WhatsApp: what is written and tapped there is the same conversation as in the web."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.peers import twilio_peer
from tests.peers.twilio_peer import SID, SMS, TOKEN, WHATSAPP, TwilioPeer
from tests.test_support_flow import Hub

PHONE = "+15125550177"
MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)


class Phones:
    """The app with Twilio behind it, and Ann, who wants her news by WhatsApp."""

    def __init__(self, house: Any, peer: TwilioPeer) -> None:
        self.house, self.host, self.peer = house, house.host, peer
        self.count = 0
        settings = {"phone": PHONE, "has_whatsapp": True, "news": ["web", "whatsapp"]}
        assert house.as_("customer", "ann").put("/api/v1/me", json=settings).status_code == 200
        self.say("hello")
        self.hub = Hub(house, "whatsapp")

    def say(self, text: str, times: int = 1, **more: str) -> None:
        self.count += 1
        form = self.peer.said_form(self.count, f"whatsapp:{PHONE}", text, **more)
        for _ in range(times):
            assert self.peer.post(self.host.url, form).status_code == 200
        self.host.settle()
        self.host.advance(timedelta(seconds=1))

    def told(self) -> list[str]:
        return [json.dumps(one) for one in self.peer.messages if one["to"] == f"whatsapp:{PHONE}"]


@pytest.fixture
def phones(run_app: Callable[..., Any]) -> Iterator[Phones]:
    with twilio_peer.running() as peer:
        settings = {
            "MESSAGES": "twilio", "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_SMS_FROM": SMS,
            "TWILIO_WHATSAPP_FROM": WHATSAPP, "TWILIO_URL": peer.url, "PUBLIC_URL": "https://app.example",
            "CITY": "data/austin",
        }  # fmt: skip
        with run_app(ROOT, start=MONDAY, **settings) as house:
            peer.clock = lambda: house.host.now
            yield Phones(house, peer)


def test_whatsapp_and_web_are_one_conversation(phones: Phones) -> None:
    hub = phones.hub
    for text in ("Where is my order?", "the vase is cracked"):
        phones.say(text, times=3)
    said = hub.read(hub.ann)
    ours = [(one["text"], one["channel"], one["by"]) for one in reversed(said) if one["by"] == "customer"]
    assert ours == [("Where is my order?", "whatsapp", "customer"), ("the vase is cracked", "whatsapp", "customer")]
    assert sum(one["by"] == "ai" for one in said) == 2, "each is answered once, however often it comes"
    assert [one["reason"] for one in hub.matters()] == ["complaint"]
    hub.write(hub.doer(1), "We send you another one.")
    assert any("We send you another one." in told for told in phones.told())


def test_buttons_of_an_update_are_said_in_the_conversation(phones: Phones) -> None:
    hub = phones.hub
    phones.say("Track Order", ButtonPayload=f"order:{hub.id}:track", ButtonText="Track Order")
    (answer, tapped) = hub.read(hub.ann)
    assert (tapped["text"], answer["by"], answer["answers"]) == ("Track Order", "ai", tapped["id"])
    phones.say("Contact Support", ButtonPayload=f"order:{hub.id}:support", ButtonText="Contact Support")
    assert [one["reason"] for one in hub.matters()] == ["human_asked"]
