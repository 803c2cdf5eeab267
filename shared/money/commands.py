"""What may be asked of an order's escrow: plain data, each with an id of the caller's making."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from shared.money.accounts import OUTSIDE, PAYEES, WORKERS, AccountName, parse
from shared.money.amounts import Money, NotNegativeMoney, PositiveMoney
from shared.money.ledger import MEMO_LENGTH_MAX, Moment
from shared.money.trail import canonical

SHARES_MAX = 20
WHOLE_ORDER = "order"
"""What stands in place of a leg where a command is about no leg in particular."""

OrderId = Annotated[str, Field(pattern=r"^[^/\\?#\x00-\x20]{1,100}$")]
LegId = Annotated[str, Field(pattern=r"^[^/\\?#\x00-\x20]{1,100}$")]
COMMAND_ID_LENGTH_MAX = 120
CommandId = Annotated[str, Field(pattern=r"^[^/\\?#\x00-\x20]+$", max_length=COMMAND_ID_LENGTH_MAX)]


def _payee(account: str) -> str:
    if parse(account).kind not in PAYEES:
        raise ValueError(f"{account!r} is paid from no leg: name one of: {', '.join(sorted(PAYEES))}")
    return account


def _worker(account: str) -> str:
    if parse(account).kind not in WORKERS:
        raise ValueError(f"{account!r} is not paid ahead of release: name one of: {', '.join(sorted(WORKERS))}")
    return account


def _outside(account: str) -> str:
    if parse(account).kind not in OUTSIDE:
        raise ValueError(f"{account!r} is not paid out: name one of: {', '.join(sorted(OUTSIDE))}")
    return account


Outside = Annotated[AccountName, AfterValidator(_outside)]


class Share(BaseModel):
    """What one account gets of a price."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    account: Annotated[AccountName, AfterValidator(_payee)]
    amount: PositiveMoney


def _one_each(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    if len({share.account for share in shares}) < len(shares):
        raise ValueError("`shares` name an account twice: add its amounts up")
    return shares


Shares = Annotated[tuple[Share, ...], Field(max_length=SHARES_MAX), AfterValidator(_one_each)]


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: CommandId
    at: Moment
    leg: LegId
    memo: str = Field(default="", max_length=MEMO_LENGTH_MAX)

    @property
    def amounts(self) -> Iterator[Money]:
        """Every amount that the command names."""
        for value in self.__dict__.values():
            if isinstance(value, Money):
                yield value
            elif isinstance(value, tuple):
                yield from (share.amount for share in value)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what is asked for; `at` is left out, for one intention may be sent again later."""
        return sha256(canonical(self.model_dump(mode="json", exclude={"at"}))).hexdigest()


class Authorise(_Command):
    """Set a leg's price aside with the customer, to be captured, voided or expired."""

    kind: Literal["authorise"] = "authorise"
    amount: PositiveMoney


class Capture(_Command):
    """Take what was authorised into escrow."""

    kind: Literal["capture"] = "capture"


class Void(_Command):
    """Let go of what was authorised."""

    kind: Literal["void"] = "void"


class Expire(_Command):
    """Note that what was authorised has lapsed."""

    kind: Literal["expire"] = "expire"


class Hold(_Command):
    """Take a leg's price into escrow at once, without an authorisation before."""

    kind: Literal["hold"] = "hold"
    amount: PositiveMoney


class Release(_Command):
    """Pass on all that is left of a leg.

    shares: how the whole price divides, the vendor first (it takes what rounding leaves). What a worker was paid before
    counts towards its share; after a partial refund every share shrinks in proportion.
    """

    kind: Literal["release"] = "release"
    shares: Annotated[Shares, Field(min_length=1)]


class Refund(_Command):
    """Give the customer an amount of what is left of a leg; None: all of it."""

    kind: Literal["refund"] = "refund"
    amount: PositiveMoney | None = None


class Dispute(_Command):
    """Freeze a leg until it is resolved."""

    kind: Literal["dispute"] = "dispute"


class Resolve(_Command):
    """Decide a dispute: refund goes to the customer (zero denies the claim), the rest by shares as in a release."""

    kind: Literal["resolve"] = "resolve"
    refund: NotNegativeMoney
    shares: Shares = ()


class Resume(_Command):
    """End a dispute with the money where it is: the leg is held as before."""

    kind: Literal["resume"] = "resume"


class PayOut(_Command):
    """Pay a worker or hub from a leg that is still held, such as upon a QR scan."""

    kind: Literal["pay_out"] = "pay_out"
    to: Annotated[AccountName, AfterValidator(_worker)]
    amount: PositiveMoney


class Reuse(_Command):
    """Replace a leg by a new one: what is held moves over, and the customer pays or gets back only the difference."""

    kind: Literal["reuse"] = "reuse"
    new_leg: LegId
    price: PositiveMoney


class Reclaim(_Command):
    """Give the customer what was passed on of a leg already; shares: who gives back how much of what it got of it.

    What a payee has been paid out must have been taken back before.
    """

    kind: Literal["reclaim"] = "reclaim"
    shares: Annotated[Shares, Field(min_length=1)]


class _OfTheOrder(_Command):
    """Something that moves no leg's money; leg: which one it is about, if any."""

    leg: LegId = WHOLE_ORDER
    amount: PositiveMoney


class Charged(_OfTheOrder):
    """Note that the provider has charged the customer."""

    kind: Literal["charged"] = "charged"


class GivenBack(_OfTheOrder):
    """Note that the provider has given the customer money back, or that the customer's bank has."""

    kind: Literal["given_back"] = "given_back"


class PaidOut(_OfTheOrder):
    """Note that the provider has paid a payee."""

    kind: Literal["paid_out"] = "paid_out"
    to: Outside


class TakenBack(_OfTheOrder):
    """Note that the provider has taken back what it had paid a payee."""

    kind: Literal["taken_back"] = "taken_back"
    of: Outside


class Credit(_OfTheOrder):
    """Give the customer money of the platform's own, as an apology or for a loss that it bears."""

    kind: Literal["credit"] = "credit"


Command = Annotated[
    Authorise | Capture | Void | Expire | Hold | Release | Refund | Dispute | Resolve | Resume | PayOut | Reuse
    | Reclaim | Charged | GivenBack | PaidOut | TakenBack | Credit,
    Field(discriminator="kind"),
]  # fmt: skip
COMMAND: TypeAdapter[Command] = TypeAdapter(Command, config=ConfigDict(defer_build=True))
"""Reads any command from plain JSON."""
