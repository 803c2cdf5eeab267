"""What simulated partners were asked and how they answered: figures, and rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from statistics import fmean, quantiles
from typing import Any

from shared.simulator.queue import SimulatedRequest
from shared.wire import Plain

COLUMNS = (
    "id", "partner", "channel", "thread", "type", "received_at", "text", "requested_item", "product", "customer",
    "order_value", "status", "assigned_to", "scenario", "decision", "answer", "answered_by", "answered_at", "seconds",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""


class Seconds(Plain):
    """How long answers took, in seconds; at most so long in half and in nine tenths of all."""

    mean: float
    median: float
    ninth_decile: float
    longest: float


class Activity(Plain):
    """What happened in a span. Rates are shares of all answers, 0 to 1, None where there is none.

    automated, manual: answers by scenarios and by people; waiting: those that nobody has answered yet, silent: those
    that a scenario lets lie. triggers: scenario → how often it decided.
    """

    received: int
    by_type: dict[str, int]
    by_status: dict[str, int]
    by_decision: dict[str, int]
    by_partner: dict[str, int]
    answered: int
    automated: int
    manual: int
    waiting: int
    silent: int
    acceptance_rate: float | None
    rejection_rate: float | None
    response_seconds: Seconds | None
    triggers: dict[str, int]


def activity_of(requests: Sequence[SimulatedRequest]) -> Activity:
    """The figures of requests."""
    answered = [one for one in requests if one.status == "responded" and one.answer]
    decisions = _tally(answered, lambda one: one.answer.kind)
    manual = sum(1 for one in answered if one.answer and one.answer.person)
    silent = sum(1 for one in requests if one.is_silent and one.status != "responded")
    return Activity(
        received=len(requests),
        by_type=_tally(requests, lambda one: one.type),
        by_status=_tally(requests, lambda one: one.status),
        by_decision=decisions,
        by_partner=_tally(requests, lambda one: one.partner),
        answered=len(answered),
        automated=len(answered) - manual,
        manual=manual,
        waiting=sum(1 for one in requests if one.status in {"pending", "assigned"}) - silent,
        silent=silent,
        acceptance_rate=_rate(decisions.get("accept", 0), len(answered)),
        rejection_rate=_rate(decisions.get("reject", 0) + decisions.get("unavailable", 0), len(answered)),
        response_seconds=_seconds([taken for one in answered if (taken := seconds_of(one)) is not None]),
        triggers=_tally((one for one in requests if one.scenario), lambda one: one.scenario),
    )


def seconds_of(request: SimulatedRequest) -> float | None:
    """From the request to its answer."""
    said_at = request.answer.said_at if request.answer else None
    # On a clock that stands still a request can be a tick younger than its answer.
    return max(0.0, (said_at - request.received_at).total_seconds()) if said_at else None


def rows_of(requests: Iterable[SimulatedRequest]) -> list[dict[str, Any]]:
    """A row a request, by COLUMNS."""
    return [_row(one) for one in requests]


def csv_of(requests: Iterable[SimulatedRequest]) -> bytes:
    """The rows as CSV for a spreadsheet (RFC 4180, UTF-8); no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows_of(requests):
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue().encode()


def json_of(requests: Iterable[SimulatedRequest]) -> bytes:
    """The rows as one JSON array."""
    return json.dumps(rows_of(requests), ensure_ascii=False).encode()


def _row(request: SimulatedRequest) -> dict[str, Any]:
    answer, facts = request.answer, request.facts
    is_said = answer is not None and answer.said_at is not None
    said = answer if is_said else None
    values = (
        request.id, request.partner, request.channel, request.thread, request.type, _time(request.received_at),
        request.text, facts.requested_item, facts.product, facts.customer,
        str(facts.order_value) if facts.order_value else "", request.status, request.assigned_to, request.scenario,
        said.kind if said else None, said.text if said else None, _by(request) if said else None,
        _time(said.said_at) if said else None, seconds_of(request),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _by(request: SimulatedRequest) -> str:
    return (request.answer.person if request.answer else None) or "automated"


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _tally(requests: Iterable[SimulatedRequest], of: Callable[[Any], str]) -> dict[str, int]:
    return dict(sorted(Counter(of(one) for one in requests).items()))


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _seconds(taken: Sequence[float]) -> Seconds | None:
    if not taken:
        return None
    points = quantiles(taken, n=10, method="inclusive") if len(taken) > 1 else [taken[0]] * 9
    rounded = (round(value, 3) for value in (fmean(taken), points[4], points[8], max(taken)))
    mean, median, ninth, longest = rounded
    return Seconds(mean=mean, median=median, ninth_decile=ninth, longest=longest)
