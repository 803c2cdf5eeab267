"""Triggers: every kind, joined every way, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product as pairs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.simulator.asked import Asked, facts_of, type_of
from shared.simulator.conditions import DEPTH_MAX, LEAVES_MAX, Trigger, contradictions, holds
from tests.simulator.conftest import NOON, asked, dollars

TRIGGERS: TypeAdapter[Any] = TypeAdapter(Trigger)
PINK = {"type": "product", "any_of": ["pink flowers", "tulips"]}
CHANGE = {"type": "request", "any_of": ["change_request"]}
OVER_500 = {"type": "order_value", "over": {"minor": 50_000, "currency": "USD"}}


def is_true(condition: Any, request: Asked, now: datetime = NOON) -> bool:
    return holds(TRIGGERS.validate_python(condition), request, now)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (asked("Pink Flowers"), True),
        (asked("a bunch of flowers in pink, please"), True),
        (asked("one pink flower"), True),
        (asked("red flowers"), False),
        (asked("pinkish flowers"), False),
        (asked("TULIP"), True),
        (asked(product="tulips"), True),
        (asked("roses", product="tulips"), False),
        (asked(text="Customer requested change: Pink flowers instead of red. Can you fulfill?"), True),
        (asked(text="Red flowers instead of pink flowers?"), False),
        (asked(), False),
    ],
)
def test_product_words(request_: Asked, expected: bool) -> None:
    assert is_true(PINK, request_) is expected


@pytest.mark.parametrize("kind", ["change_request", "order_request", "question", "notice"])
def test_kinds_of_request(kind: str) -> None:
    assert is_true(CHANGE, asked(kind=kind)) is (kind == "change_request")


@pytest.mark.parametrize(
    ("condition", "clock", "expected"),
    [
        ({"after": "17:00"}, "17:00", True),
        ({"after": "17:00"}, "16:59", False),
        ({"before": "09:00"}, "08:59", True),
        ({"before": "09:00"}, "09:00", False),
        ({"after": "09:00", "before": "17:00"}, "12:30", True),
        ({"after": "22:00", "before": "06:00"}, "23:10", True),
        ({"after": "22:00", "before": "06:00"}, "05:59", True),
        ({"after": "22:00", "before": "06:00"}, "12:00", False),
        ({"weekdays": ["mon", "tue"]}, "12:00", True),
        ({"weekdays": ["sun"]}, "12:00", False),
        ({"weekdays": ["mon"], "after": "13:00"}, "12:00", False),
    ],
)
def test_times(condition: dict[str, Any], clock: str, expected: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    assert is_true({"type": "time", **condition}, asked(), NOON.replace(hour=hour, minute=minute)) is expected


@given(st.integers(0, 1_439), st.integers(0, 1_439), st.integers(0, 1_439))
def test_a_span_and_the_one_from_its_end_to_its_beginning_make_up_the_day(a: int, b: int, now: int) -> None:
    first, last = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (a, b))
    moment = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=now)
    if a == b:
        with pytest.raises(ValidationError, match="the same"):
            TRIGGERS.validate_python({"type": "time", "after": first, "before": last})
        return
    forth, back = (
        is_true({"type": "time", "after": one, "before": other}, asked(), moment)
        for one, other in ((first, last), (last, first))
    )
    assert forth is not back


@pytest.mark.parametrize(
    ("bounds", "dollars_", "expected"),
    [
        ({"over": 500}, 500, False),
        ({"over": 500}, 501, True),
        ({"under": 500}, 500, False),
        ({"under": 500}, 499, True),
        ({"over": 100, "under": 500}, 300, True),
        ({"over": 100, "under": 500}, 600, False),
        ({"over": 100}, None, False),
    ],
)
def test_order_values(bounds: dict[str, int], dollars_: int | None, expected: bool) -> None:
    leaf = {name: {"minor": amount * 100, "currency": "USD"} for name, amount in bounds.items()}
    value = dollars(dollars_) if dollars_ is not None else None
    assert is_true({"type": "order_value", **leaf}, asked(order_value=value)) is expected


def test_a_value_in_another_currency_is_neither_over_nor_under() -> None:
    euros = asked(order_value={"minor": 90_000, "currency": "EUR"})
    assert not is_true(OVER_500, euros)
    assert not is_true({"type": "order_value", "under": {"minor": 100_000, "currency": "USD"}}, euros)


def test_customers_by_name_in_any_case() -> None:
    leaf = {"type": "customer", "any_of": ["Ann", "cust-7"]}
    assert is_true(leaf, asked(customer="ann"))
    assert not is_true(leaf, asked(customer="anna"))


def test_the_specs_own_example() -> None:
    rule = {"op": "and", "of": [OVER_500, {"type": "product", "any_of": ["flowers"]}]}
    assert is_true(rule, asked("flowers", order_value=dollars(600)))
    assert not is_true(rule, asked("flowers", order_value=dollars(400)))
    assert not is_true(rule, asked("a cake", order_value=dollars(600)))


@pytest.mark.parametrize(("left", "right"), list(pairs([True, False], repeat=2)))
def test_and_or_not(left: bool, right: bool) -> None:
    leaves = [PINK if left else OVER_500, CHANGE if right else {"type": "customer", "any_of": ["nobody"]}]
    request = asked("tulips")
    assert is_true({"op": "and", "of": leaves}, request) is (left and right)
    assert is_true({"op": "or", "of": leaves}, request) is (left or right)
    assert is_true({"op": "not", "of": leaves[:1]}, request) is not left


def nested(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = CHANGE
    for _ in range(depth - 1):
        condition = {"op": "not", "of": [condition]}
    return condition


def test_trees_have_limits() -> None:
    assert is_true(nested(DEPTH_MAX), asked())
    with pytest.raises(ValidationError, match="deep"):
        TRIGGERS.validate_python(nested(DEPTH_MAX + 1))
    ten = {"op": "or", "of": [CHANGE] * 10}
    assert LEAVES_MAX == 40
    assert is_true({"op": "and", "of": [ten] * 4}, asked())
    with pytest.raises(ValidationError, match="40 conditions"):
        TRIGGERS.validate_python({"op": "and", "of": [ten] * 4 + [CHANGE]})
    with pytest.raises(ValidationError):
        TRIGGERS.validate_python({"op": "or", "of": [CHANGE] * 11})


@pytest.mark.parametrize(
    "condition",
    [
        {},
        [],
        "always",
        {"type": "moon"},
        {"op": "xor", "of": [CHANGE]},
        {"op": "and", "of": []},
        {"op": "not", "of": [CHANGE, PINK]},
        {"type": "product", "any_of": []},
        {"type": "product", "any_of": [""]},
        {"type": "product", "any_of": ["x" * 101]},
        {"type": "request", "any_of": ["order"]},
        {"type": "time"},
        {"type": "time", "after": "25:00"},
        {"type": "time", "after": "5 PM"},
        {"type": "time", "weekdays": ["monday"]},
        {"type": "order_value"},
        {"type": "order_value", "over": {"minor": 1.5, "currency": "USD"}},
        {"type": "customer", "any_of": ["x"], "and": "more"},
    ],
)
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    with pytest.raises(ValidationError):
        TRIGGERS.validate_python(condition)


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ([CHANGE, {"type": "request", "any_of": ["question"]}], "kinds"),
        ([{"type": "time", "weekdays": ["mon"]}, {"type": "time", "weekdays": ["tue"]}], "weekdays"),
        ([OVER_500, {"type": "order_value", "under": {"minor": 50_001, "currency": "USD"}}], "worth more"),
        ([OVER_500, {"type": "order_value", "under": {"minor": 50_002, "currency": "USD"}}], None),
        ([CHANGE, PINK], None),
    ],
)
def test_contradictions_are_told(branch: list[Any], words: str | None) -> None:
    tree = TRIGGERS.validate_python({"op": "or", "of": [{"op": "and", "of": branch}, CHANGE]})
    found = list(contradictions(tree))
    assert len(found) == (1 if words else 0)
    assert words is None or words in found[0]
    assert list(contradictions(TRIGGERS.validate_python({"op": "or", "of": branch}))) == []


def test_facts_are_taken_as_far_as_they_are_such() -> None:
    given = {
        "requested_item": "x" * 900, "product": 7, "order_value": {"minor": 5_000, "currency": "USD"},
        "request_type": "dance", "customer": "ann", "colour": "red",
    }  # fmt: skip
    facts = facts_of(given)
    assert (len(facts.requested_item), facts.product, facts.request_type, facts.customer) == (200, "", None, "ann")
    assert facts.order_value == dollars(50)
    assert facts_of(None) == facts_of({})


@pytest.mark.parametrize(
    ("text", "has_buttons", "kind"),
    [
        ("Can you?", False, "question"),
        ("News.", False, "notice"),
        ("News.", True, "question"),
        ("Sure? ", False, "question"),
    ],
)
def test_without_a_word_of_it_the_kind_is_guessed(text: str, has_buttons: bool, kind: str) -> None:
    assert type_of(facts_of({}), text, has_buttons=has_buttons) == kind
    assert type_of(facts_of({"request_type": "order_request"}), text, has_buttons=has_buttons) == "order_request"
