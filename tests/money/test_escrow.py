"""The escrow of an order: every move there is and is not, and the numbers of the spec."""

from itertools import product
from typing import get_args

import pytest
from pydantic import ValidationError

from shared.money import commands as ask
from shared.money.accounts import BadAccount
from shared.money.amounts import MINOR_MAX, Money
from shared.money.commands import Share
from shared.money.commission import Cpe, Referral, break_down
from shared.money.escrow import CommandReused, apply, price_difference
from shared.money.ledger import Ledger
from shared.money.legs import AUTO_RELEASE_HOURS, COMMANDS_MAX, LEGS_MAX, EscrowState, Event, Status, open_escrow
from shared.money.trail import Head, verify
from tests.money.walks import NOON, run, usd

WHOLE = (Share(account="vendor:V", amount=usd(4500)), Share(account="platform:fees", amount=usd(500)))


def order():
    return open_escrow("O1", "C1", "USD")


def do(kind, name, leg="L1", **more):
    return ask.COMMAND.validate_python({"kind": kind, "id": name, "at": NOON, "leg": leg} | more)


def ledger_of(state):
    """All that an order's outcomes wrote, folded; the trail is verified on the way."""
    entries = [entry for one in state.answered.values() for entry in one.outcome.entries]
    assert verify(entries, state.head) is None
    return Ledger(transfer for one in state.answered.values() for transfer in one.outcome.transfers)


def balances(state):
    return {name: money.minor for name, money in ledger_of(state).balances("USD").items() if money.minor}


HELD = [do("hold", "s1", amount=usd(5000))]
DISPUTED = [*HELD, do("dispute", "s2")]
AUTHORISED = [do("authorise", "s1", amount=usd(5000))]

WAY_TO = {
    "absent": [],
    "authorised": AUTHORISED,
    "voided": [*AUTHORISED, do("void", "s2")],
    "expired": [*AUTHORISED, do("expire", "s2")],
    "held": HELD,
    "released": [*HELD, do("release", "s2", shares=WHOLE)],
    "refunded": [*HELD, do("refund", "s2")],
    "replaced": [*HELD, do("reuse", "s2", new_leg="L8", price=usd(5500))],
    "disputed": DISPUTED,
    "resolved_released": [*DISPUTED, do("resolve", "s3", refund=usd(0), shares=WHOLE)],
    "resolved_refunded": [*DISPUTED, do("resolve", "s3", refund=usd(5000))],
    "resolved_partly": [*DISPUTED, do("resolve", "s3", refund=usd(1000), shares=WHOLE)],
}

ASKED_BY = {
    "authorise": do("authorise", "x", amount=usd(100)),
    "capture": do("capture", "x"),
    "void": do("void", "x"),
    "expire": do("expire", "x"),
    "hold": do("hold", "x", amount=usd(100)),
    "fill": do("reuse", "x", leg="L9", new_leg="L1", price=usd(5000)),
    "release": do("release", "x", shares=WHOLE),
    "refund": do("refund", "x"),
    "refund_part": do("refund", "x", amount=usd(1000)),
    "pay_out": do("pay_out", "x", to="worker:W", amount=usd(1000)),
    "pay_out_last": do("pay_out", "x", to="worker:W", amount=usd(5000)),
    "replace": do("reuse", "x", new_leg="L7", price=usd(5000)),
    "dispute": do("dispute", "x"),
    "resolve_release": do("resolve", "x", refund=usd(0), shares=WHOLE),
    "resolve_refund": do("resolve", "x", refund=usd(5000)),
    "resolve_partly": do("resolve", "x", refund=usd(1000), shares=WHOLE),
    "resume": do("resume", "x"),
}

EXPECTED = {
    "absent": {"authorise": "authorised", "hold": "held", "fill": "held"},
    "authorised": {"capture": "held", "void": "voided", "expire": "expired"},
    "held": {
        "release": "released", "refund": "refunded", "refund_part": "held", "pay_out": "held",
        "pay_out_last": "released", "replace": "replaced", "dispute": "disputed",
    },
    "disputed": {
        "resolve_release": "resolved_released", "resolve_refund": "resolved_refunded",
        "resolve_partly": "resolved_partly", "resume": "held",
    },
}  # fmt: skip


@pytest.mark.parametrize(("status", "event"), list(product(get_args(Status), get_args(Event))))
def test_every_move(status, event):
    before = run(order(), do("hold", "s0", leg="L9", amount=usd(5000)), *WAY_TO[status])
    assert ("L1" in before.legs) == (status != "absent")
    assert status == "absent" or before.legs["L1"].status == status
    after, outcome = apply(before, ASKED_BY[event])
    expected = EXPECTED.get(status, {}).get(event)
    if expected is None:
        assert outcome.refusal.code == "impossible_move"
        assert status in outcome.refusal.reason
        assert outcome.entries == ()
        assert (after.legs, after.head) == (before.legs, before.head)
    else:
        assert outcome.refusal is None
        assert after.legs["L1"].status == expected
    assert sum(money.minor for money in ledger_of(after).balances("USD").values()) == 0


def test_authorised_money_is_not_in_escrow_before_capture():
    state = run(order(), *AUTHORISED)
    assert (state.held, balances(state)) == (usd(0), {})
    assert ledger_of(state).reserved("customer:C1", "USD") == usd(5000)
    state = run(state, do("capture", "c"))
    assert (state.held, balances(state)) == (usd(5000), {"customer:C1": -5000, "escrow:O1:L1": 5000})
    assert ledger_of(state).pending() == []


def test_delivery_confirmed_releases_to_all_parties():
    referral = Referral(account="affiliate:A", rate=Cpe(basis_points=500))
    parts = break_down(usd(5000), "vendor:V", 1000, referral, [Share(account="worker:W", amount=usd(700))])
    state = run(order(), *HELD, do("release", "r", shares=parts.shares))
    assert balances(state) == {
        "customer:C1": -5000, "vendor:V": 3550, "platform:fees": 500, "affiliate:A": 250, "worker:W": 700,
    }  # fmt: skip


def test_worker_paid_at_the_scan_gets_the_rest_at_release():
    shares = (Share(account="vendor:V", amount=usd(4300)), Share(account="worker:W", amount=usd(700)))
    state = run(order(), *HELD, do("pay_out", "qr", to="worker:W", amount=usd(300)))
    assert balances(state) == {"customer:C1": -5000, "escrow:O1:L1": 4700, "worker:W": 300}
    assert state.legs["L1"].paid == {"worker:W": usd(300)}
    state = run(state, do("release", "r", shares=shares))
    assert balances(state) == {"customer:C1": -5000, "vendor:V": 4300, "worker:W": 700}


def test_partial_refund_shrinks_every_share_and_leaves_the_cent_to_the_vendor():
    state = run(order(), *HELD, do("refund", "f", amount=usd(1001)), do("release", "r", shares=WHOLE))
    assert balances(state) == {"customer:C1": -3999, "vendor:V": 3600, "platform:fees": 399}


def test_red_flowers_replaced_by_pink_cost_five_dollars_more():
    state = run(order(), *HELD)
    assert price_difference(state.legs["L1"], usd(5500)) == usd(500)
    state = run(state, do("reuse", "u", new_leg="L2", price=usd(5500)))
    assert balances(state) == {"customer:C1": -5500, "escrow:O1:L2": 5500}
    assert [(t.debit, t.credit, t.amount.minor) for t in state.answered["u"].outcome.transfers] == [
        ("escrow:O1:L1", "escrow:O1:L2", 5000), ("customer:C1", "escrow:O1:L2", 500),
    ]  # fmt: skip
    assert (state.legs["L1"].reused, state.legs["L2"].amount) == (usd(5000), usd(5500))


def test_cheaper_replacement_gives_the_difference_back():
    state = run(order(), *HELD, do("reuse", "u", new_leg="L2", price=usd(4500)))
    assert balances(state) == {"customer:C1": -4500, "escrow:O1:L2": 4500}
    assert state.legs["L1"].refunded == usd(500)


@pytest.mark.parametrize("price", [5500, 5000, 4800, 4500, 100])
def test_replacement_counts_in_full_what_workers_had_from_the_old_leg(price):
    paid = do("pay_out", "qr", to="worker:W", amount=usd(300))
    state = run(order(), *HELD, paid, do("reuse", "u", new_leg="L2", price=usd(price)))
    assert balances(state) == {
        "customer:C1": -price, "escrow:O1:L2": price, "worker:W": 300, "platform:goodwill": -300,
    }  # fmt: skip
    assert state.legs["L1"].made_good == usd(300)


def test_dispute_freezes_the_leg_and_is_decided_in_parts():
    state = run(order(), *DISPUTED)
    for frozen in ("release", "refund", "pay_out", "replace"):
        assert apply(state, ASKED_BY[frozen])[1].refusal.code == "impossible_move"
    state = run(state, do("resolve", "d", refund=usd(2000), shares=WHOLE))
    assert balances(state) == {"customer:C1": -3000, "vendor:V": 2700, "platform:fees": 300}


@pytest.mark.parametrize(
    ("way", "command", "code"),
    [
        (HELD, do("refund", "x", amount=usd(5001)), "more_than_held"),
        (HELD, do("pay_out", "x", to="hub:H", amount=usd(5001)), "more_than_held"),
        (DISPUTED, do("resolve", "x", refund=usd(5001), shares=WHOLE), "more_than_held"),
        (HELD, do("release", "x", shares=WHOLE[:1]), "shares_do_not_add_up"),
        (DISPUTED, do("resolve", "x", refund=usd(4999)), "shares_do_not_add_up"),
        ([], do("hold", "x", amount=Money(minor=1, currency="EUR")), "currency_mismatch"),
        (HELD, do("refund", "x", amount=Money(minor=1, currency="EUR")), "currency_mismatch"),
        (
            HELD,
            do("release", "x", shares=[{"account": "vendor:V", "amount": {"minor": 5000, "currency": "EUR"}}]),
            "currency_mismatch",
        ),
    ],
)
def test_refusals_by_name_change_no_money(way, command, code):
    before = run(order(), *way)
    after, outcome = apply(before, command)
    assert (outcome.refusal.code, outcome.entries) == (code, ())
    assert (after.legs, after.head) == (before.legs, before.head)


def test_shares_beyond_all_bounds_are_a_refusal_too():
    huge = tuple(Share(account=f"vendor:{n}", amount=usd(MINOR_MAX)) for n in range(3))
    assert apply(run(order(), *HELD), do("release", "x", shares=huge))[1].refusal.code == "shares_do_not_add_up"


def test_same_command_again_gets_the_same_answer():
    state = run(order(), *HELD)
    first, outcome = apply(state, do("refund", "x", amount=usd(1000)))
    again, repeated = apply(first, do("refund", "x", amount=usd(1000)))
    assert (again, repeated) == (first, outcome)


def test_same_command_sent_later_is_still_the_same():
    state = run(order(), *HELD)
    later = HELD[0].model_copy(update={"at": NOON.replace(hour=23)})
    assert apply(state, later) == (state, state.answered["s1"].outcome)


def test_refusal_stays_a_refusal():
    state, refused = apply(order(), do("refund", "x"))
    state = run(state, *HELD)
    assert apply(state, do("refund", "x")) == (state, refused)


def test_same_id_for_something_else_is_an_error():
    state = run(order(), *HELD)
    for other in (do("hold", "s1", amount=usd(5001)), do("hold", "s1", leg="L2", amount=usd(5000)), do("void", "s1")):
        with pytest.raises(CommandReused, match="s1"):
            apply(state, other)


def test_state_and_commands_are_plain_json():
    state = run(order(), *DISPUTED, do("resolve", "d", refund=usd(2000), shares=WHOLE))
    state, _ = apply(state, do("void", "n"))
    assert EscrowState.model_validate_json(state.model_dump_json()) == state
    for command in ASKED_BY.values():
        again = ask.COMMAND.validate_json(command.model_dump_json())
        assert again == command
        assert again.fingerprint == command.fingerprint


def test_escrow_is_bounded():
    state = run(order(), *(do("hold", f"h{n}", leg=f"L{n}", amount=usd(1)) for n in range(LEGS_MAX)))
    assert apply(state, do("hold", "x", leg="new", amount=usd(1)))[1].refusal.code == "escrow_full"
    for number in range(COMMANDS_MAX - LEGS_MAX):
        state, _ = apply(state, do("capture", f"n{number}"))
    after, outcome = apply(state, do("refund", "last"))
    assert outcome.refusal.code == "escrow_full"
    assert after == state


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "hold", "amount": usd(0)},
        {"kind": "hold", "amount": usd(1), "id": "a b"},
        {"kind": "hold", "amount": usd(1), "at": NOON.replace(tzinfo=None)},
        {"kind": "pay_out", "to": "vendor:V", "amount": usd(1)},
        {"kind": "pay_out", "to": "customer:C1", "amount": usd(1)},
        {"kind": "release", "shares": []},
        {"kind": "release", "shares": [{"account": "customer:C1", "amount": usd(1)}]},
        {"kind": "release", "shares": [WHOLE[0], WHOLE[0]]},
        {"kind": "resolve", "refund": usd(-1)},
        {"kind": "reclaim", "shares": []},
        {"kind": "reclaim", "shares": [{"account": "customer:C1", "amount": usd(1)}]},
        {"kind": "paid_out", "to": "platform:fees", "amount": usd(1)},
        {"kind": "taken_back", "of": "customer:C1", "amount": usd(1)},
        {"kind": "charged", "amount": usd(0)},
        {"kind": "steal"},
    ],
)
def test_what_is_no_command(wrong):
    with pytest.raises(ValidationError):
        ask.COMMAND.validate_python({"id": "x", "at": NOON, "leg": "L1"} | wrong)


CHARGED = [do("charged", "p", "order", amount=usd(5000)), *HELD]
PAID = [*CHARGED, do("release", "r", shares=WHOLE), do("paid_out", "o", "order", to="vendor:V", amount=usd(4500))]


def test_money_comes_from_the_card_and_goes_to_the_bank():
    assert balances(run(order(), *CHARGED)) == {"provider:clearing": -5000, "escrow:O1:L1": 5000}
    assert balances(run(order(), *PAID)) == {"provider:clearing": -500, "platform:fees": 500}


def test_a_refund_before_release_reaches_the_card():
    back = [do("refund", "f", amount=usd(1000)), do("given_back", "g", "order", amount=usd(1000))]
    assert balances(run(order(), *CHARGED, *back)) == {"provider:clearing": -4000, "escrow:O1:L1": 4000}


def test_a_refund_after_payment_takes_it_back_first():
    shares = (Share(account="vendor:V", amount=usd(900)), Share(account="platform:fees", amount=usd(100)))
    reclaim = do("reclaim", "c", shares=shares)
    paid = run(order(), *PAID)
    assert apply(paid, reclaim)[1].refusal.code == "more_than_there_is"
    back = do("taken_back", "b", "order", of="vendor:V", amount=usd(900))
    state = run(order(), *PAID, back, reclaim, do("given_back", "g", "order", amount=usd(1000)))
    assert balances(state) == {"provider:clearing": -400, "platform:fees": 400}
    assert state.legs["L1"] == paid.legs["L1"]


def test_what_the_platform_bears_comes_out_of_its_goodwill():
    lost = [do("credit", "b", "order", amount=usd(5000)), do("given_back", "g", "order", amount=usd(5000))]
    assert balances(run(order(), *PAID, *lost)) == {
        "provider:clearing": 4500, "platform:fees": 500, "platform:goodwill": -5000,
    }  # fmt: skip


def test_a_denied_claim_about_what_is_still_to_be_done_holds_the_money_on():
    state = run(order(), *DISPUTED, do("resume", "d"))
    assert balances(state) == {"customer:C1": -5000, "escrow:O1:L1": 5000}
    assert balances(run(state, do("release", "r", shares=WHOLE)))["vendor:V"] == 4500


@pytest.mark.parametrize(
    ("way", "command"),
    [
        (CHARGED, do("given_back", "x", "order", amount=usd(1))),
        (CHARGED, do("paid_out", "x", "order", to="vendor:V", amount=usd(1))),
        (PAID, do("paid_out", "x", "order", to="vendor:V", amount=usd(1))),
        (PAID, do("taken_back", "x", "order", of="vendor:V", amount=usd(4501))),
        (CHARGED, do("taken_back", "x", "order", of="vendor:V", amount=usd(1))),
        (CHARGED, do("reclaim", "x", shares=WHOLE)),
        (PAID, do("reclaim", "x", leg="L2", shares=WHOLE)),
        (PAID, do("reclaim", "x", shares=[{"account": "platform:fees", "amount": usd(501)}])),
    ],
)
def test_what_is_not_there_goes_nowhere(way, command):
    before = run(order(), *way)
    after, outcome = apply(before, command)
    assert outcome.refusal.code == "more_than_there_is"
    assert outcome.refusal.reason
    assert balances(after) == balances(before)


def test_what_opens_no_escrow():
    with pytest.raises(BadAccount):
        open_escrow("O1", "", "USD")
    with pytest.raises(ValidationError):
        open_escrow("O1", "C1", "XXX")
    assert open_escrow("O1", "C1", "USD").head == Head()


def test_silent_customers_release_after_48_hours():
    assert AUTO_RELEASE_HOURS == 48
