"""Negotiation, change and recovery over HTTP: counter-offers, silence, frustration, people who step in."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from shared import wiring
from shared.dialogue.delivery import Outgoing, sent_to
from shared.dialogue.events import negotiation_payload, negotiation_thread
from shared.dialogue.inbound import Inbound
from shared.dialogue.media import File, keep
from shared.dialogue.receiving import take
from shared.orders.changes import with_all_legs, with_leg
from shared.orders.order import ORDERS, Order
from shared.records import Write
from tests.conftest import ROOT, House, house
from tests.test_live_demo_flow import Demo, data
from tests.test_running_order_flow import Running

PURPLE = "Pink is booked, but I have a Deep Purple Metallic available"
NO_PINK = "No, we don't have pink"
SILENT = {"responses": [{"decision": "silent"}]}
A_CHANGE = {"type": "request", "any_of": ["change_request"]}


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


class Talk(Demo):
    """The demo's order, and a shop A that answers a change by what it is told to say, turn by turn."""

    def __init__(self, town: Any, name: str, *says: dict[str, Any] | str, **order: Any) -> None:
        super().__init__(town, f"nego-{name}", **order)
        self.a, self.b = self.shops["shop_a"]["partner_id"], self.shops["shop_b"]["partner_id"]
        if says:
            self.says(*says)

    def says(self, *turns: dict[str, Any] | str, partner: str = "") -> None:
        steps = [
            {"responses": [{"decision": "counter", "text": turn, "counter": {"item": "-"}}]}
            if isinstance(turn, str)
            else turn
            for turn in turns
        ]
        body = {"name": self.name, "partners": [partner or self.a], "when": A_CHANGE, "steps": steps, "priority": 900}
        assert self.ops.post("/api/v1/simulator/scenarios", json=body).status_code == 201

    def has(self, title: str, price: int, partner: str = "", **more: Any) -> str:
        body = {"partner": partner or self.a, "title": title, "price": usd(price), "stock": 9, **more}
        made = data(self.ops.post("/api/v1/simulator/products", json=body))
        return str(made["product"]["id"])

    def only_pink(self, title: str, price: int, **more: Any) -> None:
        """All that shop B has of pink."""
        self.bunch = self.has(title, price, partner=self.b, attributes={"colour": ["pink"]}, **more)
        path = f"/api/v1/simulator/products/{self.pink}"
        assert self.ops.patch(path, json={"status": "paused"}).status_code == 200

    def ask(self, text: str = "I want pink flowers instead of red") -> None:
        self.talk_id = self.change(text)["negotiation_id"]

    def talk(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ops.get(f"/api/v1/negotiations/{self.talk_id}"))
        return found

    def pending(self) -> list[dict[str, Any]]:
        page = data(self.ann.get("/api/v1/approvals", params={"status": "pending"}))
        return [one for one in page["items"] if one["about"] == f"order:{self.id}"]

    def recovery_count(self) -> int:
        return len(data(self.ann.get(f"/api/v1/orders/{self.id}/recoveries"))["items"])

    def recovery(self) -> dict[str, Any]:
        found: dict[str, Any] = data(self.ann.get(f"/api/v1/orders/{self.id}/recoveries"))["items"][0]
        return found

    def queue(self) -> list[dict[str, Any]]:
        about = {"about": f"negotiation:{self.talk_id}"}
        found: list[dict[str, Any]] = data(self.ops.get("/api/v1/escalations", params=about))["items"]
        return found

    def asked_of_partner(self) -> list[Outgoing]:
        """What the partner was written in this talk, the oldest first."""
        sent = asyncio.run(sent_to(wiring.deps().store, "whatsapp:+15125550198", 200))
        ours = (one for one in sent if one.message.thread == negotiation_thread(self.talk_id))
        return sorted(ours, key=lambda one: (one.at, one.message.round or 0))

    def reply(
        self, name: str, text: str = "", *, sender: str = "+15125550198", number: int | None = None, **more: Any
    ) -> None:
        """What the partner writes by itself to a question of ours, else to the last one, as its webhook takes it in."""
        asked = [one for one in self.asked_of_partner() if number in {None, one.message.round}][-1]
        tell(self.town, f"{self.name}-{name}", text, sender=sender, in_reply_to=asked.provider_id, **more)

    def run_out(self) -> None:
        """Nobody answers in time."""
        due = datetime.fromisoformat(self.talk()["rounds"][-1]["due_at"])
        self.town.host.advance(due - self.town.host.now)

    def tap(self, name: str, answer: str, number: int = 1) -> None:
        self.reply(name, payload=negotiation_payload(self.talk_id, number, answer), number=number)

    def staff(self, what: str, **body: Any) -> Any:
        answer = self.ops.post(f"/api/v1/negotiations/{self.talk_id}/{what}", json=body or None)
        self.town.host.settle()
        return answer

    def as_it_was(self) -> None:
        order = self.order()
        assert order["total"] == self.placed["total"]
        assert [leg["escrow_status"] for leg in order["legs"]] == ["held"] * len(order["legs"])
        assert sum(self.balances().values()) == 0

    def flows_are_well(self) -> None:
        flows = self.town.http.get("/runtime/webhooks/durabletask/instances", params={"runtimeStatus": "Failed"}).json()
        assert flows == []


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    """A town in which nobody else has an order that could run late, or stock that was sold."""
    with house(tmp_path, ROOT, datetime(2026, 11, 23, 16, tzinfo=UTC), CITY="data/austin") as running:
        yield running


def until_morning(town: Any) -> None:
    """Ten in the morning in Austin, so that what is ordered begins soon."""
    now = town.host.now
    town.host.advance((timedelta(hours=16 - now.hour, minutes=-now.minute, seconds=-now.second)) % timedelta(days=1))


class HostClient:
    """What a webhook has of the durable client, on the test's host."""

    def __init__(self, host: Any) -> None:
        self._host = host

    async def get_status(self, instance_id: str) -> Any:
        found = self._host.status(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name=found["runtimeStatus"]) if found else None)

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        return str(self._host.start(orchestration_function_name, client_input, instance_id=instance_id))

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        self._host.raise_event(instance_id, event_name, event_data)


def tell(town: Any, name: str, text: str = "", **more: Any) -> None:
    """Something that somebody writes to us comes in, by the id of its provider."""
    given = {"channel": "whatsapp", "provider_id": name, "at": town.host.now, "text": text, **more}
    asyncio.run(take(wiring.deps().store, HostClient(town.host), Inbound.model_validate(given), town.host.now))
    town.host.settle()


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
    ("name", "shot"), [("blurred", picture("#6a0dad", blur=9)), ("small", picture("#6a0dad", side=120))]
)
def test_a_bad_photo_is_asked_for_again(town: Any, name: str, shot: bytes) -> None:
    talk = Talk(town, f"photo-{name}", SILENT, lead_minutes=600)
    talk.ask()
    talk.reply(f"p-{name}", "Will this purple work? Same price.", media=(photo(shot),))
    found = talk.talk()
    assert (found["status"], found["rounds"][0]["kind"]) == ("awaiting_partner", "photo_refused")
    assert "another, sharp" in found["rounds"][1]["asked"]
    assert talk.pending() == []


def test_a_doubtful_photo_goes_to_a_person(town: Any) -> None:
    talk = Talk(town, "photo-unsure", SILENT, lead_minutes=600)
    talk.ask()
    talk.reply("p-unsure", "Will this purple work? Same price.", media=(photo(picture("#800020", lines="#ffffff")),))
    assert talk.talk()["escalation"]["reason"] == "photo", talk.talk()


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


def test_another_number_answers_nothing(town: Any) -> None:
    talk = Talk(town, "stranger", SILENT)
    talk.ask()
    talk.reply("s-1", sender="+15125550111", payload=negotiation_payload(talk.talk_id, 1, "accept"))
    talk.reply("s-2", "Yes", sender="+15125550111")
    assert talk.talk()["status"] == "awaiting_partner"


def test_an_order_is_called_off_while_its_partner_is_asked(town: Any) -> None:
    for name, says in (("asked", SILENT), ("offered", f"{PURPLE} for $5 more")):
        talk = Talk(town, f"off-{name}", says)
        talk.ask()
        assert talk.ann.post(f"/api/v1/orders/{talk.id}/cancel", json={}).status_code == 202
        town.host.settle()
        assert talk.talk()["status"] == "withdrawn"
        assert talk.pending() == []
        talk.reply(f"off-{name}", "Yes, we can")
        assert talk.order()["status"] == "cancelled"
        assert talk.balances().get("provider:clearing", 0) == 0
        assert talk.queue() == []
        talk.flows_are_well()


def test_one_thing_at_a_time_is_asked_about_a_leg(town: Any) -> None:
    talk = Talk(town, "one-by-one", SILENT)
    talk.ask()
    path, key = f"/api/v1/orders/{talk.id}/changes", {"Idempotency-Key": "another"}
    again = talk.ann.post(path, json={"text": "I want white flowers instead of red"}, headers=key)
    assert again.status_code == 409
    assert "already" in again.json()["detail"]


def test_what_has_begun_is_not_changed(town: Any) -> None:
    talk = Talk(town, "begun")
    shop = town.as_("partner", talk.a)
    path = f"/api/v1/orders/{talk.id}/legs/leg-1/status"
    assert shop.post(path, json={"status": "in_progress"}).status_code == 200
    town.host.settle()
    change = talk.ann.post(
        f"/api/v1/orders/{talk.id}/changes", json={"text": "I want pink flowers instead of red"},
        headers={"Idempotency-Key": "begun"},
    )  # fmt: skip
    assert change.status_code == 409


# --- recovery


def test_work_that_begins_while_another_is_proposed_stays(town: Any) -> None:
    talk = Talk(town, "began-meanwhile")
    talk.ask()
    before = talk.balances()
    shop = town.as_("partner", talk.a)
    assert shop.post(f"/api/v1/orders/{talk.id}/legs/leg-1/status", json={"status": "in_progress"}).status_code == 200
    town.host.settle()
    talk.decide("approve")
    assert talk.recovery()["status"] == "overtaken"
    assert talk.balances() == before
    assert talk.order()["legs"][0]["status"] == "in_progress"


def test_sold_out_between_proposal_and_yes(fresh: Any) -> None:
    town = fresh
    talk = Talk(town, "sold-out")
    talk.only_pink("Pink Flowers Bunch", 5_200, stock=1)
    talk.ask()
    assert "Bunch" in talk.waiting()["title"]
    before = talk.balances()
    town.host.advance(timedelta(minutes=16))  # what was reserved for it has run out
    body = {
        "lines": [{"product_id": talk.bunch}],
        "deliver_to": {"address": "1 Elsewhere", "lat": 30.26, "lng": -97.75},
        "deliver_by": (town.host.now + timedelta(days=3)).isoformat(),
        "payment": {"method": "card_ok"},
    }
    bob = town.as_("customer", "bob")
    placed = data(bob.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "all-the-pink"}))
    town.host.result(placed["id"])
    assert data(bob.get(f"/api/v1/orders/{placed['id']}"))["status"] == "placed"
    talk.decide("approve")
    assert talk.balances() == before
    talk.as_it_was()
    assert talk.recovery()["status"] == "kept"
    bob.post(f"/api/v1/orders/{placed['id']}/cancel", json={})
    town.host.settle()
    talk.flows_are_well()


def test_a_cheaper_replacement_gives_the_difference_back(town: Any) -> None:
    talk = Talk(town, "cheaper")
    talk.only_pink("Pink Flowers Petite", 4_600)
    before = talk.balances()
    talk.ask()
    assert talk.waiting()["facts"]["price_difference"] == usd(-400)
    talk.decide("approve")
    order = talk.order()
    assert order["legs"][-1]["items"][0]["product_id"] == talk.bunch
    assert order["total"]["minor"] == talk.placed["total"]["minor"] - 400
    after = talk.balances()
    assert sum(after.values()) == 0
    assert after["provider:clearing"] == before["provider:clearing"] + 400
    talk.flows_are_well()


def test_it_goes_ahead_alone_where_the_customer_lets_it(town: Any) -> None:
    talk = Talk(town, "alone")
    talk.only_pink("Pink Flowers Petite", 4_600)
    consent = {"consent": {"recovers_alone": True, "delay_minutes": 60}}
    assert talk.ann.put("/api/v1/me", json=consent).status_code == 200
    try:
        talk.ask()
        assert talk.pending() == []
        assert talk.recovery()["status"] == "replaced"
        assert talk.order()["total"]["minor"] == talk.placed["total"]["minor"] - 400
    finally:
        talk.ann.put("/api/v1/me", json={"consent": {}})


def test_a_dearer_one_is_asked_about_all_the_same(town: Any) -> None:
    talk = Talk(town, "not-alone")
    talk.ann.put("/api/v1/me", json={"consent": {"recovers_alone": True, "delay_minutes": 60}})
    try:
        talk.ask()
        assert talk.waiting()["kind"] == "recovery"
    finally:
        talk.ann.put("/api/v1/me", json={"consent": {}})


def rewritten(order_id: str, change: Callable[[Order], Order]) -> None:
    """The order's record as something outside has made it."""

    async def write() -> None:
        stored = await wiring.deps().store.get(ORDERS, order_id, order_id)
        assert stored is not None
        await wiring.deps().store.apply(ORDERS, order_id, [Write("replace", change(stored.value), stored.etag)])

    asyncio.run(write())


def test_a_card_that_says_no_changes_nothing(fresh: Any) -> None:
    town = fresh
    for name, says in (("recovery", None), ("agreed", f"{PURPLE} for $5 more")):
        talk = Talk(town, f"declined-{name}", *([says] if says else []))
        talk.ask()
        rewritten(talk.id, lambda order: order.model_copy(update={"method": "card_declined"}))
        before, stock = talk.balances(), talk.stock(talk.pink)
        talk.decide("approve")
        assert talk.balances() == before
        talk.as_it_was()
        assert len(talk.order()["legs"]) == len(talk.placed["legs"])
        assert talk.stock(talk.pink) == stock
        assert any("declined" in text for text in talk.told("web:customer:ann"))
        talk.flows_are_well()


def test_a_hard_lock_keeps_its_partner(town: Any) -> None:
    talk = Talk(town, "locked")
    rewritten(talk.id, lambda order: with_leg(order, "leg-1", lock="hard"))
    talk.ask()
    assert talk.pending() == []
    assert talk.recovery()["status"] == "kept"
    assert "bound to its partner" in talk.recovery()["steps"][-2]["what"]


def test_what_is_bought_in_one_hand_names_no_partner(town: Any) -> None:
    talk = Talk(town, "concierge")
    rewritten(talk.id, lambda order: with_all_legs(order, shows_partner=False))
    talk.ask()
    question = talk.waiting()
    assert "Flower Shop" not in str(question)
    talk.decide("approve")
    assert "Flower Shop" not in str(talk.recovery())
    new = talk.order()["legs"][-1]
    assert (new["partner"], new["escrow_status"]) == (None, "held")


def test_two_legs_are_exchanged_at_once(town: Any) -> None:
    talk = Talk(town, "both")
    tulips = talk.has("Red Tulips", 5_000, attributes={"colour": ["red"]})
    body = {
        "lines": [{"product_id": talk.red}, {"product_id": tulips}],
        "deliver_to": {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826},
        "deliver_by": (town.host.now + timedelta(days=3)).isoformat(),
        "payment": {"method": "card_ok"},
    }
    talk.id = data(talk.ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "both"}))["id"]
    town.host.settle()
    talk.placed = talk.order()
    for leg in ("leg-1", "leg-2"):
        answer = talk.ann.post(
            f"/api/v1/orders/{talk.id}/changes", json={"line_id": leg, "replacement": "pink flowers"},
            headers={"Idempotency-Key": f"both-{leg}"},
        )  # fmt: skip
        assert answer.status_code == 202, answer.text
    town.host.settle()
    questions = talk.pending()
    assert len(questions) == 2
    ann = talk.ann
    for one in questions:
        assert ann.post(f"/api/v1/approvals/{one['id']}", json={"decision": "approve"}).status_code == 200
    town.host.settle()
    order = talk.order()
    names = [leg["id"] for leg in order["legs"]]
    assert len(names) == len(set(names)) == 5
    assert [leg["escrow_status"] for leg in order["legs"]] == ["replaced", "replaced", "held", "held", "held"]
    assert set(order["legs"][2]["after"]) == set(names[3:])
    assert order["total"]["minor"] == talk.placed["total"]["minor"] + 1_000
    assert sum(talk.balances().values()) == 0
    talk.flows_are_well()


def until_late(talk: Talk, stage: str) -> None:
    for _ in range(60):
        if talk.order()["lateness"] == stage:
            return
        talk.town.host.advance(timedelta(minutes=5))
    raise AssertionError(f"it is only {talk.order()['lateness']}")


def test_a_courier_that_does_not_set_out_is_exchanged(town: Any) -> None:
    until_morning(town)
    talk = Talk(town, "courier")
    shop = town.as_("partner", talk.a)
    leg = f"/api/v1/orders/{talk.id}/legs/leg-1/status"
    assert shop.post(leg, json={"status": "ready_for_pickup"}).status_code == 200
    town.host.settle()
    until_late(talk, "prepared")
    assert any("Prepared" in step["what"] for step in talk.recovery()["steps"])
    assert talk.pending() == []
    until_late(talk, "swap_proposed")
    question = talk.waiting()
    assert (question["kind"], talk.recovery()["reason"]) == ("recovery", "late")
    talk.decide("approve")
    order = talk.order()
    old, new = order["legs"][1], order["legs"][-1]
    assert (old["status"], new["escrow_status"], new["after"]) == ("cancelled", "held", ["leg-1"])
    assert new["partner"]["id"] != old["partner"]["id"]
    assert sum(talk.balances().values()) == 0
    other = town.as_(new["party"], new["partner"]["id"])
    for status in ("in_transit", "delivered"):
        answer = other.post(f"/api/v1/orders/{talk.id}/legs/{new['id']}/status", json={"status": status})
        assert answer.status_code == 200, answer.text
        town.host.settle()
    assert talk.order()["status"] == "delivered"
    talk.flows_are_well()


def test_what_is_customized_is_exchanged_and_the_work_on_it_follows(town: Any) -> None:
    until_morning(town)
    run = Running(town, "nego-blanket")
    blanket = run.leg(0)
    path = f"/api/v1/orders/{run.id}/legs/{blanket['id']}/give-up"
    assert run.doer(0).post(path, json={"reason": "unavailable"}).status_code == 202
    town.host.settle()
    log = data(run.ann.get(f"/api/v1/orders/{run.id}/recoveries"))["items"][0]
    assert log["status"] in {"proposed", "with_person"}, log
    if log["status"] == "proposed":
        (question,) = [
            one
            for one in data(run.ann.get("/api/v1/approvals", params={"status": "pending"}))["items"]
            if one["about"] == f"order:{run.id}"
        ]
        run.ann.post(f"/api/v1/approvals/{question['id']}", json={"decision": "approve"})
        town.host.settle()
        new = run.order()["legs"][-1]
        assert new["id"] in run.leg(2)["after"]


def test_what_is_in_other_hands_already_goes_to_a_person(town: Any) -> None:
    talk = Talk(town, "damaged")
    shop = town.as_("partner", talk.a)
    shop.post(f"/api/v1/orders/{talk.id}/legs/leg-1/status", json={"status": "ready_for_pickup"})
    town.host.settle()
    courier = talk.order()["legs"][1]
    bringer = town.as_(courier["party"], courier["partner"]["id"])
    assert bringer.post(f"/api/v1/orders/{talk.id}/legs/leg-2/status", json={"status": "in_transit"}).status_code == 200
    path = f"/api/v1/orders/{talk.id}/legs/leg-1/give-up"
    assert bringer.post(path, json={"reason": "damaged"}).status_code == 202
    town.host.settle()
    assert talk.recovery()["status"] == "with_person"
    question = talk.waiting()
    assert question["title"].startswith("Your money back")
    talk.decide("approve")
    assert talk.recovery()["status"] == "refunded"
    assert talk.order()["legs"][0]["escrow_status"] == "refunded"
    talk.flows_are_well()
