"""Where a negotiation may go, how long its partner has, and offers whose price comes later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from shared.dialogue.negotiation import (
    MOVES,
    ImpossibleMove,
    Negotiation,
    Round,
    Status,
    answer_minutes,
    completed,
    is_jit,
    moved,
    open_offer,
    round_of,
    with_round,
)
from shared.dialogue.reply.counter import Offer
from shared.dialogue.terms import NegotiationFact
from shared.money.amounts import Money

NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
OVER = {"agreed", "declined", "unresolved", "withdrawn"}


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def talk(status: Status = "awaiting_partner", *rounds: Round) -> Negotiation:
    return Negotiation(
        id="n1", order="o1", leg="leg-1", change="c1", customer="ann", partner="a", partner_name="A", channel="sms",
        wanted="pink", ordered="red", price=usd(5_000), leg_starts=NOW, leg_ends=NOW, status=status, rounds=rounds,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def asked(number: int, offer: Offer | None = None, *, is_said: bool = False) -> Round:
    said_at = NOW if is_said or offer else None
    return Round(number=number, key=f"k{number}", asked="?", asked_at=NOW, due_at=NOW, offer=offer, said_at=said_at)


@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("fact", get_args(NegotiationFact))
def test_every_move(status: Status, fact: NegotiationFact) -> None:
    after = MOVES.get((status, fact))
    if after is None:
        with pytest.raises(ImpossibleMove):
            moved(talk(status), fact, NOW)
        return
    assert status not in OVER, "what is over goes nowhere"
    assert moved(talk(status), fact, NOW + timedelta(1)).status == after


@pytest.mark.parametrize("status", sorted(set(get_args(Status)) - OVER))
def test_it_can_always_end(status: Status) -> None:
    assert {MOVES.get((status, fact)) for fact in get_args(NegotiationFact)} >= OVER


@pytest.mark.parametrize(("hours", "minutes"), [(0, 15), (3.99, 15), (4, 60), (48, 60)])
def test_who_begins_soon_has_less_time(hours: float, minutes: int) -> None:
    assert answer_minutes(is_jit=is_jit(NOW + timedelta(hours=hours), NOW)) == minutes


def test_an_offer_without_a_price_waits_until_something_else_is_said() -> None:
    unpriced = Offer(title="Deep Purple", quantity=1, says="Deep Purple", asks="What would it cost?")
    assert open_offer(talk()) is None
    assert open_offer(talk("awaiting_partner", asked(1, unpriced), asked(2))) == (unpriced, None)
    assert open_offer(talk("awaiting_partner", asked(1, unpriced), asked(2, is_said=True))) is None
    priced = Offer(title="pink", quantity=1, price=usd(5_400), difference=usd(400), basis="said", says="$54")
    whole = completed(unpriced, priced)
    assert (whole.title, whole.price, whole.difference, whole.asks) == ("Deep Purple", usd(5_400), usd(400), None)


def test_rounds_by_their_number() -> None:
    changed = with_round(talk("awaiting_partner", asked(1), asked(2)), 2, said="No")
    assert [one.said for one in changed.rounds] == ["", "No"]
    assert round_of(changed, 2).said == "No"
    with pytest.raises(LookupError):
        round_of(changed, 3)
