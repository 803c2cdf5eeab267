"""Steps are watched: found by their flow and their key, told how they ended, and no word of what they were about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.watch import watched
from shared import logs
from shared.adapters.spans_off import SpansOff
from shared.flows import Call, Refusal
from shared.records import Unavailable
from shared.traces import trace_of, trace_of_flow

NOW = datetime(2026, 6, 10, tzinfo=UTC)
OF_HOST = "00-11111111111111111111111111111111-2222222222222222-01"


@dataclass
class Told:
    trace_parent: str = ""
    trace_state: str = ""


@dataclass
class HostContext:
    trace_context: Told


@dataclass
class Charge:
    order: Any


@pytest.fixture
def factory() -> Iterator[None]:
    """Lines as the app makes them."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logs.Line)
    yield
    logging.setLogRecordFactory(before)


def play(key: str, given: Any, answer: Any, told: Told | None = None) -> None:
    context: Any = HostContext(told or Told())
    with watched("authorise", Call(key, NOW), given, context, SpansOff()) as answered:
        if isinstance(answer, Exception):
            raise answer
        answered(answer)


@pytest.mark.usefixtures("factory")
@pytest.mark.parametrize(
    ("key", "instance"),
    [
        ("o-1:0:authorise:1", "o-1"),
        ("o-1:release:3:pay:12", "o-1:release"),
        ("o-1:0:move_money:2:0:pay:1", "o-1:0:move_money:2"),
    ],
)
def test_a_step_is_found_by_its_flow_and_its_key(key: str, instance: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logs.STEPS):
        play(key, Charge("o-1"), "pay_1")
    [record] = caplog.records
    about = record.about  # type: ignore[attr-defined]
    assert about == {"instance": instance, "key": key, "order": "o-1", "trace": trace_of_flow("o-1").trace_id}
    fields = record.fields  # type: ignore[attr-defined]
    assert fields.pop("ms") >= 0
    assert fields == {"step": "authorise", "outcome": "done", "reason": None}


@pytest.mark.usefixtures("factory")
@pytest.mark.parametrize(
    ("answer", "level", "outcome", "reason"),
    [
        (None, "INFO", "done", None),
        (Refusal("card_declined", "The card of Ann Green was declined."), "INFO", "refused", "card_declined"),
        (Unavailable("Stripe answered 503."), "WARNING", "failed", "Unavailable"),
        (ValueError("no box for 'Ann Green'"), "WARNING", "failed", "ValueError"),
    ],
)
def test_how_it_ended_is_told_and_nothing_of_whom(
    answer: Any, level: str, outcome: str, reason: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logs.STEPS):
        if isinstance(answer, Exception):
            with pytest.raises(type(answer)):
                play("o-1:0:authorise:1", "o-1", answer)
        else:
            play("o-1:0:authorise:1", "o-1", answer)
    [record] = caplog.records
    assert record.levelname == level
    fields = record.fields  # type: ignore[attr-defined]
    assert (fields["outcome"], fields["reason"]) == (outcome, reason)
    assert "Ann Green" not in repr(vars(record)) + caplog.text
    if isinstance(answer, Unavailable):
        assert "Stripe answered 503." in caplog.text


@pytest.mark.usefixtures("factory")
def test_the_hosts_trace_goes_before_the_flows_own(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logs.STEPS):
        play("o-1:0:authorise:1", "o-1", None, Told(OF_HOST))
    trace = trace_of(OF_HOST)
    assert trace is not None
    assert caplog.records[0].about["trace"] == trace.trace_id  # type: ignore[attr-defined]


@pytest.mark.usefixtures("factory")
@pytest.mark.parametrize("given", ["o-1", 5, None, Charge(5), Charge(None)])
def test_what_names_no_order_has_none(given: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logs.STEPS):
        play("o-1:0:authorise:1", given, None)
    assert "order" not in caplog.records[0].about  # type: ignore[attr-defined]
