"""A verdict and its evidence put into a ReplyReading, in the words of the reply."""

from __future__ import annotations

from collections.abc import Sequence

from shared.dialogue.reply.evidence import Evidence
from shared.dialogue.reply.model import Asked, Offered, ReplyReading
from shared.dialogue.reply.signs import Clause, Read
from shared.dialogue.reply.terms import Terms
from shared.dialogue.reply.verdict import Verdict
from shared.discovery.intent import Span

WORDLESS = 0.8
"""How sure it is that a photo is meant as an offer, whatever is said with it."""
REASON_LENGTH_MAX = 300
TELLING_WORDS_MIN = 3
_SAYS_NOTHING = frozenset({"polite", "sorry", "okay", "no"})


def wordless(text: str, asked: Asked) -> ReplyReading:
    """The reading of a reply that has no words."""
    kind, sure = ("counter", WORDLESS) if asked.has_photo else ("unclear", 0.0)
    return ReplyReading.model_validate({"kind": kind, "confidence": sure, "text": text, "shows_photo": asked.has_photo})


def told(read: Read, found: Sequence[Evidence], decided: Verdict, asked: Asked, item: Offered | None) -> ReplyReading:
    """The reading of a reply; item: what is offered instead."""
    is_shown = asked.has_photo and decided.kind not in {"yes", "no"}
    kind = "counter" if is_shown else decided.kind
    terms = Terms()
    for one in found if kind in {"counter", "yes"} else ():
        terms.merge(one.terms)
    has_reason, is_counter = kind in {"no", "counter"}, kind == "counter"
    return ReplyReading(
        kind=kind,
        confidence=max(decided.confidence, WORDLESS) if is_shown else decided.confidence,
        text=read.cleaned.written,
        language=read.cleaned.language,
        item=item,
        price=terms.price,
        price_change=terms.price_change,
        per="item" if terms.is_each else "total",
        is_dearer=is_counter and _is_dearer(found, terms),
        delay_minutes=terms.delay_minutes,
        ready_at=terms.ready_at,
        quantity=terms.quantity,
        condition=_condition(read, found, terms, item) if is_counter else None,
        reason=_reason(read, found) if has_reason else None,
        lacks=_lacks(read, found) if has_reason else (),
        shows_photo=is_shown,
        is_pending=decided.is_pending,
        spans=_spans(read, decided, terms, item),
    )


def _is_dearer(found: Sequence[Evidence], terms: Terms) -> bool:
    is_told = any(one.clause.has("dearer") or one.terms.is_vague for one in found)
    return is_told and terms.price is None and terms.price_change is None


def _condition(read: Read, found: Sequence[Evidence], terms: Terms, item: Offered | None) -> str | None:
    """What they ask for in return, where it is neither another thing nor one of the terms."""
    for one in found:
        if one.is_condition and not one.terms.spans:
            return _words(read, one.clause)
    if item is not None or terms.spans:
        return None
    turned = next((one for one in found if one.clause.is_after_but and not one.is_no), None)
    return _words(read, turned.clause) if turned else None


def _reason(read: Read, found: Sequence[Evidence]) -> str | None:
    """Why not, in their words: the clauses that refuse and say more than no."""
    said = [_words(read, one.clause) for one in found if one.is_no and _tells(one)]
    return "; ".join(said)[:REASON_LENGTH_MAX] or None


def _tells(one: Evidence) -> bool:
    covered = sum(sign.end - sign.start for sign in one.clause.signs if sign.name in _SAYS_NOTHING)
    is_told = one.clause.length - covered >= TELLING_WORDS_MIN
    return is_told or bool(one.mentions) or one.clause.has("cannot", "lack", "gone", "standing")


def _lacks(read: Read, found: Sequence[Evidence]) -> tuple[str, ...]:
    names = [mention.name for one in found for mention in one.mentions if mention.role == "lacked"]
    return tuple(dict.fromkeys(read.sentence.text(name.start, name.end) for name in names))


def _words(read: Read, clause: Clause) -> str:
    """A clause as it was written, without the `but` in front."""
    return read.said(clause.start + (clause.is_after_but and clause.length > 1), clause.end)


def _spans(read: Read, decided: Verdict, terms: Terms, item: Offered | None) -> dict[str, tuple[Span, ...]]:
    spans: dict[str, tuple[Span, ...]] = {
        "kind": tuple(read.origin(one.clause.start, one.clause.end) for one in decided.because),
        "item": (read.origin(decided.named.name.start, decided.named.name.end),) if item and decided.named else (),
        **{name: (read.cleaned.span(*span),) for name, span in terms.spans.items()},
    }
    return {name: one for name, one in spans.items() if one}
