"""How many pieces a clause says they can do."""

from __future__ import annotations

from collections.abc import Collection

from shared.dialogue.reply.model import Asked
from shared.dialogue.reply.signs import Clause
from shared.dialogue.reply.when import UNIT_KEYS
from shared.discovery.intent import Span

COUNT_MAX = 1_000_000
COUNTING = frozenset({"have", "only", "can", "yes", "at_most", "at_least", "okay", "cannot", "propose"})
"""A number right behind these says how many; _LIMITING: one right before these does."""
_LIMITING = frozenset({"at_most", "fits", "only", "gone"})
_CLOCK_LEADS = frozenset({"at", "by", "until", "before", "after", "around", "@"})
CLOCK_MARKS = frozenset({"am", "pm", "ish", "o'clock", "%", ":", "/"})


def read_count(
    clause: Clause, before: Clause | None, asked: Asked, named: Collection[int], *, refuses: bool
) -> tuple[int, Span] | None:
    """Another number than was asked for, and where it stands; of one piece there are no more or fewer.

    before: the clause before; named: where things begin; refuses: only a limit counts (`can't do more than 10`).
    """
    if asked.quantity < 2 or clause.has("short", "half"):
        return None
    is_only = before is not None and clause.length == 1 and before.has("half", *COUNTING)
    most = clause.first("at_most")
    for at in range(clause.start, clause.end):
        number = clause.sentence.number(at)
        if number is None or not _is_whole(number[0]) or _is_clock(clause, at, number[1]):
            continue
        if refuses and not (most and most.end == at):
            continue
        if is_only or number[1] in named or _is_count(clause, at, number[1]):
            span = clause.sentence.claim(at, number[1])
            return (int(number[0]), span) if number[0] != asked.quantity else None
    return None


def _is_whole(number: float) -> bool:
    return 1 <= number <= COUNT_MAX and number == int(number)


def _is_count(clause: Clause, start: int, end: int) -> bool:
    """Whether it stands behind what is to be had, or before a limit."""
    is_behind = any(0 <= start - sign.end <= 1 for sign in clause.signs if sign.name in COUNTING)
    return is_behind or any(0 <= sign.start - end <= 1 for sign in clause.signs if sign.name in _LIMITING)


def _is_clock(clause: Clause, start: int, end: int) -> bool:
    """Whether it is a piece of `4:15` or `8/10`, counts hours, or is told `at`."""
    plain = clause.sentence.reading.plain
    first, last = clause.sentence.span(start, end)
    is_piece = plain[last : last + 1] in {":", "/"} or plain[first - 1 : first] in {":", "/"}
    is_led = clause.sentence.key(start - 1) in _CLOCK_LEADS
    return is_piece or is_led or clause.sentence.key(end) in UNIT_KEYS | CLOCK_MARKS
