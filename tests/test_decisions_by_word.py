"""A customer who writes yes or no instead of tapping a button: it counts, where it is surely their own word."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.dialogue.delivery import Outgoing, sent_to
from tests.talking import Talk, tell
from tests.test_live_demo_flow import data
from tests.waiting import Waiting, below

PHONE, EMAIL = "+15125550131", "fay@example.com"
CANDLE = "juniper-and-wren.CANDLE-CEDAR"


@pytest.fixture(autouse=True, scope="module")
def reached(town: Any) -> None:
    settings = {"phone": PHONE, "has_whatsapp": True, "email": EMAIL, "news": ["web", "whatsapp", "email"]}
    assert town.as_("customer", "ann").put("/api/v1/me", json=settings).status_code == 200


def proposed(town: Any, name: str) -> Talk:
    """Red flowers that are to be pink, which only somebody else has."""
    talk = Talk(town, name)
    talk.change()
    assert talk.waiting()["kind"] == "recovery"
    return talk


def sent(box: str) -> list[Outgoing]:
    return asyncio.run(sent_to(wiring.deps().store, box, 50))


def thread(talk: Talk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(talk.ann.get(f"/api/v1/orders/{talk.id}/messages"))["items"]
    return found


def test_a_yes_by_whatsapp_takes_what_is_proposed(town: Any) -> None:
    talk = proposed(town, "word-yes")
    for _ in range(3):
        tell(town, "word-yes-1", "Yes please!", sender=PHONE)
    assert talk.pending() == []
    assert talk.recovery()["status"] == "replaced"
    assert talk.order()["legs"][0]["escrow_status"] == "replaced"
    said = [(one["by"], one["text"]) for one in reversed(thread(talk))]
    assert said == [("customer", "Yes please!"), ("ai", "Thank you. I'll go ahead.")]


def test_a_no_by_whatsapp_leaves_it_and_a_second_word_is_small_talk(town: Any) -> None:
    talk = proposed(town, "word-no")
    tell(town, "word-no-1", "no thanks", sender=PHONE)
    assert talk.pending() == []
    tell(town, "word-no-2", "yes", sender=PHONE)
    assert talk.recovery()["status"] != "replaced"
    talk.as_it_was()


@pytest.mark.parametrize("text", ["Where is it now?", "hmm", "yes if it is cheaper", "ok, great", "good to know"])
def test_what_is_no_plain_word_decides_nothing(town: Any, text: str) -> None:
    talk = proposed(town, f"word-plain-{len(text)}")
    tell(town, f"word-{text}", text, sender=PHONE)
    assert len(talk.pending()) == 1
    talk.decide("reject")


def test_an_email_that_anybody_may_have_sent_decides_nothing(town: Any) -> None:
    talk = proposed(town, "word-mail")
    answered = next(one for one in sent(f"email:{EMAIL}") if one.message.thread == f"order:{talk.id}")
    assert "Pink Flowers" in answered.message.text
    forged = {"channel": "email", "sender": "mallory@example.org", "in_reply_to": answered.provider_id}
    tell(town, "word-mail-1", "Yes", **forged, is_proven=False)
    assert len(talk.pending()) == 1
    assert "answer it yourself" in thread(talk)[0]["text"]
    tell(town, "word-mail-2", "Yes", **{**forged, "sender": EMAIL})
    assert talk.pending() == []
    assert talk.recovery()["status"] == "replaced"


def test_an_agents_yes_is_not_the_customers(town: Any) -> None:
    talk = proposed(town, "word-agent")
    agent = town.as_("agent", "gemini", acting_for="ann", scopes=["orders:read", "orders:write"])
    assert agent.post("/api/v1/chat", json={"text": f"Yes, go ahead with order {talk.id}"}).status_code == 200
    town.host.settle()
    assert len(talk.pending()) == 1
    for speaker, waits in ((agent, 1), (talk.ann, 0)):
        answer = speaker.post(f"/api/v1/orders/{talk.id}/messages", json={"text": "Yes, go ahead"})
        assert answer.status_code == 202, answer.text
        town.host.settle()
        assert len(talk.pending()) == waits
    assert sum("answer it yourself" in one["text"] for one in thread(talk)) == 1


def test_a_partners_yes_is_not_the_customers(town: Any) -> None:
    talk = proposed(town, "word-partner")
    partner = town.as_("partner", talk.a)
    assert partner.post(f"/api/v1/orders/{talk.id}/messages", json={"text": "Yes"}).status_code == 202
    town.host.settle()
    assert len(talk.pending()) == 1
    talk.decide("reject")


def test_the_moment_of_a_standing_intent_is_answered_by_whatsapp(town: Any) -> None:
    ann = Waiting(town, "ann")
    town.host.advance(timedelta(minutes=1))
    intent = ann.begin(lines=[{"product_id": CANDLE}], conditions=below(100), approval={"when": "always"})
    tell(town, "word-intent-1", "how is it going?", sender=PHONE)
    assert ann.see(intent)["reasoning"] in {one.message.text for one in sent(f"whatsapp:{PHONE}")}
    ann.change(intent, conditions=below(9_000))
    assert ann.status(intent) == "awaiting_approval"
    assert any("You may answer yes or no." in one.message.text for one in sent(f"whatsapp:{PHONE}"))
    tell(town, "word-intent-2", "Yes", sender=PHONE)
    assert ann.status(intent) == "done"
