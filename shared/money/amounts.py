"""Amounts of money in whole minor units, and how one is split without losing a cent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import total_ordering
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

from shared.money.currencies import MINOR_DIGITS, SYMBOLS

MINOR_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""
SPLIT_PARTS_MAX = 1_000


class MoneyError(ValueError):
    """A sum that cannot be done."""


class CurrencyMismatch(MoneyError):
    """Two currencies in one sum."""


class AmountTooLarge(MoneyError):
    """The result is beyond MINOR_MAX."""


class BadWeights(MoneyError):
    """Weights by which nothing can be split."""


def _known(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError(f"`currency` is {code!r}: send an ISO 4217 code in capitals, such as USD")
    return code


Currency = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(MINOR_DIGITS)})]


@total_ordering
class Money(BaseModel):
    """An amount, below zero too, such as `{"minor": 5500, "currency": "USD"}` for $55.00.

    minor: whole minor units (cents; yen for JPY; fils for KWD), at most MINOR_MAX either way; currency: ISO 4217.
    Sums and comparisons raise CurrencyMismatch, and AmountTooLarge beyond the bound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    minor: StrictInt = Field(ge=-MINOR_MAX, le=MINOR_MAX)
    currency: Currency

    def __add__(self, other: Money) -> Money:
        return self._with(self.minor + self._same(other))

    def __sub__(self, other: Money) -> Money:
        return self._with(self.minor - self._same(other))

    def __neg__(self) -> Money:
        return self._with(-self.minor)

    def __mul__(self, times: int) -> Money:
        return self._with(self.minor * times)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __str__(self) -> str:
        """For people: `$55.00`, `-$5.00`, `¥1,200`, `CHF 19.90`."""
        digits = MINOR_DIGITS[self.currency]
        whole, part = divmod(abs(self.minor), 10**digits)
        number = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
        sign = "-" if self.minor < 0 else ""
        return sign + SYMBOLS.get(self.currency, f"{self.currency} ") + number

    def zero(self) -> Money:
        """Nothing, in the same currency."""
        return self._with(0)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} in one sum: convert one of them first")
        return other.minor

    def _with(self, minor: int) -> Money:
        if abs(minor) > MINOR_MAX:
            raise AmountTooLarge(f"{minor} minor units of {self.currency} are more than {MINOR_MAX}: do it in parts")
        return Money(minor=minor, currency=self.currency)


def _positive(amount: Money) -> Money:
    if amount.minor <= 0:
        raise ValueError("`minor` must be above zero")
    return amount


def _not_negative(amount: Money) -> Money:
    if amount.minor < 0:
        raise ValueError("`minor` must not be below zero")
    return amount


PositiveMoney = Annotated[Money, AfterValidator(_positive)]
NotNegativeMoney = Annotated[Money, AfterValidator(_not_negative)]


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum of amounts that are all in one currency; nothing at all is zero. Raises CurrencyMismatch."""
    return sum(amounts, start=Money(minor=0, currency=currency))


def split(amount: Money, weights: Sequence[int], remainder_to: int | None = None) -> list[Money]:
    """Parts in proportion to whole weights, which add up to the amount exactly.

    Largest remainder (Hamilton): every part is rounded down, then one minor unit each goes to the parts that lost most,
    ties to the first. With remainder_to that part alone takes all that rounding left over. Raises BadWeights.
    """
    _check_weights(weights, remainder_to)
    if amount.minor < 0:
        return [-part for part in split(-amount, weights, remainder_to)]
    rounded = [divmod(amount.minor * weight, sum(weights)) for weight in weights]
    parts = [quotient for quotient, _ in rounded]
    left = amount.minor - sum(parts)
    if remainder_to is not None:
        parts[remainder_to] += left
    else:
        by_loss = sorted(range(len(parts)), key=lambda index: -rounded[index][1])
        for index in by_loss[:left]:
            parts[index] += 1
    return [Money(minor=part, currency=amount.currency) for part in parts]


def _check_weights(weights: Sequence[int], remainder_to: int | None) -> None:
    if not 1 <= len(weights) <= SPLIT_PARTS_MAX:
        raise BadWeights(f"{len(weights)} weights: give between 1 and {SPLIT_PARTS_MAX}")
    if min(weights) < 0 or max(weights) == 0:
        raise BadWeights("Weights must not be below zero, and one of them must be above")
    if remainder_to is not None and not 0 <= remainder_to < len(weights):
        raise BadWeights(f"`remainder_to` is {remainder_to}: name one of the {len(weights)} parts")
