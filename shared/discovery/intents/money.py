"""What it may cost: amounts with a sign, a code or a word, and what is said before and after them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from shared.discovery.intent import Budget, Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary, words_of
from shared.discovery.intents.words import key_of
from shared.money.amounts import MINOR_MAX, Money
from shared.money.currencies import MINOR_DIGITS

DEFAULT_CURRENCY = "USD"
AROUND_PERCENT = 20
LOOK_BACK = 7
"""So many words before an amount can say what it means."""
BARE_AROUND_MIN, BARE_MIN = 20, 5
"""A number without a currency is money from here on, as `around 50` and `under 30` are; `around 7` is a time."""
CENTS_MAX = 10_000_000_000

Bound = Literal["max", "min", "around"]
Per = Literal["total", "person", "item"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in front of which or behind which a currency may stand; from and to in words."""

    value: float
    currency: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a sentence says about money. certain: a currency or the word budget stands with it."""

    budget: Budget | None
    spans: tuple[Span, ...]
    confidence: float


class MoneyReader:
    """Reads amounts; the words for them come from the vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._currency = {
            key_of(word): code
            for code in ("USD", "EUR", "GBP", "JPY", "CAD", "MXN")
            for phrase in vocabulary.cues("currencies", code)
            if len(words_of(phrase)) == 1
            for word in words_of(phrase)
        }
        self._multiple = {
            word: int(size) for size in ("1000000", "1000", "100") for word in vocabulary.cues("multiples", size)
        }
        self._before = vocabulary.group("money_before", "max", "min", "around", "budget", "past", "link")
        self._after = vocabulary.group("money_after", "max", "min", "around", "person", "item", "total", "time", "off")
        self._sums: dict[str, tuple[float, str | None]] = {
            word: (float(value), code or None)
            for name in ("5 GBP", "10 GBP", "1 GBP", "1000", "100")
            for value, _, code in [name.partition(" ")]
            for phrase in vocabulary.cues("sums", name)
            for word in words_of(phrase)
        }
        self._follow = vocabulary.words("money_after", "follow")

    def read(self, sentence: Sentence) -> Price:
        """The budget of a sentence; claims its words."""
        bounds: dict[str, Amount] = {}
        per: Per = "total"
        spans: list[Span] = []
        is_named = False
        index = 0
        while index < sentence.length:
            amount = self.amount(sentence, index)
            index += 1
            if not amount:
                continue
            found = self._priced(sentence, amount)
            if not found:
                index = amount.end
                continue
            first, last, said, per_said = found
            spans.append(sentence.claim(first, last))
            is_named = True
            for name, one in said.items():
                bounds[name] = self._joined(sentence, bounds[name], one) if name in bounds else one
            per = per_said if per_said != "total" else per
            index = last
        if not bounds:
            return Price(None, tuple(spans), 1.0)
        return Price(_budget(bounds, per), tuple(spans), 1.0 if is_named else 0.9)

    def _joined(self, sentence: Sentence, first: Amount, second: Amount) -> Amount:
        """`roses for $40 and a cake for $60` is 100 in all; `$50, actually $80` is 80; else the first stands."""
        between = set(sentence.keys[first.end : second.start])
        if between & _CORRECTIONS:
            return second
        if between & {"and", "plus", "&", "+"} and first.currency == second.currency:
            return replace(second, value=first.value + second.value)
        return first

    def amount(self, sentence: Sentence, index: int) -> Amount | None:
        """The amount that begins with this word, its currency within it."""
        start, currency = index, None
        if sentence.key(index) in {"u", "us"} and sentence.key(index + 1) == "$":
            index += 1
        if sentence.key(index) in self._currency:
            currency, index = self._currency[sentence.key(index)], index + 1
        if sum_ := self._spoken_sum(sentence, index):
            return Amount(*sum_[:2], start, sum_[2])
        found = sentence.number(index)
        if not found or sentence.key(index) in {"half", "couple", "pair", "dozen"} or _is_of_a_date(sentence, index):
            return None
        value, end = found
        if (
            sentence.key(end) in self._multiple
            and (sentence.is_free(end, end + 1))
            and sentence.key(end) not in {"hundred"}
        ) and (currency or sentence.key(end + 1) in self._currency or sentence.key(end) == "k"):
            value, end = value * self._multiple[sentence.key(end)], end + 1
        if sentence.key(end - 1) == "of" or (
            sentence.key(start) == "a" and sentence.key(start + 1) in {"half", "couple"}
        ):
            return None
        if (
            sentence.key(end) in self._currency
            and sentence.is_free(end, end + 1)
            and not _is_next_amount(sentence, end)
        ):
            currency, end = currency or self._currency[sentence.key(end)], end + 1
        return Amount(value, currency, start, end) if 0 <= value < CENTS_MAX else None

    def _spoken_sum(self, sentence: Sentence, index: int) -> tuple[float, str, int] | None:
        """`a tenner`, `two fivers`, `half a grand`, `a couple hundred bucks`: its value, currency and end."""
        count, at, key = 1.0, index, sentence.key
        if key(at) == "half":
            count, at = 0.5, at + 1
        at += key(at) in {"a", "an", "one"}
        if key(at) in {"couple", "few"} and key(at - 1) == "a":
            count, at = 2.0 if key(at) == "couple" else 3.0, at + 1 + (key(at + 1) == "of")
        elif at == index and (number := sentence.number(at)):
            count, at = number
        size = self._sums.get(key(at))
        if size is None or at >= sentence.length or not sentence.is_free(index, at + 1):
            return None
        value, code = size
        has_currency = key(at + 1) in self._currency
        if code is None and at == index + 1 and key(index) not in {"a", "half", "one"}:
            return None
        if code is None and (count >= 1 and at < index + 1):
            return None
        end = at + 1 + has_currency
        return count * value, self._currency[key(at + 1)] if has_currency else code or DEFAULT_CURRENCY, end

    def _priced(self, sentence: Sentence, amount: Amount) -> tuple[int, int, dict[str, Amount], Per] | None:
        """From and to in words, the bounds, and what each is for; None where the number is no money."""
        second = self._second(sentence, amount)
        start, cues = self._cues_before(sentence, amount.start)
        end, later, per = self._cues_after(sentence, (second or amount).end)
        currency = amount.currency or (second.currency if second else None)
        if not currency and not self._is_money(sentence, amount, second, cues, later):
            return None
        code = currency or DEFAULT_CURRENCY
        amount = Amount(amount.value, code, amount.start, amount.end)
        if "off" in later or "past" in cues:
            return start, end, {}, per
        if second:
            upper = Amount(second.value, code, second.start, second.end)
            return start, end, {"min": amount, "max": upper}, per
        return start, end, {_bound(cues | later): amount}, per

    def _second(self, sentence: Sentence, first: Amount) -> Amount | None:
        """The upper end of `between 50 and 80`, `$50-80`, `50 to 80 dollars`, `from $50 to $80`."""
        index = first.end
        if index >= sentence.length or sentence.tokens[index].is_after_pause:
            return None
        before = sentence.key(first.start - 1)
        link = sentence.key(index)
        is_between = "between" in {before, sentence.key(first.start - 2)}
        if sentence.tokens[index].is_joined:
            pass
        elif link in {"to", "till", "until"} or (link == "and" and is_between) or (link == "or" and first.currency):
            index += 1
        else:
            return None
        second = self.amount(sentence, index)
        if not second or _is_joined_figure(sentence, first.start) or _is_joined_figure(sentence, second.end):
            return None  # a telephone number
        is_between = is_between or bool(_BUDGET & set(sentence.keys[max(0, first.start - 3) : first.start]))
        is_money = first.currency or second.currency or is_between
        is_plain = second.value >= BARE_AROUND_MIN and first.value >= BARE_MIN and self._ends_well(sentence, second.end)
        joined = sentence.tokens[first.end].is_joined
        return (
            second if (first.currency or second.currency) or (is_money and is_plain) or (joined and is_plain) else None
        )

    def _cues_before(self, sentence: Sentence, index: int) -> tuple[int, set[str]]:
        cues: set[str] = set()
        start = at = index
        while at > 0 and index - at < LOOK_BACK:
            if sentence.tokens[at].is_after_pause and sentence.key(at - 1) not in {"budget", "price", "max", "total"}:
                break
            if sentence.key(at - 1) == "between":
                start = at = at - 1
                continue
            found = self._before.before(sentence.keys, at, max(0, index - LOOK_BACK))
            if not found or not sentence.is_free(found[1], at):
                break
            at = found[1]
            if found[0] != "link":
                cues.add(found[0])
                start = at
        return start, cues

    def _cues_after(self, sentence: Sentence, index: int) -> tuple[int, set[str], Per]:
        cues: set[str] = set()
        per: Per = "total"
        while index < sentence.length:
            if (
                sentence.tokens[index].is_after_pause
                and sentence.reading.plain[sentence.tokens[index].start - 2] != ","
            ):
                break
            found = sentence.at(self._after, index)
            if not found:
                break
            if sentence.tokens[index].is_after_pause and sentence.number(found[1]):
                break  # `July 25, max 100`: it is said of what follows
            name, index = found
            if name == "person":
                per = "person"
            elif name == "item":
                per = "item"
            elif name not in {"total", "time"}:
                cues.add(name)
        return index, cues, per

    def _is_money(
        self, sentence: Sentence, amount: Amount, second: Amount | None, cues: set[str], later: set[str]
    ) -> bool:
        """Whether a number without a currency is money after all, by what stands around it."""
        end = (second or amount).end
        if second and "between" in (sentence.key(amount.start - 1), sentence.key(amount.start - 2)):
            return amount.value >= BARE_MIN
        if second:
            return True
        if (
            amount.value < BARE_MIN
            or "off" in later
            or (sentence.key(amount.start) in {"one", "a", "an"} and amount.value < 100)
        ):
            return False
        is_budget = any(
            sentence.key(at) in _BUDGET for at in range(max(0, amount.start - 6), min(end + 2, sentence.length))
        )
        if is_budget and ("budget" in cues or cues or later):
            return True
        if not (self._ends_well(sentence, end) or later & {"max", "min"}):
            return False
        if "max" in cues or "max" in later:
            return amount.value >= BARE_MIN
        return bool(cues & {"min", "around"}) and amount.value >= BARE_AROUND_MIN

    def _ends_well(self, sentence: Sentence, end: int) -> bool:
        """Whether no noun follows that the number would count."""
        if end >= sentence.length or sentence.tokens[end].is_after_pause or sentence.taken[end]:
            return True
        return sentence.key(end) in self._follow or sentence.at(self._after, end) is not None


_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_CORRECTIONS = frozenset({"actually", "sorry", "no", "correction", "rather", "scratch"})
_BUDGET = frozenset({"budget", "spend", "spending", "pay", "price", "cost", "budgeted", "afford", "costing"})


def _is_of_a_date(sentence: Sentence, index: int) -> bool:
    """Whether the number is a piece of `2026-10-25` or `10:00`."""
    token, plain = sentence.tokens[index], sentence.reading.plain
    before, behind = plain[max(token.start - 2, 0) : token.start], plain[token.end : token.end + 2]
    is_clock = (behind[:1] == ":" and behind[1:].isdigit()) or (before[1:] == ":" and before[:1].isdigit())
    is_date = "-" in before + behind and _ISO.search(plain, max(token.start - 8, 0), token.end + 6)
    return is_clock or bool(is_date)


def _is_joined_figure(sentence: Sentence, index: int) -> bool:
    return index < sentence.length and sentence.tokens[index].is_joined and sentence.key(index)[:1].isdigit()


def _is_next_amount(sentence: Sentence, index: int) -> bool:
    """Whether a sign belongs to the figure behind it, as in `50 $80`."""
    return sentence.tokens[index].text in "$\u20ac\u00a3\u00a5" and sentence.key(index + 1)[:1].isdigit()


def _bound(cues: set[str]) -> str:
    for name in ("max", "min", "around"):
        if name in cues:
            return name
    return "max"


def _budget(bounds: dict[str, Amount], per: Per) -> Budget:
    around = bounds.get("around")
    if around and not bounds.keys() & {"min", "max"}:
        return Budget(
            min=_money(around, 100 - AROUND_PERCENT),
            max=_money(around, 100 + AROUND_PERCENT),
            around=_money(around),
            per=per,
        )
    lower, upper = bounds.get("min"), bounds.get("max")
    return Budget(max=_money(upper) if upper else None, min=_money(lower) if lower else None, per=per)


def _money(amount: Amount, percent: int = 100) -> Money:
    code = amount.currency or DEFAULT_CURRENCY
    minor = round(amount.value * 10 ** MINOR_DIGITS[code] * percent / 100)
    return Money(minor=min(minor, MINOR_MAX), currency=code)
