"""What the money tests share: short names, and random walks through the escrow of one order."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from shared.money import commands as ask
from shared.money.amounts import Money, split
from shared.money.commands import Share
from shared.money.escrow import apply
from shared.money.legs import EscrowState, Outcome, open_escrow

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LEGS = ("L1", "L2", "L3", "L4")
PAYEES = ("vendor:V", "platform:fees", "affiliate:A", "worker:W", "hub:H")
UNSETTLED = ("authorise", "capture", "void", "expire", "hold", "refund", "dispute", "reuse")
KINDS = (*UNSETTLED, "release", "resolve", "pay_out")


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


@dataclass(frozen=True)
class Step:
    """A command, and how things stood after it."""

    command: ask.Command
    state: EscrowState
    outcome: Outcome


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
    return ask.COMMAND.validate_python(base)


@st.composite
def walks(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> list[Step]:
    """A random sequence of commands, each with its outcome."""
    state = open_escrow("O1", "C1", "USD")
    steps = []
    for number in range(draw(st.integers(1, 14))):
        command = draw(a_command(state, f"c{number}", kinds))
        state, outcome = apply(state, command)
        steps.append(Step(command, state, outcome))
    return steps
