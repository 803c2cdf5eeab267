"""Payouts: every move there is and is not, and the sums of plans and takings."""

from datetime import timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money.commands import PaidOut
from shared.money.payments import Payment, State
from shared.money.payouts import (
    MOVES,
    Fact,
    ImpossibleMove,
    Payout,
    Status,
    kept_by,
    moved,
    planned,
    reversals,
    reversed_by,
    split_over,
)
from tests.money.walks import NOON, usd

EXPECTED = {
    ("waiting", "plan"): "sending",
    ("waiting", "keep_part"): "waiting",
    ("waiting", "keep_all"): "kept",
    ("sending", "refuse"): "waiting",
    ("sending", "send"): "sent",
    ("sent", "book"): "paid",
    ("paid", "reverse"): "paid",
}


def payout(minor=1000, **more):
    return Payout(
        id="O1:release:leg-1:0", account="vendor:V", order="O1", customer="C1", leg="leg-1", amount=usd(minor),
        kept=usd(0), created_at=NOON, **more,
    )  # fmt: skip


def payment(name, captured, *, refunded=0, transferred=0, state=State.CAPTURED, days=0):
    return Payment(
        id=name, order="O1", method="card_ok", amount=usd(max(captured, 1)), state=state, captured=usd(captured),
        refunded=usd(refunded), transferred=usd(transferred), at=NOON + timedelta(days=days),
    )  # fmt: skip


@pytest.mark.parametrize(("status", "fact"), list(product(get_args(Status), get_args(Fact))))
def test_every_move(status, fact):
    before = payout(status=status)
    if (status, fact) in EXPECTED:
        assert moved(before, fact).status == EXPECTED[status, fact]
    else:
        with pytest.raises(ImpossibleMove, match=status):
            moved(before, fact)
    assert MOVES == EXPECTED


def test_what_is_left_of_several_payments_is_used_up_oldest_first():
    payments = [
        payment("second", 500, days=1),
        payment("first", 1000, refunded=200, transferred=300),
        payment("declined", 900, state=State.DECLINED),
        payment("void", 900, state=State.VOIDED),
    ]
    assert split_over(payments, usd(400)) == (("first", usd(400)),)
    assert split_over(payments, usd(700)) == (("first", usd(500)), ("second", usd(200)))
    assert split_over(payments, usd(1000)) == (("first", usd(500)), ("second", usd(500)))
    assert split_over(payments, usd(1001)) is None


payments_ = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 250), st.integers(0, 250)), min_size=0, max_size=5
).map(lambda found: [payment(f"p{n}", a, refunded=min(b, a), transferred=min(c, a - min(b, a)), days=n)
                     for n, (a, b, c) in enumerate(found)])  # fmt: skip


@given(payments_, st.integers(1, 2_000))
def test_a_plan_adds_up_and_asks_no_payment_for_more_than_it_has(payments, minor):
    plan = planned(payout(minor), "acct", payments)
    there = sum(one.left.minor for one in payments)
    if plan is None:
        assert minor > there
        return
    assert plan.status == "sending"
    assert sum(part.amount.minor for part in plan.parts) == minor <= there
    left = {one.id: one.left for one in payments}
    assert all(usd(0) < part.amount <= left[part.payment] for part in plan.parts)
    assert len({part.payment for part in plan.parts}) == len(plan.parts)


@given(payments_, st.integers(1, 1_000), st.lists(st.integers(1, 600), max_size=5))
def test_no_more_comes_back_than_was_sent(payments, minor, takings):
    plan = planned(payout(minor), "acct", payments)
    if plan is None:
        return
    parts = tuple(part.model_copy(update={"transfer": f"tr_{n}"}) for n, part in enumerate(plan.parts))
    paid = moved(moved(plan, "send", parts=parts), "book")
    for number, wanted in enumerate(takings):
        before = paid.at_payee
        taken = reversals(paid, usd(wanted))
        assert sum(amount.minor for _, amount in taken) == min(wanted, before.minor)
        paid = reversed_by(paid, taken, f"k{number}")
        assert paid.takings[-1].total == before - paid.at_payee
    assert paid.at_payee.minor == max(minor - sum(takings), 0)
    assert all(usd(0) <= part.back <= part.amount for part in paid.parts)


def test_what_waits_is_kept_back_in_part_or_whole():
    part = kept_by(payout(), usd(300), "k1")
    assert (part.status, part.due) == ("waiting", usd(700))
    whole = kept_by(part, usd(700), "k2")
    assert (whole.status, whole.due) == ("kept", usd(0))
    with pytest.raises(ImpossibleMove):
        kept_by(whole, usd(1), "k3")
    with pytest.raises(ImpossibleMove):
        reversed_by(payout(), (), "k4")


@pytest.mark.parametrize("command", ["release:leg-1:abc", "x" * 120])
def test_its_command_has_an_id_that_the_ledger_takes(command):
    one = payout().model_copy(update={"id": f"O1:{command}:0"})
    made = PaidOut(id=one.command_id, at=NOON, to="vendor:V", amount=usd(1))
    assert made.id.startswith("paid_out:")
    other = one.model_copy(update={"id": f"O1:{command}:1"})
    assert other.command_id != one.command_id
