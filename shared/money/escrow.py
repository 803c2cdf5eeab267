"""The escrow of one order: which moves a leg's money may make, and the ledger entries that come of them.

`apply` is a pure function over a state that is plain JSON. The state remembers every command with its outcome, so that
one that is sent again gets the very same answer and changes nothing, a refusal too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from shared.money import commands as ask
from shared.money.accounts import CLEARING, GOODWILL, account
from shared.money.amounts import Money, split
from shared.money.commands import Command, Share
from shared.money.ledger import Kind, Transfer
from shared.money.legs import (
    COMMANDS_MAX,
    LEGS_MAX,
    TRANSITIONS,
    Answered,
    EscrowState,
    Event,
    Leg,
    Outcome,
    Refusal,
    RefusalCode,
)
from shared.money.trail import Entry, append


class CommandReused(Exception):
    """The id belongs to another command of this order."""


def price_difference(leg: Leg, price: Money) -> Money:
    """What the customer pays (above zero) or gets back (below) if a held leg is replaced at a price.

    Payments made to workers on the way do not count against the customer: the platform bears them.
    """
    return price - (leg.amount - leg.refunded)


def divided(left: Money, shares: Sequence[Share], paid: Mapping[str, Money]) -> list[Money]:
    """What each share gets of what is left of a leg, by what it still has to get; the first takes what rounding left.

    paid: account → what it had ahead of release. Raises BadWeights where nothing is due to anybody.
    """
    due = [max(share.amount - paid.get(share.account, left.zero()), left.zero()) for share in shares]
    return split(left, [money.minor for money in due], remainder_to=0)


def apply(state: EscrowState, command: Command) -> tuple[EscrowState, Outcome]:
    """The state after a command, and what it came to.

    Raises CommandReused if its id belongs to another command. When COMMANDS_MAX is reached all new ones are refused.
    """
    before = state.answered.get(command.id)
    if before is not None:
        if before.fingerprint != command.fingerprint:
            raise CommandReused(f"Command {command.id} of order {state.order} asked for something else: use a new id")
        return state, before.outcome
    if len(state.answered) >= COMMANDS_MAX:
        return state, _refused("escrow_full", f"Order {state.order} has had {COMMANDS_MAX} commands: settle by hand")
    turn = _Turn(state, command)
    try:
        turn.run()
    except _No as no:
        turn = _Turn(state, command)
        outcome = Outcome(refusal=no.refusal)
    else:
        outcome = Outcome(entries=tuple(turn.entries))
    answered = state.answered | {command.id: Answered(fingerprint=command.fingerprint, outcome=outcome)}
    return state.model_copy(update={"legs": turn.legs, "head": turn.head, "answered": answered}), outcome


class _No(Exception):
    def __init__(self, code: RefusalCode, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(code=code, reason=reason)


def _refused(code: RefusalCode, reason: str) -> Outcome:
    return Outcome(refusal=Refusal(code=code, reason=reason))


class _Turn:
    """One command on its way: legs and entries as they become; thrown away whole if it is refused."""

    def __init__(self, state: EscrowState, command: Command) -> None:
        self.state = state
        self.command = command
        self.customer = account("customer", state.customer)
        self.nothing = Money(minor=0, currency=state.currency)
        self.legs = dict(state.legs)
        self.head = state.head
        self.entries: list[Entry] = []

    def run(self) -> None:
        """Do it, or raise _No."""
        for amount in self.command.amounts:
            if amount.currency != self.state.currency:
                raise _No("currency_mismatch", f"Order {self.state.order} is in {self.state.currency}, not {amount}")
        match self.command:
            case ask.Authorise() as it:
                self.authorise(it)
            case ask.Capture() | ask.Void() | ask.Expire() as it:
                self.close_pending(it)
            case ask.Hold() as it:
                self.hold(it)
            case ask.Release() as it:
                self.release(it)
            case ask.Refund() as it:
                self.refund(it)
            case ask.Dispute() | ask.Resume() as it:
                self.become(it.leg, it.kind)
            case ask.Resolve() as it:
                self.resolve(it)
            case ask.PayOut() as it:
                self.pay_out(it)
            case ask.Reuse() as it:
                self.reuse(it)
            case it:
                self.off_escrow(it)

    def off_escrow(
        self, command: ask.Reclaim | ask.Charged | ask.GivenBack | ask.PaidOut | ask.TakenBack | ask.Credit
    ) -> None:
        """What leaves every leg as it is."""
        match command:
            case ask.Reclaim() as it:
                self.reclaim(it)
            case ask.Charged() as it:
                self.move(CLEARING, self.customer, it.amount)
            case ask.GivenBack() as it:
                self.give_out(self.customer, it.amount)
            case ask.PaidOut() as it:
                self.give_out(it.to, it.amount)
            case ask.TakenBack() as it:
                self.take_back(it)
            case ask.Credit() as it:
                self.move(GOODWILL, self.customer, it.amount)
            case never:
                assert_never(never)

    def authorise(self, it: ask.Authorise) -> None:
        self.become(it.leg, "authorise")
        self.move(self.customer, self.escrow(it.leg), it.amount, "pending")
        self.change(it.leg, amount=it.amount, pending_id=self.entries[-1].content["id"])

    def close_pending(self, it: ask.Capture | ask.Void | ask.Expire) -> None:
        kinds: dict[str, Kind] = {"capture": "posted", "void": "voided", "expire": "expired"}
        leg = self.become(it.leg, it.kind)
        self.move(self.customer, self.escrow(it.leg), leg.amount, kinds[it.kind], leg.pending_id)
        if it.kind == "capture":
            self.change(it.leg, left=leg.amount)

    def hold(self, it: ask.Hold) -> None:
        self.become(it.leg, "hold")
        self.move(self.customer, self.escrow(it.leg), it.amount)
        self.change(it.leg, amount=it.amount, left=it.amount)

    def release(self, it: ask.Release) -> None:
        leg = self.become(it.leg, "release")
        self.pass_on(it.leg, leg, it.shares)

    def refund(self, it: ask.Refund) -> None:
        leg = self.leg(it.leg)
        amount = leg.left if it.amount is None else it.amount
        self.become(it.leg, "refund" if amount == leg.left else "refund_part")
        self.give_back(it.leg, leg, amount)

    def resolve(self, it: ask.Resolve) -> None:
        leg = self.leg(it.leg)
        event: Event = "resolve_partly"
        if it.refund == self.nothing:
            event = "resolve_release"
        elif it.refund == leg.left:
            event = "resolve_refund"
        self.become(it.leg, event)
        if it.refund > self.nothing:
            leg = self.give_back(it.leg, leg, it.refund)
        if leg.left > self.nothing:
            self.pass_on(it.leg, leg, it.shares)

    def pay_out(self, it: ask.PayOut) -> None:
        leg = self.leg(it.leg)
        self.become(it.leg, "pay_out_last" if it.amount == leg.left else "pay_out")
        self.check_left(it.leg, leg, it.amount)
        self.move(self.escrow(it.leg), it.to, it.amount)
        paid = leg.paid.get(it.to, self.nothing) + it.amount
        self.change(it.leg, left=leg.left - it.amount, paid=leg.paid | {it.to: paid})

    def reuse(self, it: ask.Reuse) -> None:
        old = self.become(it.leg, "replace")
        self.become(it.new_leg, "fill")
        here, there = self.escrow(it.leg), self.escrow(it.new_leg)
        in_full = old.amount - old.refunded
        carried = min(in_full, it.price)
        difference = price_difference(old, it.price)
        self.move(GOODWILL, here, in_full - old.left)
        self.move(here, there, carried)
        self.move(here, self.customer, in_full - carried)
        self.move(self.customer, there, max(difference, self.nothing))
        self.change(
            it.leg, left=self.nothing, reused=carried, made_good=in_full - old.left,
            refunded=old.refunded + in_full - carried,
        )  # fmt: skip
        self.change(it.new_leg, amount=it.price, left=it.price)

    def reclaim(self, it: ask.Reclaim) -> None:
        """Out of the payees' accounts, through the leg's, to the customer: so it stands there whose money it was."""
        here = self.escrow(it.leg)
        for share in it.shares:
            left_of_leg = self.moved(here, share.account) - self.moved(share.account, here)
            self.check_there(share.account, share.amount, min(left_of_leg, self.balance(share.account)))
        for share in it.shares:
            self.move(share.account, here, share.amount)
        self.move(here, self.customer, sum((share.amount for share in it.shares), start=self.nothing))

    def give_out(self, account_: str, amount: Money) -> None:
        self.check_there(account_, amount, self.balance(account_))
        self.move(account_, CLEARING, amount)

    def take_back(self, it: ask.TakenBack) -> None:
        self.check_there(CLEARING, it.amount, self.moved(it.of, CLEARING) - self.moved(CLEARING, it.of))
        self.move(CLEARING, it.of, it.amount)

    def balance(self, account_: str) -> Money:
        return self.moved(None, account_) - self.moved(account_, None)

    def moved(self, debit: str | None, credit: str | None) -> Money:
        """What was posted in this order so far from one account to another, None standing for any."""
        before = (entry for one in self.state.answered.values() for entry in one.outcome.entries)
        minor = sum(
            entry.content["amount"]["minor"]
            for entry in (*before, *self.entries)
            if entry.content["kind"] == "posted"
            and debit in {None, entry.content["debit"]}
            and credit in {None, entry.content["credit"]}
        )
        return Money(minor=minor, currency=self.state.currency)

    def check_there(self, account_: str, amount: Money, there: Money) -> None:
        if amount > there:
            raise _No("more_than_there_is", f"{there} are there to leave {account_}, not {amount}")

    def leg(self, leg_id: str) -> Leg:
        no = self.nothing
        absent = Leg(status="absent", amount=no, left=no, released=no, refunded=no, reused=no, made_good=no)
        return self.legs.get(leg_id, absent)

    def become(self, leg_id: str, event: Event) -> Leg:
        """Move a leg's status; returns the leg."""
        leg = self.leg(leg_id)
        status = TRANSITIONS.get((leg.status, event))
        if status is None:
            raise _No("impossible_move", f"Leg {leg_id} is {leg.status}: {event} is not possible now")
        if leg_id not in self.legs and len(self.legs) >= LEGS_MAX:
            raise _No("escrow_full", f"Order {self.state.order} has {LEGS_MAX} legs: open a new order")
        self.legs[leg_id] = leg.model_copy(update={"status": status})
        return self.legs[leg_id]

    def change(self, leg_id: str, **fields: object) -> Leg:
        self.legs[leg_id] = self.legs[leg_id].model_copy(update=fields)
        return self.legs[leg_id]

    def check_left(self, leg_id: str, leg: Leg, amount: Money) -> None:
        if amount > leg.left:
            raise _No("more_than_held", f"Leg {leg_id} holds {leg.left}, less than {amount}")

    def give_back(self, leg_id: str, leg: Leg, amount: Money) -> Leg:
        self.check_left(leg_id, leg, amount)
        self.move(self.escrow(leg_id), self.customer, amount)
        return self.change(leg_id, left=leg.left - amount, refunded=leg.refunded + amount)

    def pass_on(self, leg_id: str, leg: Leg, shares: Sequence[Share]) -> None:
        """Divide all that is left of a leg by what each share still has to get."""
        if sum(share.amount.minor for share in shares) != leg.amount.minor:
            raise _No("shares_do_not_add_up", f"`shares` must add up to the price of leg {leg_id}, {leg.amount}")
        for share, part in zip(shares, divided(leg.left, shares, leg.paid), strict=True):
            self.move(self.escrow(leg_id), share.account, part)
        self.change(leg_id, left=self.nothing, released=leg.left)

    def escrow(self, leg_id: str) -> str:
        return account("escrow", self.state.order, leg_id)

    def move(
        self, debit: str, credit: str, amount: Money, kind: Kind = "posted", pending_id: str | None = None
    ) -> None:
        """Write one transfer, unless it is of nothing; its id comes of the order, the command and its place in it."""
        if amount == self.nothing:
            return
        transfer = Transfer(
            id=f"{self.state.order}:{self.command.id}:{len(self.entries)}", kind=kind, debit=debit, credit=credit,
            amount=amount, at=self.command.at, memo=self.command.memo, pending_id=pending_id,
        )  # fmt: skip
        self.entries.append(append(self.head, transfer.model_dump(mode="json")))
        self.head = self.entries[-1].head
