"""Standing intents from the first word to the order: they wait for their moment, explain themselves, ask, and buy."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from shared import wiring
from shared.discovery.partners import PARTNERS
from shared.nudges import nudge
from shared.records import Write
from shared.standing.cost import HEADLINE_SECONDS
from shared.standing.intent import GROUPS, MEMBERS, STANDING_INTENTS, SUBJECTS
from tests.waiting import (
    ALONE,
    HOME,
    SHOP,
    ZONE,
    Waiting,
    at,
    below,
    data,
    local,
    on,
    record,
    sky,
    stocked,
    tree,
    usd,
)

FIRST, SECOND = date(2026, 11, 26), date(2026, 12, 3)
SENTENCE = "send my mom flowers on the next sunny Thursday, about $60"
SUNNY_THURSDAY = tree("and", sky("sunny"), on("thu"))


def test_flowers_on_the_next_sunny_thursday(town: Any) -> None:
    """The example of the product: it waits through a rainy week, tells why, asks on the right day, and buys."""
    ann = Waiting(town, "ann")
    ann.play("rain", date(2026, 11, 22), 30)
    ann.play("sun", FIRST)
    intent = ann.begin(text=SENTENCE)
    one = ann.see(intent)
    assert one["status"] == "waiting"
    assert one["instance_id"] == intent
    assert one["logic"] == "IF (Weather == Sunny) AND (Day == Thursday) → THEN (Order flowers)"
    assert one["progress"][0]["words"] == "Found your flowers! Waiting for sunny Thursday."
    assert one["reasoning"].startswith("Thursday looks right (rain 0 %")
    assert one["budget"] == usd(7200)
    weather, calendar = one["conditions"]["of"]
    assert (weather["truth"], weather["day"], weather["value"]["rain_max"]) == ("true", "2026-11-26", 0)
    assert weather["read_at"].startswith("2026-11-23T16:00")
    assert calendar["truth"] == "false"

    ann.go_to(local("2026-11-25T07:30"))
    ann.play("rain", FIRST)
    ann.hours(1)
    turned = "Still waiting: Tomorrow's forecast turned to rain this morning — I keep watching for a clear window."
    assert ann.see(intent)["reasoning"] == turned

    ann.go_to(local("2026-11-28T07:30"))
    assert ann.questions(intent) == []
    ann.play("sun", SECOND)
    ann.hours(2)
    assert ann.see(intent)["reasoning"].startswith("Thursday looks right")
    ann.go_to(local("2026-12-02T23:50"))
    assert ann.status(intent) == "waiting"
    assert ann.orders() == []

    ann.go_to(local("2026-12-03T12:00"))
    assert ann.status(intent) == "awaiting_approval"
    (question,) = ann.questions(intent)
    assert question["kind"] == "standing_intent"
    assert question["text"].startswith("The moment has come: Thursday is sunny. Shall I order ")
    assert ann.see(intent)["approval_id"] == question["id"]
    ann.answer(intent, "approve")
    assert ann.status(intent) == "done"
    (order,) = ann.orders()
    assert order["status"] == "placed"
    assert order["id"] == ann.see(intent)["order_id"]
    assert local("2026-12-03T12:00").isoformat() < order["arrives"] < at(SECOND, 22).isoformat()
    assert order["total"]["minor"] <= 7200

    words = ann.words(intent)
    assert words[:7] == [
        "Found your flowers! Waiting for sunny Thursday.",
        "The forecast for Thursday, Nov 26 says sun.",
        "The forecast for Thursday, Nov 26 turned to rain.",
        "Thursday, Nov 26 went by; the next chance is Thursday, Dec 3.",
        "The forecast for Thursday, Dec 3 turned to sun.",
        "The moment has come; I have asked you.",
        "You said yes.",
    ]
    assert words[7].startswith("I have ordered ")
    assert "s of computing, about $0.0" in words[7]
    cost = ann.see(intent)["cost"]
    assert 0 < cost["billed_seconds"] < HEADLINE_SECONDS / 4, "alone in the world, for ten days"
    assert record(MEMBERS, record(STANDING_INTENTS, intent, intent).group, intent) is None


# --- what can be waited for


def test_a_day_on_which_nobody_can_bring_it_is_said_at_once(town: Any) -> None:
    gil = Waiting(town, "gil")
    intent = gil.candle("CANDLE-CEDAR", {"type": "calendar", "date": "2026-12-25"})
    assert gil.status(intent) == "failed"
    assert "late" in gil.see(intent)["reasoning"]
    assert gil.status(gil.candle("CANDLE-CEDAR", on("fri"), max_wait_days=60)) == "waiting", "there are other Fridays"


def test_what_is_back_in_stock_is_bought_within_seconds(town: Any) -> None:
    bea = Waiting(town, "bea")
    bea.shelf("CANDLE-CEDAR", stock=0)
    intent = bea.candle("CANDLE-CEDAR", stocked(2))
    assert bea.see(intent)["reasoning"].startswith("Still waiting: it is sold out")
    before = town.host.now
    bea.shelf("CANDLE-CEDAR", stock=1)
    assert bea.status(intent) == "waiting"
    bea.shelf("CANDLE-CEDAR", stock=50)
    assert town.host.now - before < timedelta(seconds=5)
    assert bea.status(intent) == "done"
    assert bea.orders()[0]["status"] == "placed"


def test_a_price_that_drops_by_percents_on_the_right_days(town: Any) -> None:
    cleo = Waiting(town, "cleo")
    day = cleo.next_day(1)
    intent = cleo.candle(
        "CANDLE-PEACH", tree("and", {"type": "price", "item": "candle", "drop_percent": 20}, tree("not", on("mon")))
    )
    cleo.go_to(at(cleo.next_day(0), 12))
    cleo.shelf("CANDLE-PEACH", minor=2_500)
    assert "you asked for 20 % off" in cleo.see(intent)["reasoning"]
    cleo.shelf("CANDLE-PEACH", minor=2_300)
    assert cleo.status(intent) == "waiting", "not on a Monday"
    day = cleo.next_day(1)
    cleo.go_to(at(day, 6))
    assert cleo.status(intent) == "waiting"
    cleo.go_to(at(day, 9))
    assert cleo.status(intent) == "done"
    cleo.shelf("CANDLE-PEACH", minor=2_900)


def test_weather_or_price(town: Any) -> None:
    dan = Waiting(town, "dan")
    today = town.host.now.astimezone(ZONE).date()
    dan.play("clouds", today, 20)
    first = dan.candle("CANDLE-CEDAR", tree("or", sky("sunny"), below(2_000)))
    second = dan.candle("CANDLE-PEACH", tree("or", sky("sunny"), below(2_000)))
    dan.hours(3)
    assert dan.status(first) == dan.status(second) == "waiting"
    dan.shelf("CANDLE-PEACH", minor=1_900)
    assert dan.status(second) == "done"
    dan.shelf("CANDLE-PEACH", minor=2_900)
    tomorrow = today + timedelta(days=1)
    dan.play("sun", tomorrow)
    dan.go_to(at(tomorrow, 10))
    assert dan.status(first) == "done"


def test_a_day_of_the_calendar_alone(town: Any) -> None:
    eve = Waiting(town, "eve")
    day = eve.next_day(4)
    intent = eve.candle("CANDLE-CEDAR", {"type": "calendar", "date": day.isoformat()})
    assert record(MEMBERS, record(STANDING_INTENTS, intent, intent).group, intent) is None, "nothing is to be read"
    eve.go_to(at(day, 4))
    assert eve.status(intent) == "waiting"
    eve.go_to(at(day, 10))
    assert eve.status(intent) == "done"


def test_all_four_at_once_and_not(town: Any) -> None:
    fay = Waiting(town, "fay")
    today = town.host.now.astimezone(ZONE).date()
    fay.play("rain", today, 20)
    fay.shelf("CANDLE-PEACH", stock=0)
    wanted = tree("and", tree("not", sky("rainy")), on("tue", "wed"), stocked(), below(3_000))
    intent = fay.candle("CANDLE-PEACH", wanted, good_polls=1)
    tuesday = fay.next_day(1)
    fay.go_to(at(tuesday, 10))
    assert fay.status(intent) == "waiting", "it rains"
    wednesday = tuesday + timedelta(days=1)
    fay.play("sun", wednesday)
    fay.go_to(at(wednesday, 10))
    assert fay.status(intent) == "waiting", "it is sold out"
    fay.shelf("CANDLE-PEACH", stock=4, minor=3_100)
    assert fay.status(intent) == "waiting", "it is too dear"
    fay.shelf("CANDLE-PEACH", minor=2_900)
    assert fay.status(intent) == "done"


# --- asking


@pytest.mark.parametrize(
    ("trust", "status", "words"),
    [
        ("high", "done", "You said nothing, so I go ahead as agreed."),
        ("medium", "cancelled", "You said nothing, so it is called off as agreed."),
        ("low", "waiting", "You said nothing; I wait for the next chance."),
    ],
)
def test_what_silence_means(town: Any, trust: str, status: str, words: str) -> None:
    gus = Waiting(town, f"gus-{trust}")
    intent = gus.candle(
        "CANDLE-CEDAR", below(9_000), approval={"when": "always", "timeout_hours": 1, "trust": trust}
    )
    assert gus.status(intent) == "awaiting_approval"
    gus.hours(2)
    assert words in gus.words(intent)
    assert gus.status(intent) == status
    assert len(gus.orders()) == (1 if status == "done" else 0)
    assert gus.questions(intent) == []


def test_a_no_waits_for_the_next_day(town: Any) -> None:
    hal = Waiting(town, "hal")
    intent = hal.candle("CANDLE-CEDAR", below(9_000), approval={"when": "always"})
    hal.answer(intent, "reject")
    assert hal.status(intent) == "waiting"
    assert hal.questions(intent) == []
    hal.hours(24)
    assert hal.status(intent) == "awaiting_approval"
    hal.cancel(intent)


def test_only_a_dear_one_asks(town: Any) -> None:
    ida = Waiting(town, "ida")
    cheap = ida.candle("CANDLE-CEDAR", below(9_000), approval={"when": "over", "over": usd(20_000)})
    assert ida.status(cheap) == "done"
    dear = ida.candle("CANDLE-CEDAR", below(9_000), approval={"when": "over", "over": usd(500)})
    assert ida.status(dear) == "awaiting_approval"
    ida.cancel(dear)


# --- the moment passes


def test_a_price_that_rises_after_the_question_goes_back_to_waiting(town: Any) -> None:
    jo = Waiting(town, "jo")
    jo.shelf("CANDLE-PEACH", minor=2_400)
    intent = jo.candle("CANDLE-PEACH", below(2_500), approval={"when": "always"})
    assert jo.status(intent) == "awaiting_approval"
    jo.shelf("CANDLE-PEACH", minor=3_900)
    jo.answer(intent, "approve")
    assert jo.status(intent) == "waiting"
    assert jo.orders() == []
    assert "It costs $" in jo.words(intent)[-2] + jo.words(intent)[-1]
    jo.shelf("CANDLE-PEACH", minor=2_400)
    jo.hours(3)
    jo.answer(intent, "approve")
    assert jo.status(intent) == "done"
    jo.shelf("CANDLE-PEACH", minor=2_900)


def test_what_is_sold_out_at_its_moment_is_tried_again_the_same_day(town: Any) -> None:
    kim = Waiting(town, "kim")
    day = kim.next_day(2)
    intent = kim.candle("CANDLE-CEDAR", {"type": "calendar", "date": day.isoformat()})
    kim.shelf("CANDLE-CEDAR", stock=0)
    kim.go_to(at(day, 9))
    assert kim.status(intent) == "waiting"
    assert any("It is sold out" in words for words in kim.words(intent))
    assert sum("It is sold out" in words for words in kim.words(intent)) == 1, "said once, however often it is tried"
    kim.shelf("CANDLE-CEDAR", stock=30)
    kim.hours(2)
    assert kim.status(intent) == "done"


def test_a_card_that_is_declined_ends_it(town: Any) -> None:
    lea = Waiting(town, "lea", method="card_declined")
    intent = lea.candle("CANDLE-CEDAR", below(9_000))
    assert lea.status(intent) == "failed"
    assert "declined" in lea.see(intent)["reasoning"]
    assert [order["status"] for order in lea.orders()] == ["failed"]


# --- changed and called off


def test_cancelled_wherever_it_stands(town: Any) -> None:
    max_ = Waiting(town, "max")
    early = data(max_.ask(lines=[{"product_id": f"{SHOP}.CANDLE-CEDAR"}], conditions=below(100), approval=ALONE))["id"]
    assert max_.cancel(early).status_code == 200, "perhaps before it was scouted for"
    waiting = max_.candle("CANDLE-CEDAR", below(100))
    paused = max_.candle("CANDLE-CEDAR", below(100))
    max_.change(paused, is_paused=True)
    asking = max_.candle("CANDLE-CEDAR", below(9_000), approval={"when": "always"})
    assert [max_.status(one) for one in (waiting, paused, asking)] == ["waiting", "paused", "awaiting_approval"]
    (question,) = max_.questions(asking)
    for one in (early, waiting, paused, asking):
        assert max_.cancel(one).status_code == 200
        assert max_.cancel(one).status_code == 200, "twice is once"
        assert max_.status(one) == "cancelled"
        assert town.host.result(one) == {"status": "cancelled"}
    assert max_.questions(asking) == []
    late = max_.http.post(f"/api/v1/approvals/{question['id']}", json={"decision": "approve"})
    assert late.status_code == 409
    assert max_.http.patch(f"/api/v1/standing-intents/{asking}", json={"is_paused": True}).status_code == 409
    max_.shelf("CANDLE-CEDAR", minor=90)
    max_.shelf("CANDLE-CEDAR", minor=2_900)
    assert max_.orders() == []


def test_what_is_being_bought_is_cancelled_as_an_order(town: Any) -> None:
    def ask(*, accepts_alone: bool) -> None:
        async def change() -> None:
            store = wiring.deps().store
            stored = await store.get(PARTNERS, SHOP, SHOP)
            assert stored is not None
            partner = stored.value.model_copy(update={"accepts_alone": accepts_alone})
            await store.apply(PARTNERS, SHOP, [Write("replace", partner)])

        asyncio.run(change())

    ned = Waiting(town, "ned")
    ask(accepts_alone=False)
    intent = ned.candle("CANDLE-CEDAR", below(9_000))
    assert ned.status(intent) == "buying"
    refused = ned.cancel(intent)
    assert refused.status_code == 409
    assert "buying" in refused.text
    order = ned.see(intent)["order_id"]
    leg = data(ned.http.get(f"/api/v1/orders/{order}"))["legs"][0]["id"]
    shop = town.as_("partner", SHOP)
    data(shop.post(f"/api/v1/orders/{order}/legs/{leg}/reply", json={"decision": "reject"}))
    town.host.settle()
    assert ned.status(intent) == "waiting", "what a partner refuses today it may take tomorrow"
    ask(accepts_alone=True)
    ned.hours(30)
    assert ned.status(intent) == "done"
    assert sorted(one["status"] for one in ned.orders()) == ["failed", "placed"]


def test_other_conditions_while_it_waits_and_while_it_asks(town: Any) -> None:
    oda = Waiting(town, "oda")
    intent = oda.candle("CANDLE-CEDAR", below(100), approval={"when": "always"})
    oda.change(intent, conditions=below(9_000))
    assert oda.status(intent) == "awaiting_approval"
    (question,) = oda.questions(intent)
    oda.change(intent, conditions=below(200))
    assert oda.status(intent) == "waiting"
    assert oda.questions(intent) == []
    assert oda.see(intent)["logic"].startswith("IF (Price of candle < $2)")
    oda.change(intent, is_paused=True)
    oda.shelf("CANDLE-CEDAR", minor=150)
    assert oda.status(intent) == "paused"
    oda.change(intent, is_paused=False)
    assert oda.status(intent) == "awaiting_approval"
    oda.shelf("CANDLE-CEDAR", minor=2_900)
    oda.change(intent, is_paused=True)
    assert oda.questions(intent) == []
    oda.cancel(intent)
    assert record(GROUPS, f"price:{SHOP}.CANDLE-CEDAR", question["id"]) is None


def test_a_budget_that_is_lowered_is_kept_to(town: Any) -> None:
    pia = Waiting(town, "pia")
    day = pia.next_day(3)
    intent = pia.candle("CANDLE-CEDAR", {"type": "calendar", "date": day.isoformat()}, budget=usd(9_000))
    pia.change(intent, budget=usd(1_000), approval={"when": "none"}, max_wait_days=60)
    pia.go_to(at(day, 10))
    assert pia.status(intent) == "waiting"
    assert any("more than $10.00" in words for words in pia.words(intent))
    pia.change(intent, budget=usd(9_000))
    pia.hours(2)
    assert pia.status(intent) == "done", pia.words(intent)


def test_it_gives_up_in_time_and_says_so(town: Any) -> None:
    quin = Waiting(town, "quin")
    intent = quin.candle("BATH-SALT", below(100), max_wait_days=1)
    quin.hours(25)
    assert quin.status(intent) == "expired"
    assert town.host.result(intent) == {"status": "expired"}
    quin.hours(2)
    subject = record(SUBJECTS, f"price:{SHOP}.BATH-SALT", f"price:{SHOP}.BATH-SALT")
    assert subject is None, "what nobody waits for is read no more"


# --- again and again


def test_every_friday(town: Any) -> None:
    rosa = Waiting(town, "rosa")
    rosa.go_to(at(rosa.next_day(5), 12))
    intent = rosa.begin(text="every Friday send flowers to my office, about $60", approval=ALONE)
    assert rosa.see(intent)["is_recurring"]
    friday = rosa.next_day(4)
    for number in range(2):
        rosa.go_to(at(friday + timedelta(days=7 * number), 21))
        assert rosa.status(intent) == "waiting"
        assert rosa.see(intent)["bought"] == number + 1
    orders = rosa.orders()
    assert [order["status"] for order in orders].count("failed") == 0
    assert {order["promised"][:10] for order in orders} == {friday.isoformat(), (friday + timedelta(7)).isoformat()}
    assert rosa.cancel(intent).status_code == 200
    rosa.hours(24 * 7)
    assert len(rosa.orders()) == 2


# --- told twice, too early, too late


def test_events_that_come_twice_too_early_or_after_the_end_do_no_harm(town: Any) -> None:
    sam = Waiting(town, "sam")
    intent = sam.candle("CANDLE-CEDAR", below(2_800), approval={"when": "always"})

    def wake(times: int = 2) -> None:
        kept = record(STANDING_INTENTS, intent, intent)
        for _ in range(times):
            town.host.raise_event(kept.wakes.instance, kept.wakes.event)
        for number in range(1, 30):  # names of waits that are over, and of such as are still to come
            town.host.raise_event(intent, f"stirred-{number}")
        town.host.settle()

    wake()
    assert sam.status(intent) == "waiting"
    sam.shelf("CANDLE-CEDAR", minor=2_700)
    wake()
    assert sam.status(intent) == "awaiting_approval"
    (question,) = sam.questions(intent)
    for _ in range(2):
        data(sam.http.post(f"/api/v1/approvals/{question['id']}", json={"decision": "approve"}))
    town.host.settle()
    assert sam.status(intent) == "done"
    kept = record(STANDING_INTENTS, intent, intent)
    asyncio.run(nudge(Client(), kept))
    sam.hours(1)
    assert sam.status(intent) == "done"
    assert len(sam.orders()) == 1
    sam.shelf("CANDLE-CEDAR", minor=2_900)


class Client:
    """A durable client whose instance is gone."""

    async def get_status(self, instance_id: str) -> Any:
        raise AssertionError(instance_id)

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        raise OSError("410: it has ended")


def test_the_same_request_is_the_same_intent(town: Any) -> None:
    tess = Waiting(town, "tess")
    body = {"text": SENTENCE, "deliver_to": HOME, "payment": {"method": "card_ok"}}
    first, second = (
        data(tess.http.post("/api/v1/standing-intents", json=body, headers={"Idempotency-Key": "tess-1"}))["id"]
        for _ in range(2)
    )
    assert first == second
    assert len(data(tess.http.get("/api/v1/standing-intents"))["items"]) == 1


def test_no_question_outlives_what_it_is_about(town: Any) -> None:
    rue = Waiting(town, "rue")
    always = {"when": "always", "timeout_hours": 24}
    late = rue.candle("BATH-SALT", below(100), max_wait_days=1, approval=always)
    soon = rue.candle("BATH-SALT", below(100), max_wait_days=1, approval=always)
    rue.hours(22)
    for intent in (late, soon):
        rue.change(intent, conditions=below(9_000))
        assert rue.status(intent) == "awaiting_approval"
    rue.answer(soon, "approve")
    rue.hours(3)
    assert (rue.status(late), rue.status(soon)) == ("expired", "done")
    assert rue.questions(late) == []
