"""What a customer changes while it waits: told twice it is once, and what is over stays over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.people.access import Limits
from shared.standing.changes import ImpossibleMove, looked, moved
from shared.standing.drafting import Never
from shared.standing.intent import ApprovalPolicy, StandingIntent
from shared.standing.moves import ENDED, MOVES, Status
from shared.standing.progress import Entry
from shared.standing.revising import Revision, cancelled, revised
from shared.standing.truth import evaluate
from tests.standing.test_story import intent
from tests.standing.worlds import FRIDAY, MONDAY, SKY, SUN, SUNNY, THURSDAY, below, both, forecast, usd

NOW = MONDAY + timedelta(hours=2)
STATUSES: tuple[Status, ...] = (
    "scouting", "waiting", "awaiting_approval", "buying", "done", "cancelled", "expired", "failed", "paused"
)  # fmt: skip


def standing(status: Status) -> StandingIntent:
    return intent().model_copy(update={"status": status})


def change(one: StandingIntent, key: str = "k", **fields: Any) -> StandingIntent:
    return revised(one, Revision(**fields), NOW, key)


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_takes_a_change_or_refuses_it(status: Status) -> None:
    one = standing(status)
    for fields in ({"budget": usd(1)}, {"conditions": FRIDAY}, {"is_paused": True}, {"is_paused": False}):
        if status in ENDED or status == "buying":
            with pytest.raises(ImpossibleMove):
                change(one, **fields)
        else:
            after = change(one, **fields)
            assert change(after, **fields) is after, "again is once"
    if (status, "cancel") in MOVES or status == "cancelled":
        after = cancelled(one, NOW, "c", "No more.")
        assert after.status == "cancelled"
        assert cancelled(after, NOW, "d") is after
    else:
        with pytest.raises(ImpossibleMove):
            cancelled(one, NOW, "c")


@pytest.mark.parametrize(
    ("status", "after"),
    [("scouting", "scouting"), ("waiting", "scouting"), ("awaiting_approval", "scouting"), ("paused", "paused")],
)
def test_other_conditions_are_scouted_for_and_the_old_ones_forgotten(status: Status, after: Status) -> None:
    one = standing(status)
    seen = looked(one, evaluate(one.conditions, {SKY: forecast(MONDAY, otherwise=SUN)}, MONDAY, one.frame), "t", MONDAY)
    other = change(seen, conditions=both(SUNNY, FRIDAY))
    assert other.status == after
    assert (other.verdict, other.polls.count, other.turn, other.rests_until) == (None, 0, None, None)
    assert other.progress[-1].words == "You have changed it: I order when Friday is sunny."
    with pytest.raises(Never):
        change(one, conditions=both(THURSDAY, FRIDAY))


def test_a_pause_and_its_end() -> None:
    paused = change(standing("waiting"), is_paused=True)
    assert (paused.status, paused.due_at) == ("paused", None)
    assert change(paused, key="other", is_paused=True) is paused
    back = change(paused, is_paused=False)
    assert back.status == "scouting"
    assert change(standing("waiting"), is_paused=False).status == "waiting"


def test_limits_are_changed_in_place() -> None:
    one = change(
        standing("awaiting_approval"), budget=usd(100), asking=ApprovalPolicy(when="none"), max_wait_days=60
    )
    assert (one.status, one.budget, one.asking.when) == ("awaiting_approval", usd(100), "none")
    assert one.expires_at == MONDAY + timedelta(days=60)
    assert one.progress[-1].words == "You have changed: budget $1.00, when I ask you, how long I wait."
    late = revised(one, Revision(max_wait_days=1), MONDAY + timedelta(days=9), "k2")
    assert late.expires_at == MONDAY + timedelta(days=9), "not in the past"


def test_an_agent_binds_what_it_changes_to_its_own_limits() -> None:
    mine = standing("waiting")
    theirs = change(mine, conditions=below(9_000), agent="gemini", limits=Limits(100, 200))
    assert (theirs.agent, theirs.limits) == ("gemini", Limits(100, 200))
    narrower = change(theirs, budget=usd(5), agent="other", limits=Limits(500, 150))
    assert (narrower.agent, narrower.limits) == ("gemini", Limits(100, 150))
    assert change(mine, agent="gemini", limits=Limits(1, 1)) is mine, "nothing was changed"


def test_a_line_that_is_told_twice_is_one() -> None:
    told = Entry(id="x", at=NOW, kind="status", words="Found.")
    assert moved(standing("scouting"), "find", told).progress.count(told) == 1
