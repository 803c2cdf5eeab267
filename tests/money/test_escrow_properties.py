"""What holds for an order's escrow after any commands whatever."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import commands as ask
from shared.money.amounts import Money
from shared.money.escrow import CommandReused, apply
from shared.money.ledger import Ledger, undo
from shared.money.legs import EscrowState, open_escrow
from shared.money.trail import verify
from tests.money.walks import KINDS, LEGS, NOON, OUTSIDE, UNSETTLED, balances_of, run, usd, walks

OPEN = ("held", "disputed")
OWNERS = ("customer:", "escrow:", "platform:goodwill")
"""Where the money of a leg comes from at first; what payees give back comes again."""
DEAREST = 10_000
BOTTOMLESS = ("provider:clearing", "platform:goodwill")


def entries_of(steps):
    return [entry for step in steps for entry in step.outcome.entries]


def transfers_of(steps):
    return [transfer for step in steps for transfer in step.outcome.transfers]


def nonzero(ledger):
    return {name: money.minor for name, money in ledger.balances("USD").items() if money.minor}


@given(walks())
def test_accounts_sum_to_zero_after_every_command(steps):
    ledger = Ledger()
    for step in steps:
        for transfer in step.outcome.transfers:
            assert ledger.apply(transfer)
        assert sum(nonzero(ledger).values()) == 0
        for leg_id in LEGS:
            left = step.state.legs[leg_id].left.minor if leg_id in step.state.legs else 0
            assert ledger.balance(f"escrow:O1:{leg_id}", "USD").minor == left


@given(walks())
def test_nobody_gives_out_what_is_not_there(steps):
    """No payee ever stands below zero, and the provider never gave a customer more than it took."""
    for step in steps:
        there = balances_of(step.state)
        assert all(minor >= 0 for name, minor in there.items() if not name.startswith(("customer:", *BOTTOMLESS)))
        if step.command.kind == "given_back" and step.outcome.refusal is None:
            assert there["customer:C1"] >= 0


@given(walks(charged=14 * DEAREST))
def test_a_customer_who_has_paid_stands_nowhere_below_zero(steps):
    """Fourteen commands hold no more than was charged, unless some of it has been given back."""
    given_back = 0
    for step in steps:
        if step.command.kind == "given_back" and step.outcome.refusal is None:
            given_back += step.command.amount.minor
        there = balances_of(step.state)
        assert there["customer:C1"] >= -given_back
        assert all(minor >= 0 for name, minor in there.items() if not name.startswith(("customer:", *BOTTOMLESS)))


@given(walks())
def test_what_the_provider_does_moves_no_leg(steps):
    before = open_escrow("O1", "C1", "USD").legs
    for step in steps:
        if step.command.kind in (*OUTSIDE, "reclaim"):
            assert step.state.legs == before
        before = step.state.legs


@given(walks(kinds=tuple(set(KINDS) - {"refund", "reuse", "resolve"})))
def test_nobody_gives_back_more_of_a_leg_than_it_got_of_it(steps):
    for step in steps:
        for leg_id in LEGS:
            name = f"escrow:O1:{leg_id}"
            posted = [one for one in transfers_of(steps[: steps.index(step) + 1]) if one.kind == "posted"]
            got = Counter({one.credit: 0 for one in posted if one.debit == name})
            for one in posted:
                got[one.credit] += one.amount.minor if one.debit == name else 0
                got[one.debit] -= one.amount.minor if one.credit == name else 0
            payees = [minor for who, minor in got.items() if not who.startswith((*OWNERS, "escrow:"))]
            assert all(minor >= 0 for minor in payees)


@given(walks())
def test_a_hold_resolves_once_in_full(steps):
    """What came into a leg went out of it, or is still there; once closed, nothing moves any more."""
    for leg_id, leg in steps[-1].state.legs.items():
        name = f"escrow:O1:{leg_id}"
        posted = [one for one in transfers_of(steps) if one.kind == "posted"]
        came = sum(one.amount.minor for one in posted if one.credit == name)
        went = sum(one.amount.minor for one in posted if one.debit == name)
        assert came == went + leg.left.minor
        paid = sum(money.minor for money in leg.paid.values())
        out = leg.released.minor + leg.refunded.minor + leg.reused.minor + paid
        again = sum(one.amount.minor for one in posted if one.credit == name and not one.debit.startswith(OWNERS))
        assert went == out + again
        if leg.status in ("authorised", "voided", "expired"):
            assert came == 0
        else:
            assert came == leg.amount.minor + leg.made_good.minor + again
        if leg.status not in OPEN:
            assert leg.left.minor == 0


@given(walks())
def test_a_leg_is_closed_at_most_once(steps):
    closings = Counter()
    before = open_escrow("O1", "C1", "USD")
    for step in steps:
        for leg_id, leg in step.state.legs.items():
            was = before.legs.get(leg_id)
            if was and was.status in OPEN and leg.status not in OPEN:
                closings[leg_id] += 1
            if was and was.status not in (*OPEN, "authorised"):
                assert leg == was
        before = step.state
    assert all(times == 1 for times in closings.values())


@given(walks())
def test_pending_transfers_are_those_of_authorised_legs(steps):
    pending = Ledger(transfers_of(steps)).pending()
    authorised = {leg_id for leg_id, leg in steps[-1].state.legs.items() if leg.status == "authorised"}
    assert {one.credit.rsplit(":", 1)[1] for one in pending} == authorised


@given(walks())
def test_the_trail_holds_and_goes_with_the_state(steps):
    for count, step in enumerate(steps, start=1):
        assert verify(entries_of(steps[:count]), step.state.head) is None
    entries = entries_of(steps)
    if entries:
        assert verify(entries[:-1], steps[-1].state.head) == (len(entries) - 1, None, "missing")


@given(walks(), st.data())
def test_replayed_commands_change_nothing_in_any_order(steps, data):
    last = steps[-1].state
    for step in data.draw(st.lists(st.sampled_from(steps), min_size=1, max_size=8)):
        later = step.command.model_copy(update={"at": NOON + timedelta(days=data.draw(st.integers(0, 9)))})
        state, outcome = apply(last, later)
        assert state == last
        assert outcome == step.outcome


@given(walks(), st.data())
def test_replays_amid_a_run_do_not_alter_its_course(steps, data):
    state = open_escrow("O1", "C1", "USD")
    for position, step in enumerate(steps):
        state, outcome = apply(state, step.command)
        assert outcome == step.outcome
        repeated = data.draw(st.sampled_from(steps[: position + 1]))
        state, _ = apply(state, repeated.command)
    assert state == steps[-1].state


@given(walks(), st.data())
def test_an_id_stands_for_one_command(steps, data):
    step = data.draw(st.sampled_from(steps))
    with pytest.raises(CommandReused):
        apply(steps[-1].state, step.command.model_copy(update={"memo": "something else"}))


@given(walks())
def test_a_run_survives_json_at_every_step(steps):
    state = open_escrow("O1", "C1", "USD")
    for step in steps:
        command = ask.COMMAND.validate_json(step.command.model_dump_json())
        state, _ = apply(EscrowState.model_validate_json(state.model_dump_json()), command)
    assert state == steps[-1].state


@given(walks(), st.data())
def test_any_prefix_and_its_undo_restore_the_balances(steps, data):
    transfers = transfers_of(steps)
    start = data.draw(st.integers(0, len(transfers)))
    ledger = Ledger(transfers[:start])
    before = nonzero(ledger)
    for transfer in [*transfers[start:], *undo(transfers[start:], NOON)]:
        assert ledger.apply(transfer)
    assert nonzero(ledger) == before


def taking_back(state):
    """The commands by which a flow takes back all that nobody was paid from yet."""
    undone_by = {"authorised": "void", "held": "refund", "disputed": "resolve"}
    for leg_id, leg in state.legs.items():
        if leg.status in undone_by:
            kind = undone_by[leg.status]
            more = {"refund": leg.left} if kind == "resolve" else {}
            body = {"kind": kind, "id": f"undo-{leg_id}", "at": NOON, "leg": leg_id} | more
            yield ask.COMMAND.validate_python(body)


@given(walks(kinds=UNSETTLED))
def test_before_anybody_is_paid_everything_goes_back_to_the_customer(steps):
    for step in steps:
        state = run(step.state, *taking_back(step.state))
        ledger = Ledger(t for one in state.answered.values() for t in one.outcome.transfers)
        assert nonzero(ledger) == {}
        assert ledger.pending() == []


@given(walks(), st.sampled_from(LEGS), st.integers(1, 10_000))
def test_currencies_never_mix(steps, leg_id, minor):
    euro = Money(minor=minor, currency="EUR")
    state = steps[-1].state
    for number, (kind, more) in enumerate(
        [("hold", {"amount": euro}), ("authorise", {"amount": euro}), ("refund", {"amount": euro}),
         ("resolve", {"refund": euro}), ("pay_out", {"to": "worker:W", "amount": euro}),
         ("reuse", {"new_leg": "L9", "price": euro}),
         ("release", {"shares": [{"account": "vendor:V", "amount": usd(1)}, {"account": "hub:H", "amount": euro}]})]
    ):  # fmt: skip
        body = {"kind": kind, "id": f"euro{number}", "at": NOON, "leg": leg_id} | more
        after, outcome = apply(state, ask.COMMAND.validate_python(body))
        assert outcome.refusal.code == "currency_mismatch"
        assert (after.legs, after.head) == (state.legs, state.head)
