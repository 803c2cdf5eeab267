"""What a model takes a reply for, as far as the reply bears it out; for all else the rules' reading stands.

The model may choose the kind and quote: a thing by words of the text, an amount that stands in it, a time by the piece
of text that names it, which the rules then read. It can make up neither a price nor a time. A reply that speaks to the
model instead of to a person changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from shared.dialogue.reply.model import Asked, Offered, ReplyKind, ReplyReading
from shared.discovery.intent import Confidence
from shared.discovery.intents.corroborate import MODEL_CONFIDENCE_MAX, speaks_to_a_model
from shared.discovery.intents.numbers_words import number_at
from shared.discovery.intents.reading import Reading, plain
from shared.discovery.intents.vocabulary import keys_of
from shared.money.amounts import Money
from shared.money.currencies import MINOR_DIGITS
from shared.wire import Plain

DISPUTED = 0.5
"""How sure a reading is that the model reads the other way round."""
QUOTE_LENGTH_MAX = 200
_OPPOSITE: dict[ReplyKind, ReplyKind] = {"yes": "no", "no": "yes"}


class ReplyClaim(Plain):
    """What a model says of a reply, nothing of it corroborated yet.

    amount_is: the whole price, that of one piece, or what it is more or less than agreed. time, delay, reason: pieces
    of the text, word by word.
    """

    kind: ReplyKind
    confidence: Confidence
    item: str | None = None
    amount: Money | None = None
    amount_is: Literal["total", "each", "more", "less"] | None = None
    time: str | None = None
    delay: str | None = None
    quantity: int | None = None
    reason: str | None = None


class Reader(Protocol):
    """What the rules can read out of a piece of text."""

    def thing(self, words: str) -> Offered:
        """Words as the name of a thing that is offered."""

    def moment(self, words: str, asked: Asked, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The moment that words name."""

    def minutes(self, words: str, now: datetime, zone: ZoneInfo) -> int | None:
        """The minutes that words name."""


def corroborated(
    rules: ReplyReading, claim: ReplyClaim, asked: Asked, now: datetime, zone: ZoneInfo, reader: Reader
) -> ReplyReading:
    """The rules' reading, bettered by what the claim knows and the text bears out; confidence at most .9."""
    if speaks_to_a_model(rules.text):
        return rules
    if claim.kind == _OPPOSITE.get(rules.kind):
        return rules.model_copy(update={"confidence": min(rules.confidence, DISPUTED)})
    sure = min(claim.confidence, MODEL_CONFIDENCE_MAX)
    gained = _terms(rules, claim, asked, now, zone, reader) if claim.kind == "counter" else {}
    has_terms = bool(gained) or rules.kind == "counter" or rules.shows_photo
    if sure <= rules.confidence or (claim.kind == "counter" and not has_terms):
        return rules
    is_no = claim.kind == "no" and rules.reason is None
    reason = claim.reason if is_no and _is_quoted(claim.reason, rules.text) else rules.reason
    kept = rules.model_dump(include=_KEPT[claim.kind])
    return ReplyReading(
        **{**kept, **gained},
        kind=claim.kind,
        confidence=sure,
        text=rules.text,
        language=rules.language,
        reason=reason if claim.kind in {"no", "counter"} else None,
        shows_photo=rules.shows_photo,
        is_pending=rules.is_pending and claim.kind == "unclear",
    )


_TERMS = {"item", "price", "price_change", "per", "is_dearer", "delay_minutes", "ready_at", "quantity", "condition"}
_KEPT: dict[ReplyKind, set[str]] = {
    "counter": {*_TERMS, "lacks", "spans"}, "yes": set(), "no": {"lacks"}, "question": set(), "unclear": set(),
}  # fmt: skip


def _terms(
    rules: ReplyReading, claim: ReplyClaim, asked: Asked, now: datetime, zone: ZoneInfo, reader: Reader
) -> dict[str, Any]:
    """The terms of a claim that the text bears out and the rules have not read."""
    text = rules.text
    found: dict[str, Any] = {}
    if claim.item and rules.item is None and _has_words(claim.item, text):
        found["item"] = reader.thing(claim.item)
    has_price = rules.price is not None or rules.price_change is not None
    if claim.amount and claim.amount_is and not has_price and _has_amount(claim.amount, text):
        found |= _priced(claim.amount, claim.amount_is)
    if claim.time and rules.ready_at is None and _is_quoted(claim.time, text):
        found["ready_at"] = reader.moment(claim.time, asked, now, zone)
    if claim.delay and rules.delay_minutes is None and _is_quoted(claim.delay, text):
        found["delay_minutes"] = reader.minutes(claim.delay, now, zone)
    if claim.quantity and rules.quantity is None and claim.quantity in _numbers(text):
        found["quantity"] = claim.quantity
    return {name: value for name, value in found.items() if value is not None}


def _priced(amount: Money, amount_is: Literal["total", "each", "more", "less"]) -> dict[str, Any]:
    if amount_is in {"total", "each"}:
        return {"price": amount, "per": "item" if amount_is == "each" else "total"}
    return {"price_change": amount if amount_is == "more" else -amount}


def _is_quoted(words: str | None, text: str) -> bool:
    said = " ".join(plain(words or "").split())
    return 0 < len(said) <= QUOTE_LENGTH_MAX and said in " ".join(plain(text).split())


def _has_words(words: str, text: str) -> bool:
    keys = keys_of(words)
    return bool(keys) and len(words) <= QUOTE_LENGTH_MAX and {*keys} <= {*keys_of(text)}


def _has_amount(amount: Money, text: str) -> bool:
    units = 10 ** MINOR_DIGITS[amount.currency]
    return amount.minor > 0 and any(round(number * units) == amount.minor for number in _numbers(text))


def _numbers(text: str) -> set[float]:
    words = Reading(text).words
    return {float(found[0]) for at in range(len(words)) if (found := number_at(words, at)) is not None}
