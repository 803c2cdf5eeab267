"""Disputes: every move there is and is not, until when one may be opened, and what a decision may say."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from shared.money.amounts import Money
from shared.orders.disputes import (
    MOVES,
    BankCase,
    Decision,
    Dispute,
    DisputedLeg,
    Fact,
    ImpossibleMove,
    PartyAnswer,
    Status,
    answered,
    asked_back,
    decided,
    open_about,
    problem_with,
    why_too_late,
)
from shared.orders.order import Order

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EXPECTED = {
    ("open", "respond"): "responded",
    ("open", "decide"): "decided",
    ("responded", "respond"): "responded",
    ("responded", "decide"): "decided",
}


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def leg(number: int, minor: int = 5000) -> DisputedLeg:
    return DisputedLeg(
        id=f"leg-{number}", party="partner", partner="rosie", partner_name="Rosie", role="product", title="Roses",
        price=usd(minor),
    )  # fmt: skip


def dispute(status: str = "open", **more: object) -> Dispute:
    return Dispute(
        id="d", order="o", customer="ann", reason="damaged", text="Wilted.", legs=(leg(1), leg(2, 1200)),
        status=status, created_at=NOON, updated_at=NOON, **more,
    )  # fmt: skip


def answer(text: str = "Fresh.", partner: str = "rosie") -> PartyAnswer:
    return PartyAnswer(party="partner", partner=partner, text=text, at=NOON)


def decision(verdict: str = "refund", **amounts: int) -> Decision:
    named = {name.replace("_", "-"): usd(minor) for name, minor in amounts.items()}
    return Decision(verdict=verdict, amounts=named, note="So.", by="olga", at=NOON)


@pytest.mark.parametrize(("status", "fact"), list(product(get_args(Status), get_args(Fact))))
def test_every_move(status: str, fact: str) -> None:
    before = dispute(status)
    act = (lambda: answered(before, answer())) if fact == "respond" else (lambda: decided(before, decision()))
    if (status, fact) in EXPECTED:
        assert act().status == EXPECTED[status, fact]
    else:
        with pytest.raises(ImpossibleMove):
            act()
    assert MOVES == EXPECTED


def test_the_last_word_of_each_party_counts() -> None:
    after = answered(answered(answered(dispute(), answer("One")), answer("Two", "nib")), answer("Three"))
    assert [(one.partner, one.text) for one in after.answers] == [("nib", "Two"), ("rosie", "Three")]


def test_the_same_decision_again_changes_nothing() -> None:
    after = decided(dispute(), decision("partial", leg_1=100))
    later = decision("partial", leg_1=100).model_copy(update={"at": NOON + timedelta(hours=1)})
    assert decided(after, later) is after
    with pytest.raises(ImpossibleMove):
        decided(after, decision("partial", leg_1=200))


def test_what_a_decision_gives_back() -> None:
    assert asked_back(decision("refund"), leg(1)) is None
    assert asked_back(decision("deny"), leg(1)) == usd(0)
    assert asked_back(decision("partial", leg_1=100), leg(1)) == usd(100)
    assert asked_back(decision("partial", leg_1=100), leg(2)) == usd(0)


@pytest.mark.parametrize(
    ("verdict", "amounts", "field"),
    [
        ("refund", {}, None),
        ("deny", {}, None),
        ("partial", {"leg-1": 5000}, None),
        ("partial", {"leg-1": 1, "leg-2": 0}, None),
        ("refund", {"leg-1": 1}, "amounts"),
        ("partial", {}, "amounts"),
        ("partial", {"leg-1": 0}, "amounts"),
        ("partial", {"leg-1": 5001}, "amounts.leg-1"),
        ("partial", {"leg-1": -1}, "amounts.leg-1"),
        ("partial", {"leg-9": 1}, "amounts.leg-9"),
    ],
)
def test_what_a_decision_may_say(verdict: str, amounts: dict[str, int], field: str | None) -> None:
    found = problem_with(dispute(), verdict, {name: usd(minor) for name, minor in amounts.items()})  # type: ignore[arg-type]
    assert (found[0] if found else None) == field


def test_amounts_are_in_the_currency_of_the_order() -> None:
    assert problem_with(dispute(), "partial", {"leg-1": Money(minor=1, currency="EUR")})


def test_a_leg_has_one_open_dispute() -> None:
    one = dispute()
    assert open_about([one], ["leg-2", "leg-7"]) is one
    assert open_about([one], ["leg-7"]) is None
    assert open_about([dispute("decided")], ["leg-1"]) is None


@pytest.mark.parametrize(
    ("more", "hours", "is_open"),
    [
        ({"status": "placed"}, 10_000, True),
        ({"status": "in_progress"}, 0, True),
        ({"status": "delivered", "delivered_at": NOON}, 48, True),
        ({"status": "delivered", "delivered_at": NOON}, 48.01, False),
        ({"status": "completed", "confirmed_at": NOON}, 48, True),
        ({"status": "completed", "confirmed_at": NOON}, 49, False),
        # What counts is the delivery, not when somebody said so.
        ({"status": "completed", "delivered_at": NOON, "confirmed_at": NOON + timedelta(hours=40)}, 49, False),
        ({"status": "completed"}, 47, True),
        ({"status": "completed"}, 49, False),
        ({"status": "placing"}, 0, False),
        ({"status": "failed"}, 0, False),
    ],
)
def test_it_can_be_opened_until_48_hours_after_delivery(more: dict[str, object], hours: float, is_open: bool) -> None:
    # Only these of its fields count here.
    order = Order.model_construct(id="o", **{"updated_at": NOON, "delivered_at": None, "confirmed_at": None, **more})
    assert (why_too_late(order, NOON + timedelta(hours=hours)) is None) == is_open


def test_a_bank_s_case_is_kept_with_its_amount() -> None:
    assert dispute(bank=BankCase(id="du_1", amount=usd(6200))).bank is not None
