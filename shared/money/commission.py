"""How a price divides: vendor net + affiliate commission + platform fee + courier and hub pay, exactly.

Percentages are of the gross price, in basis points, rounded down; so what a cent cannot be split into stays with the
vendor. (Settled rules, Commissions.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.money.accounts import PLATFORM_FEES, AccountName, parse
from shared.money.amounts import Money, NotNegativeMoney, total
from shared.money.commands import Share

WHOLE_BASIS_POINTS = 10_000
FEE_RATES_MAX = 1_000

BasisPoints = Annotated[int, Field(ge=0, le=WHOLE_BASIS_POINTS)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Cpa(_Plain):
    """A fixed commission for each order won (cost per acquisition)."""

    kind: Literal["cpa"] = "cpa"
    amount: NotNegativeMoney


class Cpe(_Plain):
    """A commission in percent of the price, in basis points (250 is 2.5 %)."""

    kind: Literal["cpe"] = "cpe"
    basis_points: BasisPoints


CommissionRate = Annotated[Cpa | Cpe, Field(discriminator="kind")]


def _affiliate(account: str) -> str:
    if parse(account).kind != "affiliate":
        raise ValueError(f"{account!r} earns no commission: name an affiliate")
    return account


class Referral(_Plain):
    """Who brought the customer, and the vendor's rate for it."""

    account: Annotated[AccountName, AfterValidator(_affiliate)]
    rate: CommissionRate


class FeeRate(_Plain):
    """The platform's fee for a region, a service type, or one in the other; None stands for all of them."""

    region: str | None
    service: str | None
    basis_points: BasisPoints


class FeeTable(_Plain):
    """The platform's fees; the most particular rate counts, a region before a service type."""

    default_basis_points: BasisPoints
    rates: Annotated[tuple[FeeRate, ...], Field(max_length=FEE_RATES_MAX)] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({(rate.region, rate.service) for rate in self.rates}) < len(self.rates):
            raise ValueError("`rates` name one region and service type twice: keep one of them")
        return self

    def basis_points(self, region: str, service: str) -> int:
        """The fee for a service type in a region."""
        found = {(rate.region, rate.service): rate.basis_points for rate in self.rates}
        for key in ((region, service), (region, None), (None, service)):
            if key in found:
                return found[key]
        return self.default_basis_points


class Breakdown(_Plain):
    """A price and its parts, which add up to it; shares: the same for a release, the vendor first, none at zero."""

    price: Money
    vendor_net: Money
    commission: Money
    platform_fee: Money
    work_pay: Money
    shares: tuple[Share, ...]


class PriceTooLow(_Plain):
    """A refusal: commission, fee and pay need more than the price."""

    price: Money
    needed: Money


def commission_of(price: Money, rate: Cpa | Cpe) -> Money:
    """What an affiliate earns at a price, rounded down; raises CurrencyMismatch."""
    if isinstance(rate, Cpa):
        return rate.amount + price.zero()
    return _percent(price, rate.basis_points)


def break_down(
    price: Money,
    vendor: str,
    fee_basis_points: int,
    referral: Referral | None = None,
    work: Sequence[Share] = (),
) -> Breakdown | PriceTooLow:
    """Divide a gross price; vendor is an account, work what couriers and hubs get. Raises CurrencyMismatch."""
    commission = commission_of(price, referral.rate) if referral else price.zero()
    fee = _percent(price, fee_basis_points)
    pay = total([share.amount for share in work], price.currency)
    needed = commission + fee + pay
    if needed > price or price < price.zero():
        return PriceTooLow(price=price, needed=needed)
    net = price - needed
    parts = [(vendor, net), (PLATFORM_FEES, fee)]
    if referral:
        parts.append((referral.account, commission))
    shares = [Share(account=name, amount=amount) for name, amount in parts if amount > price.zero()]
    return Breakdown(
        price=price, vendor_net=net, commission=commission, platform_fee=fee, work_pay=pay, shares=(*shares, *work)
    )


def _percent(price: Money, basis_points: int) -> Money:
    return Money(minor=price.minor * basis_points // WHOLE_BASIS_POINTS, currency=price.currency)
