"""What it would cost, by what a clause says: a price, or more or less than was agreed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.dialogue.reply.counts import CLOCK_MARKS
from shared.dialogue.reply.model import Asked
from shared.dialogue.reply.signs import Clause
from shared.dialogue.reply.when import UNIT_KEYS
from shared.discovery.intent import Span
from shared.discovery.intents.money import DEFAULT_CURRENCY, Amount, MoneyReader
from shared.money.amounts import MINOR_MAX, Money
from shared.money.currencies import MINOR_DIGITS

NEAR = 3
"""So many words may stand between an amount and what it is for."""
BARE_PRICE_MIN = 20
"""A number without a currency is a price from here on."""
PRICE_MAX = 1_000_000
"""In whole units of the currency; more is a slip or a joke, and nobody's price."""
_CENTS = frozenset({"cent", "\u00a2", "centavo"})
_ADDING = frozenset({"another", "add", "adding"})
_INSTEAD = (["instead", "of"], ["rather", "than"])
Step = Literal["extra", "less"]


class Priced(Protocol):
    """What a price is told to."""

    price: Money | None
    price_change: Money | None
    is_each: bool
    is_vague: bool
    spans: dict[str, Span]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stands around an amount. signs: near it; step: more or less than agreed; key: of the word behind it."""

    signs: frozenset[str]
    step: Step | None
    key: str
    is_each: bool


class PriceReader:
    """Reads prices; made once."""

    def __init__(self, money: MoneyReader) -> None:
        self._money = money

    def read(
        self,
        clause: Clause,
        before: Clause | None,
        asked: Asked,
        into: Priced,
        named: Collection[int],
        *,
        refuses: bool,
    ) -> None:
        """Read the amounts of a clause, and that it costs no more; claims their words.

        named: where things begin, which a number in front of them counts; refuses: only `not for less than` is a price.
        """
        if sign := clause.first("same_price"):
            into.price_change = Money(minor=0, currency=_currency(asked))
            into.spans["price_change"] = clause.sentence.span(sign.start, sign.end)
        at = clause.start
        while at < clause.end:
            amount = self._money.amount(clause.sentence, at) if clause.sentence.is_free(at, at + 1) else None
            if amount is None or amount.end > clause.end:
                at += 1
                continue
            at = amount.end
            is_counted = amount.currency is None and amount.end in named  # `4 white`
            is_old = clause.sentence.keys[max(amount.start - 2, 0) : amount.start] in _INSTEAD
            if not (is_counted or is_old):
                self._take(clause, before, amount, asked, into, refuses=refuses)

    def _take(
        self, clause: Clause, before: Clause | None, amount: Amount, asked: Asked, into: Priced, *, refuses: bool
    ) -> None:
        around = _setting(clause, before, amount)
        if around.key == "%":
            _percent(clause, amount, asked, into)
            return
        is_bare = amount.currency is None
        if is_bare and (clause.has("at_least") or not _is_money(clause, amount, asked, around)):
            return
        span = clause.sentence.claim(amount.start, amount.end)
        is_floor = "floor" in around.signs
        if amount.value > PRICE_MAX:
            into.is_vague = True
        elif not refuses or is_floor:
            _tell(_money(amount, asked, around), around, asked, into, span, is_floor=refuses)


def _setting(clause: Clause, before: Clause | None, amount: Amount) -> _Setting:
    signs = frozenset(sign.name for sign in clause.signs if _is_near(sign.start, sign.end, amount))
    lead, key = clause.sentence.key(amount.start - 1), clause.sentence.key(amount.end)
    is_told_before = before is not None and before.has("dearer") and clause.start == amount.start
    is_more = not signs.isdisjoint({"extra", "dearer"}) or is_told_before or lead in _ADDING
    step: Step | None = "extra" if is_more else "less" if "less" in signs else None
    unit = clause.sentence.key(amount.end + 1) if key in _CENTS else key
    return _Setting(signs, None if lead == "to" else step, key, "each" in signs or unit == "per")


def _tell(money: Money, around: _Setting, asked: Asked, into: Priced, span: Span, *, is_floor: bool) -> None:
    into.is_each = into.is_each or around.is_each
    if around.step and not is_floor:
        into.price_change = money if around.step == "extra" else -money
        into.spans["price_change"] = span
    elif not into.is_each and _is_too_low(money, asked):
        into.is_vague = True
    else:
        into.price = money
        into.spans["price"] = span


def _percent(clause: Clause, amount: Amount, asked: Asked, into: Priced) -> None:
    step = "extra" if clause.has("extra", "dearer") else "less" if clause.has("less") else None
    if step and asked.price and 0 < amount.value <= 100:
        minor = round(asked.price.minor * amount.value / 100)
        into.price_change = Money(minor=minor if step == "extra" else -minor, currency=asked.price.currency)
        into.spans["price_change"] = clause.sentence.claim(amount.start, amount.end)


def _is_money(clause: Clause, amount: Amount, asked: Asked, around: _Setting) -> bool:
    """Whether a bare number is money: beside `extra`, `less` or `each`, or behind a word of pricing."""
    is_counted = around.key in UNIT_KEYS | CLOCK_MARKS or asked.price is None or _is_joined(clause, amount)
    if is_counted or clause.sentence.key(amount.start) in {"a", "an", "one"}:
        return False
    if around.step or "each" in around.signs:
        return True
    is_told = clause.sentence.key(amount.start - 1) in {"is", "are"}
    return amount.value >= BARE_PRICE_MIN and (is_told or not around.signs.isdisjoint({"priced", "become", "floor"}))


def _is_near(start: int, end: int, amount: Amount) -> bool:
    gap = start - amount.end if start >= amount.end else amount.start - end
    return 0 <= gap <= NEAR


def _is_joined(clause: Clause, amount: Amount) -> bool:
    """Whether it is a piece of a longer number, such as that of a telephone."""
    tokens = clause.sentence.tokens
    is_behind = amount.end < clause.sentence.length and tokens[amount.end].is_joined
    return tokens[amount.start].is_joined or is_behind


def _currency(asked: Asked) -> str:
    return asked.price.currency if asked.price else DEFAULT_CURRENCY


def _money(amount: Amount, asked: Asked, around: _Setting) -> Money:
    currency = amount.currency or _currency(asked)
    units = 1 if around.key in _CENTS else 10 ** MINOR_DIGITS[currency]
    return Money(minor=min(round(amount.value * units), MINOR_MAX), currency=currency)


def _is_too_low(money: Money, asked: Asked) -> bool:
    """Whether nobody can tell if it is the price or what comes on top of it."""
    agreed = asked.price
    return agreed is not None and agreed.currency == money.currency and money.minor * 2 < agreed.minor
