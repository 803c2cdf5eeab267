"""What payees see: the ledger by account, with what is still to come."""

from hypothesis import given
from hypothesis import strategies as st

from shared.money import commands as ask
from shared.money.accounts import OUTSIDE, parse
from shared.money.commands import Share
from shared.money.ledger import Ledger
from shared.money.legs import open_escrow
from shared.money.purses import Figures, dues, escrow_legs, is_payee, left_of, lines_of, passed_on
from tests.money.walks import LEGS, NOON, run, usd, walks

WHOLE = (Share(account="vendor:V", amount=usd(4500)), Share(account="platform:fees", amount=usd(500)))


def transfers_of(state):
    return [transfer for one in state.answered.values() for transfer in one.outcome.transfers]


def figures_of(lines, account):
    figures = Figures()
    for line in lines:
        if line.account == account:
            figures = figures.plus(line.what, line.amount.minor, line.amount.currency)
    return figures


@given(walks())
def test_lines_say_what_the_ledger_says(steps):
    transfers = transfers_of(steps[-1].state)
    ledger, lines = Ledger(transfers), lines_of("O1", transfers)
    assert len({(line.account, line.id) for line in lines}) == len(lines)
    for account in {line.account for line in lines}:
        assert parse(account).kind in OUTSIDE
        balance = figures_of(lines, account).balance
        assert balance == {"USD": ledger.balance(account, "USD").minor}
    moved = {name for one in transfers if one.kind == "posted" for name in (one.debit, one.credit) if is_payee(name)}
    assert moved == {line.account for line in lines}


@given(walks(), st.permutations(range(14)))
def test_the_order_in_which_lines_come_does_not_matter(steps, order):
    lines = lines_of("O1", transfers_of(steps[-1].state))
    shuffled = [lines[at] for at in order if at < len(lines)] + lines[14:]
    for account in {line.account for line in lines}:
        assert figures_of(shuffled, account).balance == figures_of(lines, account).balance


@given(walks())
def test_what_is_passed_on_of_legs_is_what_payees_and_the_platform_have_of_them(steps):
    transfers = transfers_of(steps[-1].state)
    got = [share for leg in LEGS for share in passed_on("O1", leg, transfers)]
    for account in {"vendor:V", "affiliate:A", "worker:W", "hub:H", "worker:X"}:
        earned = figures_of(lines_of("O1", transfers), account)
        net = earned.earned.get("USD", 0) - earned.returned.get("USD", 0)
        assert sum(share.amount.minor for share in got if share.account == account) == net


@given(walks())
def test_what_is_left_of_a_leg_is_what_escrow_says(steps):
    state = steps[-1].state
    for leg_id in LEGS:
        left = state.legs[leg_id].left if leg_id in state.legs else usd(0)
        assert left_of("O1", leg_id, transfers_of(state), "USD") == left


def do(kind, name, leg="L1", **more):
    return ask.COMMAND.validate_python({"kind": kind, "id": name, "at": NOON, "leg": leg} | more)


def due(*commands):
    return dues("O1", "L1", WHOLE, transfers_of(run(open_escrow("O1", "C1", "USD"), *commands)))


def test_what_a_leg_is_to_bring_is_what_a_release_would_bring():
    held = do("hold", "h", amount=usd(5000))
    assert due() == {"vendor:V": usd(0)}
    assert due(do("authorise", "a", amount=usd(5000))) == {"vendor:V": usd(0)}
    assert due(held) == {"vendor:V": usd(4500)}
    assert due(held, do("refund", "f", amount=usd(1001))) == {"vendor:V": usd(3600)}
    assert due(held, do("release", "r", shares=WHOLE)) == {"vendor:V": usd(0)}
    assert due(held, do("pay_out", "w", to="worker:W", amount=usd(5000))) == {"vendor:V": usd(0)}


@given(walks(kinds=("hold", "refund", "pay_out", "dispute", "resume")))
def test_a_due_comes_true(steps):
    """Whatever went before, a release brings each payee just what was to be expected."""
    state = steps[-1].state
    for leg_id, leg in state.legs.items():
        if leg.status != "held":
            continue
        shares = (Share(account="vendor:V", amount=leg.amount),)
        expected = dues("O1", leg_id, shares, transfers_of(state))
        after = run(state, ask.Release(id=f"end-{leg_id}", at=NOON, leg=leg_id, shares=shares))
        brought = [one for one in after.answered[f"end-{leg_id}"].outcome.transfers if one.credit == "vendor:V"]
        assert sum(one.amount.minor for one in brought) == expected["vendor:V"].minor


def test_which_legs_a_movement_touches():
    state = run(open_escrow("O1", "C1", "USD"), do("hold", "h", amount=usd(5000)))
    state = run(state, do("reuse", "u", new_leg="L2", price=usd(5500)))
    assert escrow_legs("O1", state.answered["u"].outcome.transfers) == {"L1", "L2"}
    assert escrow_legs("O2", state.answered["u"].outcome.transfers) == set()
