"""Scenarios: which one answers, with what, by which chance, step by step; and what cannot be saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.discovery.partners import Partner
from shared.simulator.deciding import BY_HAND, chance, decide, warnings_of
from shared.simulator.scenarios import Counter, ScenarioType, steps_of
from shared.simulator.templates import FILLED_LENGTH_MAX, VARIABLES, filled
from tests.simulator.conftest import NOON, asked, dollars, scenario, shop

PINK = {"type": "product", "any_of": ["pink"]}
ACCEPT, REJECT = {"decision": "accept"}, {"decision": "reject"}


def test_the_first_that_fits_answers_by_priority_then_by_age(flora: Partner) -> None:
    late = scenario("late", ACCEPT, created_at=NOON + timedelta(hours=1))
    early, dear = scenario("early", REJECT), scenario("dear", {"decision": "unavailable"}, priority=900, when=PINK)
    everything = [late, early, dear]
    assert decide(everything, asked("pink tulips"), NOON, flora).scenario == "dear"
    assert decide(everything, asked("red tulips"), NOON, flora).scenario == "early"
    off = [one.model_copy(update={"is_active": False}) for one in everything]
    assert decide(off, asked("pink"), NOON, flora) == BY_HAND
    assert decide([], asked("pink"), NOON, flora) == BY_HAND


def test_what_no_scenario_fits_waits_for_a_person(flora: Partner) -> None:
    assert decide([scenario(when=PINK)], asked("red"), NOON, flora).kind == "manual"


def test_sentences_are_filled_from_the_request(flora: Partner) -> None:
    text = "{customer}: sorry, no {requested_item} for {product} of {order_value}, says {partner}."
    decision = decide(
        [scenario("x", {"decision": "reject", "text": text})],
        asked("pink tulips", product="Red Roses", order_value=dollars(60), customer="Ann"),
        NOON,
        flora,
    )
    assert decision.text == "Ann: sorry, no pink tulips for Red Roses of $60.00, says Flora."
    assert not decision.is_usual


def test_what_was_not_said_is_circumscribed_and_the_usual_sentence_known(flora: Partner) -> None:
    decision = decide([scenario("x", REJECT)], asked(), NOON, flora)
    assert (decision.text, decision.is_usual) == ("No, we cannot do that.", True)


def test_a_counter_offer_names_its_item_and_price(flora: Partner) -> None:
    offer = {"decision": "counter", "counter": {"item": "purple {requested_item}", "price_minor": 5_250}}
    decision = decide([scenario("x", offer)], asked("tulips"), NOON, flora)
    assert decision.counter == Counter(item="purple tulips", price_minor=5_250)
    assert decision.text == "We don't have tulips, but we can offer purple tulips for $52.50."
    change = {"decision": "price_change", "counter": {"price_minor": 6_000}}
    dearer = decide([scenario("x", change)], asked("tulips"), NOON, flora)
    assert dearer.text == "Yes, but the price of tulips is $60.00 now."


def test_variables_in_a_request_stay_words(flora: Partner) -> None:
    decision = decide([scenario("x", REJECT)], asked("{partner} {0.__class__}"), NOON, flora)
    assert decision.text == "No, we cannot do {partner} {0.__class__}."


def test_seventy_to_thirty_comes_out_the_same_for_the_same_seed(flora: Partner) -> None:
    mixed = scenario("mixed", {**ACCEPT, "weight": 70}, {**REJECT, "weight": 30}, seed=11)
    kinds = [decide([mixed], asked(request=f"m{n}"), NOON, flora).kind for n in range(1_000)]
    assert kinds == [decide([mixed], asked(request=f"m{n}"), NOON, flora).kind for n in range(1_000)]
    assert (kinds.count("accept"), kinds.count("reject")) == (702, 298)
    other = [decide([mixed], asked(request=f"m{n}"), NOON, flora, seed=12).kind for n in range(1_000)]
    assert other != kinds
    assert 650 <= other.count("accept") <= 750


@given(st.integers(0, 2**31 - 1), st.text(min_size=1, max_size=40), st.integers(0, 9))
def test_chance_is_from_0_up_to_1(seed: int, request: str, step: int) -> None:
    assert 0 <= chance(seed, request, step) < 1
    assert chance(seed, request, step) == chance(seed, request, step)


def test_the_next_request_of_a_conversation_gets_the_next_step(flora: Partner) -> None:
    steps = [{"responses": [REJECT]}, {"responses": [{"decision": "counter", "counter": {"item": "tulips"}}]}]
    stubborn = scenario("stubborn", when=PINK, steps=steps)
    first = decide([stubborn], asked("pink"), NOON, flora)
    assert (first.kind, first.step, first.steps_left) == ("reject", 0, 1)
    second = decide([stubborn], asked("then white"), NOON, flora, taken={"stubborn": 1})
    assert (second.kind, second.step, second.steps_left) == ("counter", 1, 0)
    assert decide([stubborn], asked("again"), NOON, flora, taken={"stubborn": 5}).kind == "counter"
    assert decide([stubborn], asked("white"), NOON, flora) == BY_HAND


def test_a_follow_up_has_a_condition_of_its_own(flora: Partner) -> None:
    dearer = {"decision": "price_change", "counter": {"price_minor": 9_900}}
    steps = [
        {"responses": [REJECT]},
        {"when": PINK, "responses": [ACCEPT]},
        {"when": {"type": "request", "any_of": ["question"]}, "responses": [dearer]},
    ]
    chain = [scenario("chain", steps=steps)]
    taken = {"chain": 1}
    assert decide(chain, asked("pink"), NOON, flora, taken=taken).step == 1
    assert decide(chain, asked("white", kind="question"), NOON, flora, taken=taken).step == 2
    assert decide(chain, asked("white"), NOON, flora, taken=taken) == BY_HAND


def test_delays_add_up(flora: Partner) -> None:
    slow = scenario(
        "x", type="slow", steps=[{"delay": {"hours": 1, "minutes": 2, "seconds": 3}, "responses": [ACCEPT]}]
    )
    assert decide([slow], asked(), NOON, flora).after_seconds == 3_723


@pytest.mark.parametrize(
    ("kind", "counter", "decision"),
    [
        ("rejection", None, "reject"),
        ("unavailable", None, "unavailable"),
        ("slow", None, "accept"),
        ("counter_offer", {"item": "tulips"}, "counter"),
        ("price_change", {"price_minor": 100}, "price_change"),
        ("acceptance", None, "accept"),
    ],
)
def test_predefined_types_have_steps_of_their_own(
    kind: ScenarioType, counter: Any, decision: str, flora: Partner
) -> None:
    steps = steps_of(kind, Counter(**counter) if counter else None)
    made = scenario("made", type=kind, steps=steps)
    found = decide([made], asked("pink"), NOON, flora)
    assert found.kind == decision
    assert (found.after_seconds > 0) is (kind == "slow")


@pytest.mark.parametrize("kind", ["custom", "counter_offer", "price_change"])
def test_others_need_to_be_told(kind: ScenarioType) -> None:
    with pytest.raises(ValueError, match=r"custom|counter"):
        steps_of(kind)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": []}, "at least 1"),
        ({"steps": [{"responses": []}]}, "at least 1"),
        ({"steps": [{"responses": [{"decision": "reject", "text": "no {colour}"}]}]}, "no variable"),
        ({"steps": [{"responses": [{"decision": "reject", "text": "no {"}]}]}, "brace"),
        ({"steps": [{"responses": [{"decision": "reject", "text": "for {price}"}]}]}, "counter"),
        ({"steps": [{"responses": [{"decision": "counter"}]}]}, "counter.item"),
        ({"steps": [{"responses": [{"decision": "price_change", "counter": {"item": "x"}}]}]}, "price_minor"),
        ({"steps": [{"responses": [{"decision": "silent", "text": "hush"}]}]}, "leave the text out"),
        ({"steps": [{"responses": [{"decision": "reject", "text": "x" * 1_001}]}]}, "1000"),
        ({"steps": [{"delay": {"hours": 72, "seconds": 1}, "responses": [ACCEPT]}]}, "72 hours"),
        ({"steps": [{"responses": [{**ACCEPT, "weight": 0}]}]}, "greater"),
        ({"type": "rejection", "steps": [{"responses": [ACCEPT]}]}, "begins with reject"),
        ({"type": "slow", "steps": [{"responses": [ACCEPT]}]}, "delay"),
        ({"priority": 1_001}, "1000"),
        ({"seed": -1}, "greater"),
        ({"partners": ["Not An Id"]}, "pattern"),
        ({"steps": [{"responses": [ACCEPT]}] * 11}, "at most 10"),
    ],
)
def test_what_cannot_be_saved_says_why(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        scenario("bad", **change)


@pytest.mark.parametrize("name", list(VARIABLES))
def test_every_variable_can_stand_in_a_sentence(name: str) -> None:
    assert filled(f"a {{{name}}} b", {name: "X"}) == "a X b"
    assert filled(f"a {{{name}}} b", {}) == f"a {VARIABLES[name]} b"


@given(st.text(max_size=300), st.integers(1, 9))
def test_what_is_said_fits_every_channel(value: str, times: int) -> None:
    assert len(filled("{product}" * 10 * times, {"product": value})) <= FILLED_LENGTH_MAX


def test_warnings_tell_why_it_may_never_answer(flora: Partner) -> None:
    all_of_them = scenario("all", ACCEPT, priority=500)
    contradiction = {
        "op": "and",
        "of": [{"type": "time", "weekdays": ["mon"]}, {"type": "time", "weekdays": ["sun"]}],
    }
    said = warnings_of(scenario("one", when=contradiction, is_active=False), [all_of_them])
    assert len(said) == 3
    assert "not active" in said[0]
    assert "weekdays" in said[1]
    assert "all (all) comes first with sim-flora" in said[2]
    assert warnings_of(scenario("one", partners=[]), [all_of_them]) == ["it is assigned to no partner"]
    assert warnings_of(scenario("one", priority=501), [all_of_them]) == []
    assert warnings_of(scenario("one"), [all_of_them.model_copy(update={"partners": (shop("sim-b").id,)})]) == []
