"""What a model says of a sentence, as far as the sentence bears it out; for all else the rules' reading stands.

Dates, conditions, categories and needs are the rules' alone. Amounts and numbers must stand in the sentence, names must
be words of it. A sentence that speaks to the model instead of to a shop changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from shared.discovery.intent import SURE, Budget, Entities, Intent, IntentKind, Item, Location, Span
from shared.discovery.intents.money import AROUND_PERCENT, DEFAULT_CURRENCY
from shared.discovery.intents.numbers_words import number_at
from shared.discovery.intents.reading import Reading, plain
from shared.discovery.intents.words import key_of
from shared.money.amounts import MINOR_MAX, Money
from shared.money.currencies import MINOR_DIGITS

MODEL_CONFIDENCE_MAX = 0.9
"""However sure a model says it is."""
ITEMS_MAX = 20
NAME_LENGTH_MAX = 80
MONEY_WORDS_BACK = 4
"""So many words before a number can say that it is money."""

_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|overrule)\b.{0,60}"
    r"\b(?:instructions?|rules?|prompts?|directions?|guidelines?|constraints?|above|everything|previous)\b"
    r"|\b(?:system|developer) (?:prompt|message|role|mode)\b|\b(?:jailbreak|you are now|new instructions?)\b"
    r"|\b(?:set|change|mark|make|treat|report|output|return|answer)\b.{0,40}"
    r"\b(?:prices? ?(?:to\b|as\b|=)|(?:approved|confirmed|as paid|confidence|json|admin)\b)"
    r"|\b(?:system|assistant|developer) ?:|<\||\[/?inst\]|\"role\"",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_CURRENCIES = {
    "dollar": "USD", "buck": "USD", "usd": "USD", "euro": "EUR", "eur": "EUR", "pound": "GBP", "gbp": "GBP",
    "quid": "GBP", "yen": "JPY", "jpy": "JPY", "cad": "CAD", "mxn": "MXN", "peso": "MXN",
}  # fmt: skip
_CENTS = frozenset({"cent", "¢"})
_MONEY_BEFORE = frozenset({
    "budget", "price", "cost", "spend", "spending", "pay", "under", "below", "max", "maximum", "most", "within",
    "least", "over", "above", "around", "about", "roughly", "approximately", "than", "to", "between",
})  # fmt: skip
_MONEY_AFTER = frozenset({"", "for", "and", "or", "to", "total", "per", "each", "in", "by", "please", "a", "at"})
"""What may follow an amount without a currency; what else follows is counted: `under 50 guests`."""
_PER = {"person": ("person", "head", "guest", "each", "pp"), "item": ("item", "piece", "apiece", "each")}
_TAKEN_BY = frozenset({
    "deliver_by", "earliest", "duration_minutes", "daypart", "recurrence", "budget", "party_size", "location",
    "conditions",
})  # fmt: skip
"""Fields whose words a number of another field is not taken from."""

F = TypeVar("F")


class _Text:
    """A sentence in the ways that it is asked about. numbers: the value, its first word and the one behind its last."""

    def __init__(self, text: str, rules: Intent) -> None:
        self.reading = Reading(text)
        self.keys = _keys(text)
        self._spans = {span: _field(field) for field, spans in rules.spans.items() for span in spans}
        self.numbers = list(_numbers(self.reading))

    def has(self, said: str | None) -> bool:
        """Whether every word of it is a word of the sentence, singular or plural."""
        keys = _keys(said) if said and len(said) <= NAME_LENGTH_MAX else frozenset()
        return bool(keys) and keys <= self.keys

    def span(self, name: str) -> Span:
        """Where the last word of a name that it has stands."""
        head = key_of(_WORD.findall(plain(name))[-1])
        return next(((word.start, word.end) for word in self.reading.words if head in _keys(word.text)), (0, 0))

    def has_number(self, value: float, field: str) -> bool:
        """Whether it stands there, and not as money or within what the rules took for another field."""
        return any(
            found == value and not self._is_money(first, last) and self._is_free(first, last, field)
            for found, first, last in self.numbers
        )

    def has_money(self, amount: Money) -> bool:
        """Whether it stands there as an amount, in its currency or in none (which is DEFAULT_CURRENCY)."""
        return any(
            self._minor(value, last, amount.currency) == amount.minor
            and self._currency(first, last) in {amount.currency, None}
            and (self._currency(first, last) or amount.currency == DEFAULT_CURRENCY)
            and self._is_money(first, last)
            and self._is_free(first, last, "budget")
            for value, first, last in self.numbers
        )

    def _minor(self, value: float, last: int, currency: str) -> int:
        units: int = 1 if self._key(last) in _CENTS else 10 ** MINOR_DIGITS[currency]
        return round(min(value * units, MINOR_MAX))

    def _is_money(self, first: int, last: int) -> bool:
        if self._currency(first, last) is not None:
            return True
        before = {self._key(at) for at in range(max(0, first - MONEY_WORDS_BACK), first)}
        return bool(before & _MONEY_BEFORE) and self._key(last) in _MONEY_AFTER

    def _currency(self, first: int, last: int) -> str | None:
        if (sign := _SIGNS.get(self._key(first - 1))) is not None:
            return sign
        behind = self._key(last)
        return "USD" if behind in _CENTS else _CURRENCIES.get(behind) or _SIGNS.get(behind)

    def _key(self, at: int) -> str:
        words = self.reading.words
        return key_of(words[at].text) if 0 <= at < len(words) else ""

    def _is_free(self, first: int, last: int, field: str) -> bool:
        words = self.reading.words
        start, end = words[first].start, words[last - 1].end
        others = _TAKEN_BY - {field}
        return not any(by in others and a < end and start < b for (a, b), by in self._spans.items())


def corroborated(text: str, rules: Intent, model: Intent) -> Intent:
    """The rules' intent with what the model knows better and the text bears out; rules: read from the same text.

    A field that the rules are sure of (SURE) stays theirs; exclusions and styles of both count. Confidences that come
    from the model are at most MODEL_CONFIDENCE_MAX, the intent's is the least of all. needs stay the rules' and are
    to be made again where items have changed.
    """
    if speaks_to_a_model(text):
        return rules
    said = _Text(text, rules)
    ours = rules.entities
    found = _entities(said, rules, model)
    gained = {name for name in type(ours).model_fields if getattr(found, name) != getattr(ours, name)}
    own_kind = rules.confidences.get("kind", rules.confidence)
    kind = model.kind if own_kind < SURE and _sure(model) > own_kind else rules.kind
    if kind != rules.kind:
        gained.add("kind")
    return _with(rules, found, kind, gained, said, _sure(model)) if gained else rules


def speaks_to_a_model(text: str) -> bool:
    """Whether a text gives orders to a model instead of telling a person something."""
    return bool(_INSTRUCTION.search(plain(text)))


def _with(rules: Intent, found: Entities, kind: IntentKind, gained: set[str], said: _Text, sure: float) -> Intent:
    """The rules' intent with other entities and kind; gained: which fields are the model's."""
    kept = {name: one for name, one in rules.confidences.items() if _field(name) not in gained}
    items = {f"items[{at}]": item for at, item in enumerate(found.items)} if "items" in gained else {}
    confidences = {**kept, **dict.fromkeys((*(gained - {"items"}), *items), sure)}
    spans = {name: one for name, one in rules.spans.items() if _field(name) not in gained}
    asks = rules.clarification
    return rules.model_copy(
        update={
            "kind": kind,
            "entities": found,
            "confidence": min(confidences.values()),
            "confidences": confidences,
            "spans": {**spans, **{name: (said.span(item.name),) for name, item in items.items()}},
            "clarification": None if asks is not None and _field(asks.field) in gained else asks,
        }
    )


def _sure(model: Intent) -> float:
    return min(model.confidence, MODEL_CONFIDENCE_MAX)


def _field(name: str) -> str:
    """`items` of `items[0]`."""
    return name.partition("[")[0]


def _entities(said: _Text, rules: Intent, model: Intent) -> Entities:
    ours, theirs = rules.entities, model.entities

    def better(field: str, borne_out: F | None) -> F | Any:
        own = getattr(ours, field)
        held = min((sure for name, sure in rules.confidences.items() if _field(name) == field), default=1.0)
        is_guess = field == "items" and not all(said.has(item.name) for item in ours.items)
        is_open = own in (None, ()) or is_guess or (held < SURE and _sure(model) > held)
        return borne_out if borne_out and is_open else own

    party = theirs.party_size
    changes: dict[str, Any] = {
        "items": better("items", _items(said, ours.items, theirs.items)),
        "occasion": better("occasion", theirs.occasion if said.has(theirs.occasion) else None),
        "recipient": better("recipient", theirs.recipient if said.has(theirs.recipient) else None),
        "party_size": better("party_size", party if party and said.has_number(party, "party_size") else None),
        "daypart": better("daypart", theirs.daypart if said.has(theirs.daypart) else None),
        "budget": better("budget", _budget(said, ours.budget, theirs.budget)),
        "location": better("location", _location(said, theirs.location)),
        "style": _joined(ours.style, (style for style in theirs.style if said.has(style))),
        "exclude": _joined(ours.exclude, (word for word in theirs.exclude if said.has(word))),
        "target": better("target", theirs.target if said.has(theirs.target) else None),
    }
    return ours.model_copy(update=changes)


def _items(said: _Text, ours: tuple[Item, ...], theirs: tuple[Item, ...]) -> tuple[Item, ...]:
    """The model's items whose names are words of the text, each with what the rules know of the same one."""
    left = list(ours)
    found: list[Item] = []
    for item in theirs[:ITEMS_MAX]:
        if not said.has(item.name):
            continue
        twin = next((own for own in left if _is_same(own.name, item.name)), None)
        if twin is not None:
            left.remove(twin)
        found.append(_item(said, twin or Item(name=plain(item.name)), item))
    return tuple(found)


def _item(said: _Text, own: Item, item: Item) -> Item:
    attributes = {
        name: kept for name, values in item.attributes.items() if (kept := tuple(v for v in values if said.has(v)))
    }
    is_counted = item.quantity > 0 and said.has_number(item.quantity, "items")
    is_written = item.text is not None and plain(item.text.strip()) in said.reading.plain
    return own.model_copy(
        update={
            "name": plain(item.name),
            "quantity": item.quantity if is_counted else own.quantity,
            "attributes": {**attributes, **own.attributes},
            "text": item.text if is_written and own.text is None else own.text,
        }
    )


def _budget(said: _Text, own: Budget | None, theirs: Budget | None) -> Budget | None:
    if theirs is None:
        return None
    per = theirs.per if any(said.has(word) for word in _PER.get(theirs.per, ())) else own.per if own else "total"
    if theirs.around is not None and said.has_money(theirs.around):
        low, high = (_percent(theirs.around, 100 + sign * AROUND_PERCENT) for sign in (-1, 1))
        return Budget(min=low, max=high, around=theirs.around, per=per)
    least, most = (one if one is not None and said.has_money(one) else None for one in (theirs.min, theirs.max))
    if least is not None and most is not None and (least.currency != most.currency or least > most):
        return None
    return Budget(min=least, max=most, per=per) if least or most else None


def _percent(amount: Money, percent: int) -> Money:
    return Money(minor=min(amount.minor * percent // 100, MINOR_MAX), currency=amount.currency)


def _location(said: _Text, theirs: Location | None) -> Location | None:
    """Words alone: a point comes from a map or from the caller, never from a model."""
    return Location(text=theirs.text) if theirs is not None and said.has(theirs.text) else None


def _joined(ours: tuple[str, ...], theirs: Iterable[str]) -> tuple[str, ...]:
    known = [_keys(one) for one in ours]
    return (*ours, *dict.fromkeys(plain(one) for one in theirs if _keys(one) not in known))


def _is_same(name: str, other: str) -> bool:
    """Whether two names have the same head noun, their last word."""
    heads = [_WORD.findall(plain(one))[-1:] for one in (name, other)]
    return bool(heads[0]) and [key_of(head) for head in heads[0]] == [key_of(head) for head in heads[1]]


def _numbers(reading: Reading) -> Iterator[tuple[float, int, int]]:
    at = 0
    while at < len(reading.words):
        found = number_at(reading.words, at)
        if found is not None:
            yield float(found[0]), at, at + found[1]
        at += found[1] if found is not None else 1


def _keys(text: str) -> frozenset[str]:
    return frozenset(key_of(word) for word in _WORD.findall(plain(text)))
