"""Amounts: what is taken in, sums that refuse to mix, words for people, exact splits."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.money.amounts import (
    MINOR_MAX,
    AmountTooLarge,
    BadWeights,
    CurrencyMismatch,
    Money,
    split,
    total,
)
from shared.money.currencies import MINOR_DIGITS
from tests.money.walks import usd

minors = st.integers(-MINOR_MAX, MINOR_MAX)
weights = st.lists(st.integers(0, 10**30), min_size=1, max_size=30).filter(any)


def test_wire_shape():
    assert Money.model_validate_json('{"minor": 5500, "currency": "USD"}') == usd(5500)
    assert usd(5500).model_dump_json() == '{"minor":5500,"currency":"USD"}'


@pytest.mark.parametrize(
    "body",
    [
        '{"minor": 55.0, "currency": "USD"}',
        '{"minor": "5500", "currency": "USD"}',
        '{"minor": true, "currency": "USD"}',
        '{"minor": 9007199254740992, "currency": "USD"}',
        '{"minor": 1, "currency": "usd"}',
        '{"minor": 1, "currency": "XAU"}',
        '{"minor": 1}',
        '{"minor": 1, "currency": "USD", "scale": 2}',
    ],
)
def test_what_is_no_money(body):
    with pytest.raises(ValidationError):
        Money.model_validate_json(body)


def test_money_does_not_change():
    with pytest.raises(ValidationError):
        usd(1).minor = 2


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (5500, "USD", "$55.00"),
        (-500, "USD", "-$5.00"),
        (5, "USD", "$0.05"),
        (123_456_789, "EUR", "€1,234,567.89"),
        (1200, "JPY", "¥1,200"),
        (1500, "KWD", "KWD 1.500"),
        (1990, "CHF", "CHF 19.90"),
    ],
)
def test_words_for_people(minor, currency, text):
    assert str(Money(minor=minor, currency=currency)) == text


def test_every_currency_has_its_digits_once():
    assert len(MINOR_DIGITS) == 155
    assert (MINOR_DIGITS["USD"], MINOR_DIGITS["JPY"], MINOR_DIGITS["BHD"]) == (2, 0, 3)


@pytest.mark.parametrize("sign", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge])
def test_currencies_never_mix(sign):
    with pytest.raises(CurrencyMismatch, match="USD and EUR"):
        sign(usd(1), Money(minor=1, currency="EUR"))


def test_total_of_two_currencies_is_refused():
    with pytest.raises(CurrencyMismatch):
        total([usd(1), Money(minor=1, currency="EUR")], "USD")
    assert total([], "EUR") == Money(minor=0, currency="EUR")


@given(minors, minors)
def test_sums_are_those_of_integers_or_refused(left, right):
    if abs(left + right) > MINOR_MAX:
        with pytest.raises(AmountTooLarge):
            usd(left) + usd(right)
    else:
        assert (usd(left) + usd(right)).minor == left + right
        assert usd(left) + usd(right) - usd(right) == usd(left)
    assert (usd(left) < usd(right)) == (left < right)
    assert (usd(left) >= usd(right)) == (left >= right)


def test_times_a_quantity():
    assert usd(1999) * 3 == usd(5997)
    with pytest.raises(AmountTooLarge):
        usd(MINOR_MAX) * 2


@pytest.mark.parametrize(
    ("minor", "by", "to", "parts"),
    [
        (100, [1, 1, 1], None, [34, 33, 33]),
        (100, [1, 1, 1], 2, [33, 33, 34]),
        (101, [1, 1, 1], None, [34, 34, 33]),
        (10, [3, 3, 1], None, [4, 4, 2]),
        (10, [5, 3, 1], None, [6, 3, 1]),
        (5, [0, 1, 0], None, [0, 5, 0]),
        (7, [0, 1, 1], 0, [1, 3, 3]),
        (-100, [1, 1, 1], None, [-34, -33, -33]),
    ],
)
def test_splits_by_hand(minor, by, to, parts):
    assert [part.minor for part in split(usd(minor), by, to)] == parts


@given(minors, weights)
def test_split_is_exact_and_fair(minor, by):
    parts = split(usd(minor), by)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, by, strict=True):
        assert abs(part.minor * sum(by) - minor * weight) < sum(by)
        assert weight or not part.minor


@given(st.integers(0, MINOR_MAX), weights, st.data())
def test_split_leaves_the_remainder_to_the_part_named(minor, by, data):
    favoured = data.draw(st.integers(0, len(by) - 1))
    parts = split(usd(minor), by, remainder_to=favoured)
    assert sum(part.minor for part in parts) == minor
    for index, weight in enumerate(by):
        if index != favoured:
            assert parts[index].minor == minor * weight // sum(by)


@pytest.mark.parametrize(("by", "to"), [([], None), ([0, 0], None), ([1, -1], None), ([1], 1), ([1] * 1001, None)])
def test_weights_by_which_nothing_is_split(by, to):
    with pytest.raises(BadWeights):
        split(usd(100), by, to)
