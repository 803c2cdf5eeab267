"""Negotiation over HTTP: counter-offers, silence, frustration, people who step in."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from shared import wiring
from shared.adapters.vision_measures import PillowVision
from shared.dialogue.events import negotiation_payload
from shared.dialogue.media import File, keep
from shared.dialogue.photos import BadPhoto, Sight
from tests.talking import PURPLE, SILENT, Talk, until_morning, usd
from tests.test_live_demo_flow import data


def test_a_counter_offer_at_no_extra_cost(town: Any) -> None:
    talk = Talk(town, "purple", f"{PURPLE} at no extra cost")
    purple = talk.has("Deep Purple Metallic Flowers", 5_000, attributes={"colour": ["purple"]})
    before = talk.balances()
    talk.ask()
    assert talk.talk()["status"] == "awaiting_customer"
    (question,) = talk.pending()
    assert question["kind"] == "counter_offer"
    assert "Deep Purple Metallic" in question["text"]
    assert question["facts"]["colour"] == "purple"
    assert question["facts"]["price"] == usd(5_000)
    talk.decide("approve")
    assert talk.talk()["status"] == "agreed"
    (leg, *_) = talk.order()["legs"]
    assert leg["id"] == "leg-1"
    assert "Deep Purple Metallic" in leg["title"]
    assert leg["items"][0]["product_id"] == purple
    assert talk.balances() == before
    assert any("Agreed, thank you" in text for text in talk.told("whatsapp:+15125550198"))
    talk.flows_are_well()


@pytest.mark.parametrize(("words", "more"), [("for $5 more", 500), ("for $3 less", -300)])
def test_a_counter_offer_at_another_price_moves_the_difference_alone(town: Any, words: str, more: int) -> None:
    talk = Talk(town, f"price{more}", f"{PURPLE} {words}")
    before, stock = talk.balances(), talk.stock(talk.red)
    talk.ask()
    (question,) = talk.pending()
    assert question["facts"]["price_difference"] == usd(more)
    talk.decide("approve")
    order = talk.order()
    old, new = order["legs"][0], order["legs"][-1]
    assert (old["escrow_status"], new["escrow_status"]) == ("replaced", "held")
    assert (new["partner"]["id"], new["price"]) == (talk.a, usd(5_000 + more))
    assert order["total"]["minor"] == talk.placed["total"]["minor"] + more
    after = talk.balances()
    assert sum(after.values()) == 0
    assert after["provider:clearing"] == before["provider:clearing"] - more
    assert talk.stock(talk.red) == stock, "what is held stays held"
    cancelled = talk.ann.post(f"/api/v1/orders/{talk.id}/cancel", json={})
    assert cancelled.status_code == 202
    town.host.settle()
    assert talk.stock(talk.red) == (stock or 0) + 1
    assert talk.balances().get("provider:clearing", 0) == 0, "all of it is back on the card"
    talk.flows_are_well()


def test_a_delay_moves_the_time_chain(town: Any) -> None:
    talk = Talk(town, "later", "We can do pink, but 45 minutes later")
    talk.ask()
    assert talk.pending()[0]["facts"]["later_by_minutes"] == 45
    before = talk.placed["legs"][0]["ends"]
    talk.decide("approve")
    assert talk.order()["legs"][0]["ends"] > before
    assert talk.order()["legs"][0]["escrow_status"] == "held"


def test_the_third_counter_offer_goes_to_a_person(town: Any) -> None:
    others = ("white lilies", "yellow tulips", "orange roses")
    says = (f"Pink is booked, but I have {one} available at no extra cost" for one in others)
    talk = Talk(town, "thrice", *says, lead_minutes=600)
    talk.ask()
    talk.decide("reject")
    assert talk.talk()["status"] == "awaiting_customer"
    talk.decide("reject")
    found = talk.talk()
    assert (found["status"], found["escalation"]["reason"], found["counter_offers"]) == ("escalated", "deadlock", 3)
    assert [one["reason"] for one in talk.queue()] == ["deadlock"]
    assert talk.pending() == []
    assert talk.staff("take-over").status_code == 200
    resolved = talk.staff("resolve", outcome="agreed", title="Orange roses", price=usd(5_200))
    assert data(resolved)["status"] == "agreed"
    assert talk.order()["legs"][-1]["price"] == usd(5_200)
    assert sum(talk.balances().values()) == 0
    assert talk.queue()[0]["status"] == "resolved"
    talk.flows_are_well()


def test_an_offer_without_a_price_is_asked_for_it(town: Any) -> None:
    talk = Talk(town, "unpriced", PURPLE, "$54 altogether", lead_minutes=600)
    talk.ask()
    found = talk.talk()
    assert "cost altogether?" in found["rounds"][1]["asked"]
    assert (found["status"], found["counter_offers"]) == ("awaiting_customer", 1)
    (question,) = talk.pending()
    assert "deep purple" in question["text"].lower()
    assert question["facts"]["price"] == usd(5_400)


def test_a_yes_at_another_price_is_the_customers_to_decide(town: Any) -> None:
    talk = Talk(town, "cheaper-yes", "Yes, it costs $47.00")
    talk.ask()
    assert talk.pending()[0]["facts"]["price"] == usd(4_700)


# --- photos


def picture(colour: str, blur: float = 0, side: int = 640, lines: str = "#202020") -> bytes:
    """A photo of one colour with something to be sharp about."""
    image = Image.new("RGB", (side, side), colour)
    draw = ImageDraw.Draw(image)
    for at in range(0, side, 16):
        draw.line((at, 0, side - at, side), fill=lines, width=2)
    data_ = io.BytesIO()
    (image.filter(ImageFilter.GaussianBlur(blur)) if blur else image).save(data_, "PNG")
    return data_.getvalue()


def photo(shot: bytes) -> Any:
    return asyncio.run(keep(wiring.deps().blobs, File(shot, "image/png")))


def test_a_good_photo_is_passed_on_with_its_offer(town: Any) -> None:
    talk = Talk(town, "photo", SILENT)
    talk.ask()
    shot = photo(picture("#6a0dad"))
    talk.reply("p1", "Will this purple work? Same price.", media=(shot,))
    (question,) = talk.pending()
    assert question["facts"]["photo"] == shot.blob.name
    talk.decide("approve")
    assert talk.talk()["status"] == "agreed"


@pytest.mark.parametrize(
    ("name", "shot", "asks"),
    [
        ("blurred", picture("#6a0dad", blur=9), "a sharper photo?"),
        ("small", picture("#6a0dad", side=120), "a larger photo?"),
        ("green", picture("#2e8b57"), "The customer would like purple."),
    ],
)
def test_a_bad_photo_is_asked_for_again(town: Any, name: str, shot: bytes, asks: str) -> None:
    talk = Talk(town, f"photo-{name}", SILENT, lead_minutes=600)
    talk.ask()
    talk.reply(f"p-{name}", "Will this purple work? Same price.", media=(photo(shot),))
    found = talk.talk()
    assert (found["status"], found["rounds"][0]["kind"]) == ("awaiting_partner", "photo_refused")
    assert asks in found["rounds"][1]["asked"]
    assert talk.pending() == []


def test_a_doubtful_photo_goes_to_a_person(town: Any) -> None:
    talk = Talk(town, "photo-unsure", SILENT, lead_minutes=600)
    talk.ask()
    talk.reply("p-unsure", "Will this purple work? Same price.", media=(photo(picture("#800020", lines="#ffffff")),))
    assert talk.talk()["escalation"]["reason"] == "photo", talk.talk()
    assert "near to purple at best" in talk.queue()[0]["text"]


class Seeing(PillowVision):
    """Measures as ever, and sees what it is told to see; keeps what it was told that photos show."""

    def __init__(self, sees: Sight | None) -> None:
        self.sees = sees
        self.claimed: list[str] = []

    async def look(self, data: bytes, media_type: str, claimed: str) -> Sight | None:
        self.claimed.append(claimed)
        if self.sees is None:
            raise BadPhoto("the picture cannot be read (OSError)")
        return self.sees


@pytest.mark.parametrize(
    ("name", "shot", "sees", "kind", "looks"),
    [
        ("other", picture("#6a0dad"), Sight("no", "a purple car"), "photo_unsure", 1),
        ("spared", picture("#800020", lines="#ffffff"), Sight("yes", "dark purple flowers"), "counter", 1),
        ("doubt", picture("#800020", lines="#ffffff"), Sight("unsure", "flowers"), "photo_unsure", 1),
        ("broken", picture("#6a0dad"), None, "photo_refused", 1),
        ("blur", picture("#6a0dad", blur=9), Sight("yes", "purple flowers"), "photo_refused", 0),
        ("yellow", picture("#ffe135"), Sight("yes", "purple flowers"), "photo_refused", 0),
    ],
)
def test_a_model_looks_at_what_measures_do_not_refuse(
    town: Any, monkeypatch: pytest.MonkeyPatch, name: str, shot: bytes, sees: Sight | None, kind: str, looks: int
) -> None:
    seeing = Seeing(sees)
    monkeypatch.setitem(vars(wiring.deps()), "vision", seeing)
    talk = Talk(town, f"seen-{name}", SILENT, lead_minutes=600)
    talk.ask()
    talk.reply(f"seen-{name}", "Will this purple work? Same price.", media=(photo(shot),))
    assert talk.talk()["rounds"][0]["kind"] == kind
    assert len(seeing.claimed) == looks
    assert all("purple" in claimed for claimed in seeing.claimed)


# --- silence, people


@pytest.mark.parametrize(("name", "lead", "minutes"), [("jit", None, 15), ("standard", 600, 60)])
def test_silence_goes_to_a_person_and_then_helps_itself(town: Any, name: str, lead: int | None, minutes: int) -> None:
    until_morning(town)
    talk = Talk(town, f"silence-{name}", SILENT, lead_minutes=lead)
    talk.ask()
    town.host.advance(timedelta(minutes=minutes - 1))
    assert talk.talk()["status"] == "awaiting_partner"
    town.host.advance(timedelta(minutes=1))
    found = talk.talk()
    assert (found["status"], found["escalation"]["reason"]) == ("escalated", "no_answer")
    (matter,) = talk.queue()
    assert (matter["order"], matter["status"]) == (talk.id, "open")
    assert talk.a not in matter["text"]
    assert "We still need your word" in talk.asked_of_partner()[-1].message.text
    town.host.advance(timedelta(minutes=31))
    assert talk.queue()[0]["status"] == "resolved"
    assert talk.waiting()["kind"] == "recovery"
    assert talk.recovery()["reason"] == "silent"
    talk.decide("reject")
    talk.as_it_was()
    talk.flows_are_well()


def test_a_late_answer_counts_while_nobody_has_taken_it(town: Any) -> None:
    talk = Talk(town, "late-yes", SILENT)
    talk.ask()
    talk.run_out()
    assert talk.talk()["status"] == "escalated"
    talk.tap("late-1", "accept")
    assert talk.talk()["status"] == "agreed"
    assert talk.order()["legs"][0]["title"] == "Pink flowers"
    assert talk.queue()[0]["status"] == "resolved"
    talk.flows_are_well()


def test_who_has_taken_it_has_time_and_the_assistant_is_silent(town: Any) -> None:
    talk = Talk(town, "taken", SILENT)
    talk.ask()
    talk.run_out()
    assert talk.staff("take-over").status_code == 200
    said = len(talk.asked_of_partner())
    talk.reply("taken-1", "No!")
    town.host.advance(timedelta(hours=2))
    assert talk.talk()["status"] == "escalated", "what a person has in hand does not run out after 30 minutes"
    assert len(talk.asked_of_partner()) == said
    assert talk.pending() == []
    assert talk.staff("hand-back").status_code == 200
    assert talk.talk()["status"] == "awaiting_partner"
    assert "I am back" in talk.asked_of_partner()[-1].message.text
    talk.reply("taken-2", "Yes, we can")
    assert talk.talk()["status"] == "agreed"
    talk.flows_are_well()


def test_a_person_may_say_no(town: Any) -> None:
    talk = Talk(town, "person-no", SILENT)
    talk.ask()
    assert talk.staff("take-over").status_code == 200
    assert talk.staff("resolve", outcome="declined", note="They have none.").status_code == 200
    assert talk.talk()["status"] == "declined"
    assert talk.waiting()["kind"] == "recovery"
    assert talk.staff("resolve", outcome="agreed").status_code == 409


def test_a_person_steps_in_while_the_customer_thinks(town: Any) -> None:
    talk = Talk(town, "stepped-in", f"{PURPLE} for $5 more")
    talk.ask()
    assert talk.staff("take-over").status_code == 200
    assert talk.pending() == [], "what the customer was asked is taken back"
    assert talk.staff("resolve", outcome="agreed", title="Pink after all").status_code == 200
    assert talk.talk()["status"] == "agreed"
    assert talk.order()["legs"][0]["title"] == "Pink after all"
    assert talk.recovery_count() == 0
    talk.flows_are_well()


@pytest.mark.parametrize("price", [{"minor": 5_000, "currency": "EUR"}, {"minor": 0, "currency": "USD"}])
def test_a_person_cannot_agree_on_an_odd_price(town: Any, price: dict[str, Any]) -> None:
    talk = Talk(town, f"odd-{price['currency']}", SILENT)
    talk.ask()
    talk.staff("take-over")
    assert talk.staff("resolve", outcome="agreed", title="Pink", price=price).status_code == 422


# --- moods


def test_frustration_goes_to_a_person(town: Any) -> None:
    talk = Talk(town, "frustrated", "I already told you no pink!")
    talk.ask()
    assert talk.talk()["escalation"]["reason"] == "frustration"
    town.host.advance(timedelta(hours=25))
    assert talk.talk()["status"] == "unresolved"
    talk.as_it_was()
    assert any("could not settle" in text for text in talk.told("web:customer:ann"))


@pytest.mark.parametrize(("words", "status"), [("No extra cost", "agreed"), ("No", "declined")])
def test_a_plain_no_and_no_extra_cost_are_no_frustration(town: Any, words: str, status: str) -> None:
    talk = Talk(town, f"calm-{len(words)}", words)
    talk.ask()
    found = talk.talk()
    assert (found["status"], found["rounds"][0]["mood"]) == (status, "calm")
    assert talk.queue() == []


def test_too_little_time_for_another_round_goes_to_a_person(town: Any) -> None:
    until_morning(town)
    talk = Talk(town, "urgent", f"{PURPLE} at no extra cost")
    talk.ask()
    talk.decide("reject")
    assert talk.talk()["escalation"]["reason"] == "urgency"


# --- replies, odd and often


def test_doubled_and_belated_replies_are_heard_once(town: Any) -> None:
    talk = Talk(town, "doubled", SILENT, lead_minutes=600)
    talk.ask()
    for _ in range(2):
        talk.tap("d-1", "modify")
    talk.tap("d-2", "accept", 1)
    assert len(talk.talk()["rounds"]) == 2, "an answer to the first question is none to the second"
    assert talk.talk()["status"] == "awaiting_partner"
    for _ in range(2):
        talk.reply("d-3", f"{PURPLE} at no extra cost")
    assert talk.talk()["counter_offers"] == 1
    talk.tap("d-4", "decline", 2)
    assert talk.talk()["status"] == "awaiting_customer"
    talk.decide("approve")
    assert talk.talk()["status"] == "agreed"
    talk.flows_are_well()


def test_what_is_written_to_an_older_question_is_an_answer_to_the_open_one(town: Any) -> None:
    talk = Talk(town, "older", SILENT, lead_minutes=600)
    talk.ask()
    talk.tap("o-1", "modify")
    assert len(talk.talk()["rounds"]) == 2
    talk.reply("o-2", f"{PURPLE} at no extra cost", number=1)
    found = talk.talk()
    assert (found["status"], found["counter_offers"]) == ("awaiting_customer", 1)
    assert "Deep Purple" in found["rounds"][1]["said"]


def test_another_number_answers_nothing(town: Any) -> None:
    talk = Talk(town, "stranger", SILENT)
    talk.ask()
    talk.reply("s-1", sender="+15125550111", payload=negotiation_payload(talk.talk_id, 1, "accept"))
    talk.reply("s-2", "Yes", sender="+15125550111")
    assert talk.talk()["status"] == "awaiting_partner"


