"""What the money tests share: short names, and random walks through the escrow of one order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.money import commands as ask
from shared.money.amounts import Money, split
from shared.money.commands import Share
from shared.money.escrow import apply
from shared.money.ledger import Ledger
from shared.money.legs import EscrowState, Outcome, open_escrow

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LEGS = ("L1", "L2", "L3", "L4")
PAYEES = ("vendor:V", "platform:fees", "affiliate:A", "worker:W", "hub:H")
UNSETTLED = ("authorise", "capture", "void", "expire", "hold", "refund", "dispute", "resume", "reuse")
OUTSIDE = ("charged", "given_back", "paid_out", "taken_back", "credit")
"""What the provider does, and the platform on its own account."""
KINDS = (*UNSETTLED, "release", "resolve", "pay_out", "reclaim", *OUTSIDE)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


@dataclass(frozen=True)
class Step:
    """A command, and how things stood after it."""

    command: ask.Command
    state: EscrowState
    outcome: Outcome


def balances_of(state: EscrowState) -> dict[str, int]:
    """Account → what all commands so far have left there."""
    ledger = Ledger(transfer for one in state.answered.values() for transfer in one.outcome.transfers)
    return {name: money.minor for name, money in ledger.balances("USD").items()}


def run(state: EscrowState, *commands: ask.Command) -> EscrowState:
    """Give commands of which none may be refused."""
    for command in commands:
        state, outcome = apply(state, command)
        assert outcome.refusal is None, outcome.refusal
    return state


@st.composite
def divided(draw: st.DrawFn, whole: Money) -> tuple[Share, ...]:
    """Shares of a price among some payees."""
    weights = draw(st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any))
    parts = zip(PAYEES, split(whole, weights), strict=True)
    return tuple(Share(account=name, amount=part) for name, part in parts if part.minor > 0)


@st.composite
def a_command(draw: st.DrawFn, state: EscrowState, command_id: str, kinds: tuple[str, ...]) -> ask.Command:
    """A command that is often, but not always, possible in this state."""
    kind = draw(st.sampled_from(kinds))
    leg_id = draw(st.sampled_from(LEGS))
    leg = state.legs.get(leg_id)
    base = {"id": command_id, "at": NOON + timedelta(minutes=len(state.answered)), "leg": leg_id, "kind": kind}
    left = leg.left.minor if leg else 0
    some = st.one_of(st.integers(1, left + 1), st.just(max(left, 1)))
    if kind in ("authorise", "hold"):
        base["amount"] = usd(draw(st.integers(1, 10_000)))
    elif kind == "release":
        base["shares"] = draw(divided(leg.amount if leg else usd(100)))
    elif kind == "refund":
        base["amount"] = draw(st.none() | some.map(usd))
    elif kind == "resolve":
        base["refund"] = usd(draw(st.just(0) | some))
        base["shares"] = draw(divided(leg.amount if leg else usd(100)))
    elif kind == "pay_out":
        base |= {"to": draw(st.sampled_from(("worker:W", "hub:H", "worker:X"))), "amount": usd(draw(some))}
    elif kind == "reuse":
        base |= {"new_leg": draw(st.sampled_from(LEGS)), "price": usd(draw(st.integers(1, 10_000)))}
    elif kind == "reclaim":
        near = draw(st.lists(shares_near(state), min_size=1, max_size=3, unique_by=lambda one: one.account))
        base["shares"] = [{"account": one.account, "amount": one.amount} for one in near]
    elif kind in OUTSIDE:
        share = draw(shares_near(state, "customer:C1" if kind == "given_back" else None))
        base["amount"] = share.amount
        base |= {"paid_out": {"to": share.account}, "taken_back": {"of": share.account}}.get(kind, {})
    return ask.COMMAND.validate_python(base)


@dataclass(frozen=True)
class Near:
    """An account with an amount that is often, but not always, there."""

    account: str
    amount: Money


@st.composite
def shares_near(draw: st.DrawFn, state: EscrowState, account: str | None = None) -> Near:
    """As much as an account has, or some other amount."""
    name = account or draw(st.sampled_from(("vendor:V", "affiliate:A", "worker:W", "hub:H")))
    there = max(balances_of(state).get(name, 0), 1)
    return Near(name, usd(draw(st.just(there) | st.integers(1, there + 1) | st.integers(1, 10_000))))


@st.composite
def walks(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS, charged: int = 0) -> list[Step]:
    """A random sequence of commands, each with its outcome; charged: what the customer has paid before."""
    state = open_escrow("O1", "C1", "USD")
    steps = []

    def take(command: ask.Command) -> None:
        nonlocal state
        state, outcome = apply(state, command)
        steps.append(Step(command, state, outcome))

    if charged:
        take(ask.Charged(id="paid", at=NOON, amount=usd(charged)))
    for number in range(draw(st.integers(1, 14))):
        take(draw(a_command(state, f"c{number}", kinds)))
    return steps
