"""What a mandate pays for: every pair of its table, every reason to refuse, and sums that always agree."""

from __future__ import annotations

import itertools
import typing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.flows import Refusal
from shared.money.amounts import Money
from shared.people.access import APPROVAL_OVER_MINOR, Caller, Limits, Role, Verdict
from shared.people.mandates import (
    MOVES,
    ImpossibleMove,
    Mandate,
    MandateFact,
    MandateStatus,
    Merchant,
    NotLower,
    Paid,
    Spending,
    as_of,
    decide,
    lowered,
    moved,
    refusal,
    revoked,
    spent,
    unspent,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STATUSES = typing.get_args(MandateStatus)
FACTS = typing.get_args(MandateFact)

# Where each fact leads, written down a second time by hand; None: nowhere.
LEADS_TO: dict[str, dict[str, str | None]] = {
    "spend": {"active": "active", "exhausted": None, "expired": None, "revoked": None},
    "exhaust": {"active": "exhausted", "exhausted": "exhausted", "expired": None, "revoked": None},
    "restore": {"active": "active", "exhausted": "active", "expired": "expired", "revoked": "revoked"},
    "lower": {"active": "active", "exhausted": "exhausted", "expired": None, "revoked": None},
    "expire": {"active": "expired", "exhausted": "expired", "expired": "expired", "revoked": "revoked"},
    "revoke": {"active": "revoked", "exhausted": "revoked", "expired": "revoked", "revoked": "revoked"},
}


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def mandate(**more: Any) -> Mandate:
    plain = {
        "id": "m1",
        "customer": "ann",
        "agent": "gemini",
        "scopes": ("orders:write",),
        "per_order_max": usd(10_000),
        "total_max": usd(25_000),
        "method": "card_ok",
        "expires_at": NOON + timedelta(days=30),
        "spent": usd(0),
        "created_at": NOON,
    }
    return Mandate.model_validate({**plain, **more})


def spending(minor: int = 5_000, **more: Any) -> Spending:
    plain = {"mandate": "m1", "order": "o1", "customer": "ann", "agent": "gemini", "merchants": ("shop",)}
    return Spending.model_validate({**plain, "amount": usd(minor), **more})


def gemini(limits: Limits | None = None, subject: str = "gemini", acting_for: str = "ann") -> Caller:
    return Caller(subject, frozenset({Role.AGENT}), frozenset({"orders:write"}), acting_for, limits)


@pytest.mark.parametrize(("status", "fact"), list(itertools.product(STATUSES, FACTS)))
def test_every_fact_at_every_status(status: Any, fact: Any) -> None:
    there = mandate(status=status)
    target = LEADS_TO[fact][status]
    assert MOVES.get((status, fact)) == target
    if target is None:
        with pytest.raises(ImpossibleMove, match=f"{status}: there is nothing to {fact}"):
            moved(there, fact)
    else:
        assert moved(there, fact).status == target


ONE_SHOP = (Merchant(id="shop", name="The Shop"),)


@pytest.mark.parametrize(
    ("there", "asked", "reason"),
    [
        ({}, {}, None),
        ({}, {"agent": None}, None),
        ({"merchants": ONE_SHOP}, {}, None),
        ({"per_order_max": usd(5_000), "total_max": usd(5_000)}, {}, None),
        ({}, {"agent": "claude"}, "wrong_agent"),
        ({}, {"customer": "bob"}, "wrong_agent"),
        ({}, {"customer": "bob", "agent": None}, "wrong_agent"),
        ({"status": "revoked"}, {}, "revoked"),
        ({"status": "revoked", "expires_at": NOON}, {}, "revoked"),
        ({"expires_at": NOON}, {}, "expired"),
        ({"scopes": ("intents:write",)}, {}, "wrong_scope"),
        ({}, {"scope": "intents:write"}, "wrong_scope"),
        ({}, {"amount": Money(minor=1, currency="EUR")}, "wrong_currency"),
        ({"merchants": ONE_SHOP}, {"merchants": ("shop", "hidden")}, "merchant_not_allowed"),
        ({}, {"amount": usd(10_001)}, "over_order_cap"),
        ({"spent": usd(20_001)}, {}, "over_what_is_left"),
        ({"spent": usd(25_000), "status": "exhausted"}, {"amount": usd(1)}, "over_what_is_left"),
    ],
)
def test_it_pays_or_says_why_not(there: dict[str, Any], asked: dict[str, Any], reason: str | None) -> None:
    no = refusal(mandate(**there), spending(**asked), NOON)
    assert (no.reason if no else None) == reason
    if no:
        assert no.detail.endswith(".")
        assert "hidden" not in no.detail


@pytest.mark.parametrize(
    ("minor", "there", "caller", "verdict", "reason"),
    [
        (10_000, {}, gemini(), Verdict.ALLOWED, ""),
        (10_001, {}, gemini(), Verdict.NEEDS_APPROVAL, "over_order_cap"),
        (5_001, {"spent": usd(20_000)}, gemini(), Verdict.NEEDS_APPROVAL, "over_what_is_left"),
        (20_000, {"per_order_max": usd(25_000)}, gemini(), Verdict.ALLOWED, ""),
        (20_001, {"per_order_max": usd(25_000)}, gemini(), Verdict.NEEDS_APPROVAL, "over_alone_limit"),
        (3_001, {}, gemini(Limits(approval_over_minor=3_000)), Verdict.NEEDS_APPROVAL, "over_alone_limit"),
        (3_001, {}, gemini(Limits(order_max_minor=3_000)), Verdict.REFUSED, "over_agent_limit"),
        (1_000_001, {}, gemini(), Verdict.REFUSED, "over_agent_limit"),
        (5_000, {"status": "revoked"}, gemini(), Verdict.REFUSED, "revoked"),
        (20_001, {"expires_at": NOON}, gemini(), Verdict.REFUSED, "expired"),
        (5_000, {}, gemini(subject="claude"), Verdict.REFUSED, "wrong_agent"),
        (5_000, {}, gemini(acting_for="bob"), Verdict.REFUSED, "wrong_agent"),
        (5_000, {"merchants": ONE_SHOP}, gemini(), Verdict.REFUSED, "merchant_not_allowed"),
        (5_000, {}, Caller("ann", frozenset({Role.CUSTOMER})), Verdict.ALLOWED, ""),
        (10_001, {}, Caller("ann", frozenset({Role.CUSTOMER})), Verdict.NEEDS_APPROVAL, "over_order_cap"),
        (5_000, {}, Caller("bob", frozenset({Role.CUSTOMER})), Verdict.REFUSED, "wrong_agent"),
    ],
)
def test_alone_after_a_yes_or_not_at_all(
    minor: int, there: dict[str, Any], caller: Caller, verdict: Verdict, reason: str
) -> None:
    ruling = decide(mandate(**there), caller, ["florist"], usd(minor), NOON)
    assert (ruling.verdict, ruling.reason) == (verdict, reason)
    assert bool(ruling.detail) is bool(reason)


@given(st.integers(1, 2_000_000), st.integers(1, 2_000_000), st.integers(0, 2_000_000))
def test_alone_is_never_over_any_limit(minor: int, cap: int, used: int) -> None:
    there = mandate(per_order_max=usd(cap), total_max=usd(2_000_000), spent=usd(used))
    if decide(there, gemini(), [], usd(minor), NOON).verdict is Verdict.ALLOWED:
        assert minor <= min(cap, 2_000_000 - used, APPROVAL_OVER_MINOR)
        assert refusal(there, spending(minor), NOON) is None


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_is_no_order(minor: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        decide(mandate(), gemini(), [], usd(minor), NOON)


def test_it_ends_at_its_moment_to_the_second() -> None:
    there = mandate()
    assert as_of(there, there.expires_at - timedelta(seconds=1)).status == "active"
    assert as_of(there, there.expires_at).status == "expired"
    assert as_of(revoked(there, NOON), there.expires_at).status == "revoked"


def test_an_order_is_paid_once_and_only_with_its_amount() -> None:
    after, paid = must(spent(mandate(), None, spending(), NOON))
    assert (after.spent, after.orders, after.last_used_at, paid.is_live) == (usd(5_000), 1, NOON, True)
    over = revoked(after, NOON)
    assert spent(over, paid, spending(), NOON + timedelta(days=99)) == (over, paid)
    other = spent(after, paid, spending(5_001), NOON)
    assert isinstance(other, Refusal)
    assert other.reason == "already_paid"


def test_what_was_taken_back_is_free_again_and_not_paid_by_whoever_comes_late() -> None:
    full, paid = must(spent(mandate(total_max=usd(5_000)), None, spending(), NOON))
    assert full.status == "exhausted"
    free, gone = unspent(full, paid, spending(), NOON)
    assert (free.status, free.spent, free.orders, gone.is_live) == ("active", usd(0), 0, False)
    assert unspent(free, gone, spending(), NOON) == (free, gone)
    never, kept_out = unspent(free, None, spending(order="o2"), NOON)
    assert never == free
    for entry in (gone, kept_out):
        late = spent(free, entry, spending(order=entry.order), NOON)
        assert isinstance(late, Refusal)
        assert late.reason == "taken_back"


def test_revoking_twice_is_harmless_and_keeps_the_first_moment() -> None:
    once = revoked(mandate(), NOON)
    assert (once.status, once.revoked_at) == ("revoked", NOON)
    assert revoked(once, NOON + timedelta(days=1)) == once


def must(outcome: tuple[Mandate, Paid] | Refusal) -> tuple[Mandate, Paid]:
    assert not isinstance(outcome, Refusal), outcome
    return outcome


LATER = NOON + timedelta(days=10)


def test_limits_are_lowered_each_by_itself_and_an_order_s_is_at_most_the_whole() -> None:
    there = mandate(spent=usd(4_000))
    assert lowered(there, NOON) == there
    assert lowered(there, NOON, per_order_max=usd(1)).per_order_max == usd(1)
    assert lowered(there, NOON, expires_at=LATER).expires_at == LATER
    narrow = lowered(there, NOON, total_max=usd(9_000))
    assert (narrow.total_max, narrow.per_order_max, narrow.left) == (usd(9_000), usd(9_000), usd(5_000))
    assert lowered(there, NOON, total_max=usd(4_000)).status == "exhausted"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("per_order_max", usd(10_001)),
        ("per_order_max", Money(minor=1, currency="EUR")),
        ("total_max", usd(25_001)),
        ("total_max", usd(3_999)),
        ("expires_at", NOON + timedelta(days=31)),
        ("expires_at", NOON),
    ],
)
def test_nothing_is_raised_nor_taken_back_after_the_fact(field: str, value: Any) -> None:
    with pytest.raises(NotLower) as no:
        lowered(mandate(spent=usd(4_000)), NOON, **{field: value})
    assert no.value.field == field


@pytest.mark.parametrize("over", [{"status": "revoked"}, {"expires_at": NOON}])
def test_what_is_over_is_not_lowered(over: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleMove):
        lowered(mandate(**over), NOON, per_order_max=usd(99_999))


ORDERS = st.sampled_from(["o1", "o2", "o3", "o4", "o5"])
AMOUNTS = st.sampled_from([1, 2_500, 5_000, 9_999, 10_000, 10_001])
ACTS = st.one_of(
    st.tuples(st.just("spend"), ORDERS, AMOUNTS),
    st.tuples(st.just("unspend"), ORDERS, AMOUNTS),
    st.tuples(st.just("lower"), st.just(""), st.integers(1, 25_000)),
    st.tuples(st.just("revoke"), st.just(""), st.just(0)),
    st.tuples(st.just("pass"), st.just(""), st.integers(1, 20)),
)


@settings(max_examples=400)
@given(st.lists(ACTS, max_size=40))
def test_whatever_happens_the_sum_is_that_of_the_live_orders_and_within_the_cap(acts: list[Any]) -> None:
    there, entries, now = mandate(), dict[str, Paid](), NOON
    for act, order, number in acts:
        before = there
        if act == "spend":
            asked = spending(number, order=order)
            no = refusal(there, asked, now)
            outcome = spent(there, entries.get(order), asked, now)
            if isinstance(outcome, Refusal):
                assert no == outcome or order in entries
            else:
                assert order in entries or no is None
                there, entries[order] = outcome
        elif act == "unspend":
            there, entries[order] = unspent(there, entries.get(order), spending(number, order=order), now)
            assert not entries[order].is_live
        elif act == "lower":
            there = with_less(there, now, number)
        elif act == "revoke":
            there = revoked(there, now)
        else:
            now += timedelta(days=number)
        live = [entry.amount.minor for entry in entries.values() if entry.is_live]
        assert there.spent.minor == sum(live) <= there.total_max.minor <= before.total_max.minor
        assert there.orders == len(live)
        assert there.per_order_max <= there.total_max
        assert all(amount <= 10_000 for amount in live)
        assert there.status == "revoked" or (there.status == "exhausted") == (there.left.minor == 0)


def with_less(there: Mandate, now: datetime, total: int) -> Mandate:
    try:
        return lowered(there, now, total_max=usd(total))
    except (NotLower, ImpossibleMove):
        return there
