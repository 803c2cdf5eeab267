"""Simulated partners in running flows: what they are told reaches them, and they answer as outside partners do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from devhost.testing import DevHost
from shared import wiring
from shared.dialogue.inbound import INBOUND
from shared.dialogue.messages import MessageIdReused, OutboundMessage, Undeliverable
from shared.discovery.hours import WEEKDAYS
from shared.discovery.partners import PARTNERS, Contact, Partner
from shared.records import Query, Write
from shared.simulator import queue
from shared.simulator.answering import plan
from shared.simulator.partners import Taken, partner_at, reach
from shared.simulator.queue import MOVES, REQUESTS, ImpossibleMove, SimulatedRequest, flow_of
from shared.simulator.scenarios import SCENARIOS, Scenario
from shared.simulator.shelf import SHELF, Availability, Shelved
from tests.conftest import forget
from tests.simulator.conftest import scenario, shop

APP = Path(__file__).parent / "app"
PHONE = "+15125550191"
PINK = {"type": "product", "any_of": ["pink"]}
CHANGE = {"request_type": "change_request", "requested_item": "pink flowers", "product": "Red Flowers"}
NO = "No, we don't have pink flowers available"


class Stage:
    """The test app with a shop in it."""

    def __init__(self, host: Any) -> None:
        self.host = host

    def do(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """Something on the app's own store."""
        return asyncio.run(work(wiring.deps().store))  # type: ignore[arg-type]

    def play(self, *scenarios: Scenario, partner: Partner | None = None, shelf: tuple[Shelved, ...] = ()) -> None:
        one = partner or shop()

        async def put(store: Any) -> None:
            await reach(store, one.id, one.contact, [])
            await store.apply(PARTNERS, one.id, [Write("put", one)])
            for each in scenarios:
                await store.apply(SCENARIOS, each.id, [Write("put", each)])
            for rule in shelf:
                await store.apply(SHELF, rule.partner, [Write("put", rule)])

        self.do(put)

    def ask(self, text: str = "Can you?", to: str = PHONE, **more: Any) -> Any:
        """Begin a flow that asks; its id."""
        return self.host.start("ask", {"to": to, "text": text, **more})

    def answers(self, flow: str) -> list[Any]:
        answers: list[Any] = self.host.result(flow)
        return answers

    def request(self, message: str) -> SimulatedRequest:
        stored = self.do(lambda store: store.get(REQUESTS, message, message))
        assert stored is not None
        found: SimulatedRequest = stored.value
        return found

    def heard(self) -> list[Any]:
        page = self.do(lambda store: store.query(INBOUND, Query({})))
        return [stored.value for stored in page.items]


@pytest.fixture
def stage(run_app: Callable[..., Any]) -> Iterator[Stage]:
    with run_app(APP) as house:
        yield Stage(house.host)


def test_a_rejection_comes_back_by_the_partners_own_channel(stage: Stage) -> None:
    stage.play(scenario("no", {"decision": "reject", "text": NO}, when=PINK))
    flow = stage.ask(facts=CHANGE)
    ((button, text, _),) = stage.answers(flow)
    assert (button, text) == ("", NO)
    request = stage.request(f"{flow}:1")
    assert (request.partner, request.type, request.status, request.scenario) == (
        "sim-flora", "change_request", "responded", "no",
    )  # fmt: skip
    (inbound,) = stage.heard()
    assert (inbound.box, inbound.how, inbound.round) == (f"whatsapp:{PHONE}", "answer", 1)


@pytest.mark.parametrize(
    ("decision", "text", "button", "said"),
    [
        ("reject", NO, "decline", NO),
        ("reject", None, "decline", "Decline"),
        ("accept", None, "accept", "Accept"),
        ("unavailable", None, "decline", "Sorry, pink flowers is out of stock."),
    ],
)
def test_a_yes_or_no_taps_its_button(stage: Stage, decision: str, text: str | None, button: str, said: str) -> None:
    stage.play(scenario("one", {"decision": decision, "text": text}))
    ((tapped, words, _),) = stage.answers(stage.ask(facts=CHANGE, has_buttons=True))
    assert (tapped, words) == (button, said)


def test_a_counter_offer_is_said_in_words(stage: Stage) -> None:
    counter = {"item": "purple tulips", "price_minor": 5_200}
    stage.play(scenario("one", {"decision": "counter", "counter": counter}))
    ((tapped, words, _),) = stage.answers(stage.ask(facts=CHANGE, has_buttons=True))
    assert (tapped, words) == ("", "We don't have pink flowers, but we can offer purple tulips for $52.00.")


@pytest.mark.parametrize(("delay", "seconds"), [({"seconds": 40}, 40), ({"minutes": 7}, 420), ({"hours": 2}, 7_200)])
def test_slow_partners_answer_when_their_time_has_come(stage: Stage, delay: dict[str, int], seconds: int) -> None:
    steps = [{"delay": delay, "responses": [{"decision": "accept"}]}]
    stage.play(scenario("slow", type="slow", steps=steps))
    asked_at = stage.host.now
    flow = stage.ask(facts=CHANGE, minutes=600)
    stage.host.settle()
    request = stage.request(f"{flow}:1")
    assert (request.status, request.answer and request.answer.said_at) == ("pending", None)
    stage.host.advance(timedelta(seconds=seconds - 2))
    assert stage.heard() == []
    stage.host.advance(timedelta(seconds=4))
    ((_, _, at),) = stage.answers(flow)
    assert 0 <= (datetime.fromisoformat(at) - asked_at).total_seconds() - seconds < 2


def test_nobody_waits_longer_than_the_one_who_asks(stage: Stage) -> None:
    stage.play(scenario("slow", steps=[{"delay": {"minutes": 20}, "responses": [{"decision": "accept"}]}]))
    flow = stage.ask(facts=CHANGE, minutes=15)
    stage.host.settle()
    stage.host.advance(timedelta(minutes=30))
    assert stage.answers(flow) == ["silence"]
    assert len(stage.heard()) == 1, "the late answer is kept nevertheless"


@pytest.mark.parametrize("decision", ["silent", "manual"])
def test_silence_and_people_leave_the_request_open(stage: Stage, decision: str) -> None:
    stage.play(scenario("one", {"decision": decision}))
    flow = stage.ask(facts=CHANGE)
    stage.host.settle()
    stage.host.advance(timedelta(hours=2))
    assert stage.answers(flow) == ["silence"]
    request = stage.request(f"{flow}:1")
    assert (request.status, request.is_silent, request.scenario) == ("pending", decision == "silent", "one")
    assert request.answer is None


def test_doubled_sends_and_doubled_flows_are_answered_once(stage: Stage) -> None:
    stage.play(scenario("one", {"decision": "reject"}))
    flow = stage.ask(facts=CHANGE, sends=3)
    assert len(stage.answers(flow)) == 1
    for number in range(3):
        again = stage.host.start("simulated_reply", f"{flow}:1", instance_id=f"again-{number}")
        stage.host.result(again)
    assert len(stage.heard()) == 1
    page = stage.do(lambda store: store.query(REQUESTS, Query({})))
    assert len(page.items) == 1


def test_a_crash_after_the_answer_was_noted_does_not_swallow_it(stage: Stage) -> None:
    stage.play(scenario("one", steps=[{"delay": {"minutes": 5}, "responses": [{"decision": "reject", "text": NO}]}]))
    flow = stage.ask(facts=CHANGE)
    stage.host.settle()
    stage.do(lambda store: queue.change(store, f"{flow}:1", lambda one: queue.said(one, stage.host.now)))
    assert stage.heard() == []
    stage.host.advance(timedelta(minutes=6))
    assert stage.answers(flow)[0][1] == NO
    assert len(stage.heard()) == 1


def test_a_host_that_goes_down_meanwhile_answers_when_it_is_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CITY", "")
    started = datetime(2026, 11, 23, 12, tzinfo=UTC)
    try:
        forget()
        with DevHost(APP, tmp_path / "hub", start=started) as host:
            stage = Stage(host)
            stage.play(scenario("one", steps=[{"delay": {"minutes": 5}, "responses": [{"decision": "reject"}]}]))
            flow = stage.ask(facts=CHANGE)
            host.settle()
        forget()
        with DevHost(APP, tmp_path / "hub", start=started) as host:
            stage = Stage(host)
            assert stage.heard() == []
            host.advance(timedelta(minutes=6))
            assert stage.answers(flow)[0][1] == "No, we cannot do pink flowers."
            assert len(stage.heard()) == 1
    finally:
        forget()


def test_what_is_decided_stays_so_whatever_is_changed_meanwhile(stage: Stage) -> None:
    stage.play(scenario("one", steps=[{"delay": {"minutes": 5}, "responses": [{"decision": "reject", "text": NO}]}]))
    flow = stage.ask(facts=CHANGE)
    stage.host.settle()
    stage.play(scenario("one", {"decision": "accept"}))
    stage.do(lambda store: plan(store, f"{flow}:1", stage.host.now))
    stage.host.advance(timedelta(minutes=6))
    assert stage.answers(flow)[0][1] == NO


def test_a_conversation_takes_one_step_after_the_other(stage: Stage) -> None:
    offer = {"decision": "counter", "counter": {"item": "tulips"}}
    steps = [{"responses": [{"decision": "reject", "text": "no"}]}, {"responses": [{**offer, "text": "then {offer}"}]}]
    stage.play(scenario("chain", when=PINK, steps=steps))
    flow = stage.ask(facts=CHANGE, rounds=3)
    assert [words for _, words, _ in stage.answers(flow)] == ["no", "then tulips", "then tulips"]
    other = stage.ask(facts=CHANGE)
    assert stage.answers(other)[0][1] == "no", "another conversation begins anew"


@pytest.mark.parametrize(
    ("availability", "answered"),
    [
        ({"rule": "out_of_stock"}, True),
        ({"rule": "conditional", "when": {"type": "customer", "any_of": ["bob"]}}, True),
        ({"rule": "conditional", "when": {"type": "customer", "any_of": ["ann"]}}, False),
        ({"rule": "always"}, False),
    ],
)
def test_what_is_not_on_the_shelf_is_not_promised(stage: Stage, availability: Any, answered: bool) -> None:
    rule = Shelved(
        id="sim-flora.PINK",
        partner="sim-flora",
        title="Pink Flowers",
        availability=Availability.model_validate(availability),
        stock=5,
    )
    stage.play(scenario("yes", {"decision": "accept", "text": "Yes."}), shelf=(rule,))
    ((_, text, _),) = stage.answers(stage.ask(facts={**CHANGE, "customer": "ann"}))
    assert text == ("Sorry, Pink Flowers is not available at the moment." if answered else "Yes.")


def test_the_partners_own_clock_counts(stage: Stage) -> None:
    local = stage.host.now.astimezone(ZoneInfo("Asia/Tokyo"))
    hours = {"time_zone": "Asia/Tokyo", "week": {"mon": "9:00-17:00"}}
    now = {"type": "time", "weekdays": [WEEKDAYS[local.weekday()]], "after": f"{local:%H}:00"}
    stage.play(scenario("now", {"decision": "accept", "text": "here"}, when=now), partner=shop(hours=hours))
    assert stage.answers(stage.ask())[0][1] == "here"


def test_notices_are_noted_and_real_partners_left_alone(stage: Stage) -> None:
    stage.play(scenario("one", {"decision": "accept"}))
    flow = stage.ask("Yours to do: red flowers.", minutes=1)
    stage.host.settle()
    stage.host.advance(timedelta(minutes=2))
    assert stage.answers(flow) == ["silence"]
    assert stage.request(f"{flow}:1").status == "noted"
    real = stage.ask(to="+15125550100", minutes=1)
    stage.host.settle()
    stage.host.advance(timedelta(minutes=2))
    assert stage.answers(real) == ["silence"]
    assert stage.do(lambda store: store.get(REQUESTS, f"{real}:1", f"{real}:1")) is None
    page = asyncio.run(wiring.deps().message_inbox.inbox("whatsapp", "+15125550100"))
    assert len(page.items) == 1


@pytest.mark.parametrize(
    ("contact", "to", "subject"),
    [
        ({"channel": "sms", "address": PHONE}, PHONE, None),
        ({"channel": "email", "address": "flora@example.com"}, "flora@example.com", "Hi"),
        ({"channel": "api", "address": "https://flora.example.com/hook"}, "sim-flora", None),
        (
            {"channel": "sms", "address": "+15125550192", "fallback": {"channel": "email", "address": "a@b.example"}},
            "a@b.example",
            None,
        ),
    ],
)
def test_every_channel_leads_to_the_simulator(stage: Stage, contact: Any, to: str, subject: str | None) -> None:
    stage.play(partner=shop(contact=contact))
    channel = contact.get("fallback", contact)["channel"]
    message = OutboundMessage(
        id="m1", channel=channel, to=to, text="Can you?", subject="Order" if channel == "email" else None, thread="t"
    )
    messages = wiring.deps().messages
    first, second = asyncio.run(messages.send(message)), asyncio.run(messages.send(message))
    assert first == second
    request = stage.request("m1")
    assert (request.channel, request.sender, request.provider_id) == (channel, to, first.provider_id)
    with pytest.raises(MessageIdReused):
        asyncio.run(messages.send(message.model_copy(update={"text": "Other"})))


def test_the_channel_of_simulated_partners_takes_no_other_and_keeps_each_once(stage: Stage) -> None:
    from shared.adapters.messages_simulator import SimulatorMessages
    from shared.ports import Messages

    stage.play()
    own: Messages = SimulatorMessages(wiring.deps().store, wiring.deps().clock)
    message = OutboundMessage(id="x" * 200, channel="whatsapp", to=PHONE, text="Can you?")
    sent = [asyncio.run(own.send(message)) for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(sent[0].provider_id) <= 200
    with pytest.raises(MessageIdReused):
        asyncio.run(own.send(message.model_copy(update={"text": "Other?"})))
    with pytest.raises(Undeliverable):
        asyncio.run(own.send(message.model_copy(update={"to": "+15125550177"})))


def test_an_address_leads_to_one_partner_until_it_is_closed(stage: Stage) -> None:
    flora, rose = shop(), shop("sim-rose")
    stage.play()

    async def play(store: Any) -> None:
        await reach(store, flora.id, flora.contact, [flora])
        with pytest.raises(Taken):
            await reach(store, rose.id, rose.contact, [])
        with pytest.raises(Taken):
            await reach(store, rose.id, rose.contact, [shop("real-one", is_simulated=False)])
        closed = flora.model_copy(update={"status": "closed"})
        await store.apply(PARTNERS, flora.id, [Write("put", closed)])
        assert (await partner_at(store, "whatsapp", PHONE)).id == flora.id, "what is meant for it stays in the house"
        await store.apply(PARTNERS, rose.id, [Write("put", rose)])
        await reach(store, rose.id, rose.contact, [closed, rose])
        assert (await partner_at(store, "whatsapp", PHONE)).id == rose.id
        moved = rose.model_copy(update={"contact": Contact(channel="sms", address=PHONE)})
        await store.apply(PARTNERS, rose.id, [Write("put", moved)])
        assert await partner_at(store, "whatsapp", PHONE) is None

    stage.do(play)


@pytest.mark.parametrize("status", ["pending", "assigned", "responded", "noted"])
@pytest.mark.parametrize("move", ["assign", "respond"])
def test_requests_move_by_their_table(status: Any, move: Any) -> None:
    at = datetime(2026, 11, 23).astimezone()
    facts = {
        "id": "m", "partner": "sim-flora", "type": "question", "text": "?", "facts": {}, "channel": "sms",
        "sender": PHONE, "provider_id": "sim_m", "received_at": at, "status": status,
    }  # fmt: skip
    request = SimulatedRequest.model_validate(facts)
    answer = queue.Answer(kind="accept", text="Yes", person="ada", due_at=at, said_at=at)

    def moved() -> SimulatedRequest:
        return queue.assigned(request, "ada") if move == "assign" else queue.answered(request, answer)

    expected = MOVES.get((status, move))
    if expected is None:
        with pytest.raises(ImpossibleMove, match=status):
            moved()
    else:
        assert moved().status == expected


def test_flows_have_short_plain_names() -> None:
    assert flow_of("notice:abc") == "sim-notice:abc"
    assert len(flow_of("x" * 200)) < 80
    assert "@" not in flow_of("a@b")
