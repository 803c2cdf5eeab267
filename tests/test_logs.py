"""Log lines: masked for every handler, with their ids, one JSON object each, whatever is logged, however it fails."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared import logs
from shared.records import Unavailable
from shared.settings import Settings

SECRET = "sk_live_51H8xabc"


class Heard(logging.Handler):
    """Keeps what a handler of another library could get at, and the line that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.lines.append(self.format(record))

    def last(self) -> dict[str, Any]:
        return dict(json.loads(self.lines[-1]))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A handler that was there before the app started, with all of JSON."""
    root, handler, factory = logging.getLogger(), Heard(), logging.getLogRecordFactory()
    formatters = [(one, one.formatter) for one in root.handlers]
    levels = [(logging.getLogger(name), logging.getLogger(name).level) for name in (logs.REQUESTS, logs.STEPS, "azure")]
    root.addHandler(handler)
    logs.install(is_structured=True)
    yield handler
    root.removeHandler(handler)
    logging.setLogRecordFactory(factory)
    for one, formatter in formatters:
        one.setFormatter(formatter)
    for logger, level in levels:
        logger.setLevel(level)


log = logging.getLogger("app.test")
log.setLevel(logging.DEBUG)


def test_a_line_is_one_json_object(heard: Heard) -> None:
    log.info("order %s in %d ms\n", "o-1", 12)
    line = heard.last()
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "info", "logger": "app.test", "message": "order o-1 in 12 ms "}
    assert "\n" not in heard.lines[-1]


def test_ids_are_on_every_line_within(heard: Heard) -> None:
    with logs.about(request="r-1", trace="t-1", order=None):
        log.info("outer")
        with logs.about(instance="o-1", key="o-1:0:authorise:1"):
            log.info("inner")
        log.info("again")
    log.info("after")
    ids = [{name: json.loads(line).get(name) for name in logs.IDS} for line in heard.lines]
    outer = {"request": "r-1", "trace": "t-1", "instance": None, "key": None, "order": None}
    assert ids == [outer, {**outer, "instance": "o-1", "key": "o-1:0:authorise:1"}, outer, dict.fromkeys(logs.IDS)]


def test_fields_are_those_of_the_list_masked_and_bounded(heard: Heard) -> None:
    fields = {
        "status": 202, "ms": 1.5, "route": "/api/v1/orders", "order": None, "subject": "ann@example.com",
        "roles": ["customer", "+15125550123"], "reason": "x" * 1_000, "address": "1200 Barton Hills Dr",
        "text": "hello", "body": {"a": 1}, "name": "Ann Green",
    }  # fmt: skip
    log.info("event", extra={"fields": fields})
    line = heard.last()
    assert line["status"] == 202
    assert line["ms"] == 1.5
    assert line["subject"] == "[email]"
    assert line["roles"] == ["customer", "[phone]"]
    assert len(line["reason"]) == logs.FIELD_LENGTH_MAX
    assert not {"order", "address", "text", "body", "name"} & line.keys()


def test_no_handler_gets_at_what_is_masked(heard: Heard) -> None:
    log.warning("to %s with %s", "ann@example.com", SECRET)
    [record] = heard.records
    assert "ann@" not in repr(vars(record))
    assert SECRET not in repr(vars(record))
    assert record.getMessage() == "to [email] with [key]"
    assert logging.Formatter("%(message)s").format(record) == "to [email] with [key]"


def test_nobody_forges_a_line(heard: Heard) -> None:
    log.info("no such order: %s", 'x"}\r\n{"level": "info", "message": "admin signed in"}\u2028')
    assert len(heard.lines[-1].splitlines()) == 1
    assert heard.last()["message"].startswith("no such order: x")
    assert set(heard.last()) == {"at", "level", "logger", "message"}


class Address(BaseModel):
    street: int
    people: int


def fall(kind: str) -> None:
    street = "1200 Barton Hills Dr"
    if kind == "validation":
        Address.model_validate({"street": street, "people": "Ann Green"})
    if kind == "value":
        int(street)
    if kind == "key":
        {}[street]
    if kind == "chain":
        try:
            int(street)
        except ValueError as error:
            raise Unavailable("Stripe is not to be reached") from error
    if kind == "type":
        len(5)  # type: ignore[arg-type]
    if kind == "file":
        Path(f"/nowhere/{street}").read_text()
    if kind == "email":
        raise RuntimeError("no box for ann@example.com of +15125550123")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("validation", ["ValidationError", "street: int_parsing", "people: int_parsing"]),
        ("value", ["ValueError: invalid literal for int() with base 10: [left out]"]),
        ("key", ["KeyError: [left out]"]),
        ("chain", ["ValueError: invalid", "and so", "Unavailable: Stripe is not to be reached"]),
        ("type", ["TypeError: object of type 'int' has no len()"]),
        ("file", ["FileNotFoundError: [Errno 2] No such file or directory: [left out]"]),
        ("email", ["RuntimeError: no box for [email] of [phone]"]),
    ],
)
def test_of_an_error_its_kind_and_place_are_told_and_not_its_data(heard: Heard, kind: str, said: list[str]) -> None:
    try:
        fall(kind)
    except Exception:
        log.exception("it failed")
    told = heard.last()["error"]
    for part in [*said, "tests/test_logs.py:", "fall"]:
        assert part in told
    [record] = heard.records
    for everything in (told, repr(vars(record)), logging.Formatter().format(record)):
        assert not [one for one in ("Barton", "Ann Green", "ann@", "5550123") if one in everything]


def test_errors_are_bounded_however_deep_and_long(heard: Heard) -> None:
    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        try:
            raise ValueError("y" * 100_000)
        except ValueError as error:
            raise RuntimeError("x" * 100_000) from error

    def round_about() -> None:
        one, other = ValueError("one"), ValueError("other")
        one.__cause__, other.__cause__ = other, one
        raise one

    for fault in (lambda: deep(200), round_about):
        try:
            fault()
        except Exception:
            log.exception("it failed")
        assert len(heard.lines[-1]) < 20_000


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("I cannot be told")


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I cannot be told")


def test_a_line_that_cannot_be_put_together_ends_nothing(heard: Heard) -> None:
    log.info("order %s", Unspeakable())
    assert heard.last()["message"] == "a line that cannot be put together: order %s"
    log.info("%d of %d", "ann@example.com")  # noqa: PLE1206  that is the fault
    assert "ann@" not in heard.lines[-1]
    try:
        raise Mute
    except Mute:
        log.exception("it failed")
    assert heard.last()["error"].endswith("Mute: ")
    log.info("no arguments: 100%")
    assert heard.last()["message"] == "no arguments: 100%"
    log.info("by name: %(a)s", {"a": 1})
    assert heard.last()["message"] == "by name: 1"


VALUES = st.text() | st.integers() | st.none()


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(sorted(logs.FIELDS)), VALUES))
def test_whatever_is_logged_is_one_line_of_json(text: str, fields: dict[str, Any]) -> None:
    record = logs.Line("app", logging.INFO, "x.py", 1, "%s", (text,), None)
    record.fields = fields  # type: ignore[attr-defined]
    line = logs.JsonLines().format(record)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["level"] == "info"


def test_a_record_from_before_is_masked_all_the_same() -> None:
    record = logging.LogRecord("old", logging.INFO, "x.py", 1, "to %s", ("ann@example.com",), None)
    assert json.loads(logs.JsonLines().format(record))["message"] == "to [email]"


def test_libraries_that_tell_what_is_asked_of_them_are_quiet(heard: Heard) -> None:
    logging.getLogger("azure.core.pipeline.policies.http_logging_policy").info("Request URL: 'https://x'")
    assert heard.lines == []


def test_without_json_the_host_tells_of_requests_and_formats_as_it_did(heard: Heard) -> None:
    before = [one.formatter for one in logging.getLogger().handlers]
    logs.install(is_structured=False)
    assert [one.formatter for one in logging.getLogger().handlers] == before
    logging.getLogger(logs.REQUESTS).info("GET /x: 200")
    assert heard.lines == []
    logging.getLogger(logs.REQUESTS).warning("GET /x: 500")
    assert len(heard.lines) == 1


def test_errors_of_pydantic_are_told_without_what_was_sent() -> None:
    with pytest.raises(ValidationError) as refused:
        fall("validation")
    assert "Barton" in str(refused.value), "or this tests nothing"
    assert "Barton" not in logs.told(refused.value)


def test_the_operations_page_names_every_field_and_no_setting_that_there_is_not() -> None:
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text()
    missing = [name for name in {*logs.FIELDS, "at", "level", "logger", "error"} if f"`{name}`" not in page]
    assert missing == []
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})[=`]", page))
    assert {name for name in named if not name.startswith("OTEL_")} <= {name.upper() for name in Settings.model_fields}
