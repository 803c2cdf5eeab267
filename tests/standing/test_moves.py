"""Where an intent may go: every pair, the ends, and that everything else can be left."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from shared.money.amounts import Money
from shared.standing.changes import ImpossibleMove, moved, noted
from shared.standing.intent import ApprovalPolicy
from shared.standing.moves import ENDED, MOVES, ON_SILENCE, Fact, Status, Trust
from tests.standing.test_story import entry, intent
from tests.standing.worlds import MONDAY, usd

STATUSES: tuple[Status, ...] = get_args(Status)
FACTS: tuple[Fact, ...] = get_args(Fact)


@pytest.mark.parametrize(("status", "fact"), list(product(STATUSES, FACTS)))
def test_every_pair(status: Status, fact: Fact) -> None:
    before = intent().model_copy(update={"status": status})
    line = entry(f"{status}-{fact}", MONDAY, "So it was.")
    if (status, fact) not in MOVES:
        with pytest.raises(ImpossibleMove, match=f"is {status}: it cannot {fact}"):
            moved(before, fact, line)
        return
    after = moved(before, fact, line, reason="why")
    assert (after.status, after.reason, after.progress[-1]) == (MOVES[status, fact], "why", line)
    assert (after.due_at is None) is (after.status != "waiting")
    assert moved(after, fact, line) is after  # told twice


def test_from_an_end_nothing_goes_on_and_everything_else_can_end() -> None:
    assert {"done", "cancelled", "expired", "failed"} == ENDED
    assert not {status for status, _ in MOVES} & ENDED
    for status in set(STATUSES) - ENDED:
        reached, todo = set(), [status]
        while todo:
            here = todo.pop()
            new = {target for (source, _), target in MOVES.items() if source == here} - reached
            reached |= new
            todo += new
        assert {"done", "cancelled", "expired"} <= reached


def test_what_is_being_bought_cannot_be_called_back_here() -> None:
    assert ("buying", "cancel") not in MOVES
    assert ("buying", "expire") not in MOVES


def test_silence_never_buys_where_trust_is_low() -> None:
    assert {trust: MOVES["awaiting_approval", fact] for trust, fact in ON_SILENCE.items()} == {
        "high": "buying", "medium": "cancelled", "low": "waiting",
    }  # fmt: skip
    assert set(ON_SILENCE) == set(get_args(Trust))


@pytest.mark.parametrize(
    ("policy", "total", "asks"),
    [
        (ApprovalPolicy(when="none"), usd(99_999), False),
        (ApprovalPolicy(when="always"), usd(1), True),
        (ApprovalPolicy(when="over", over=usd(6000)), usd(6000), False),
        (ApprovalPolicy(when="over", over=usd(6000)), usd(6001), True),
        (ApprovalPolicy(when="over", over=usd(6000)), Money(minor=1, currency="EUR"), True),
    ],
)
def test_when_the_customer_is_asked(policy: ApprovalPolicy, total: Money, asks: bool) -> None:
    assert policy.asks(total) is asks


def test_a_line_that_was_told_is_not_told_again() -> None:
    one = intent()
    trouble = entry("t-1", MONDAY, "The forecast could not be read.")
    two = noted(one, trouble)
    assert noted(two, entry("t-2", MONDAY, "The forecast could not be read.")).progress == two.progress
    assert noted(two, trouble).progress == two.progress
