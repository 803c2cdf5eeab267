"""Log lines: masked before any handler sees them, with the ids of what they belong to, as JSON where that is wanted.

Whatever a line says goes through masking.py; what it carries beside its words are FIELDS, and nothing else. Of errors
the kinds, the places in the code and, where it holds no data, the message are told.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from shared.masking import masked

REQUESTS, STEPS = "app.requests", "app.steps"
"""The loggers of one line a request and one a step; a local host tells of both itself, so there they are quiet."""
IDS = ("request", "trace", "instance", "key", "order")
FIELDS = frozenset({
    *IDS, "message", "method", "route", "status", "ms", "step", "outcome", "reason", "decision", "subject", "roles",
})  # fmt: skip
FIELD_LENGTH_MAX = 300
LIST_LENGTH_MAX = 20
ERROR_LENGTH_MAX = 400
CHAIN_MAX = 4
FRAMES_MAX = 25

_QUIET = ("azure", "httpx", "openai", "stripe", "twilio", "urllib3")
"""Libraries that tell at INFO what is asked of them."""
_OWN = frozenset({"shared", "triggers", "activities", "orchestrators", "entities"})
_OF_CODE = (TypeError, AttributeError, NameError, ImportError, RecursionError, MemoryError)
"""Errors that name what stands in the code, and no data."""
_HEX = re.compile(r"[0-9a-f]{20,64}")
"""An id of ours, as most are; no card number is as long."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")

_SHORT_CACHED_MAX = 1_000

_about: ContextVar[Mapping[str, str]] = ContextVar("_about", default=MappingProxyType({}))


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """All that is logged within belongs to these, named as in IDS."""
    known = {name: value for name, value in ids.items() if value}
    token = _about.set({**_about.get(), **known})
    try:
        yield
    finally:
        _about.reset(token)


class Line(logging.LogRecord):
    """A record whose text and error are masked from the beginning, whoever handles it; about: its ids."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.msg, self.args = _text_of(self), ()
        self.about = {name: _short(value) for name, value in _about.get().items()}
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_text = told(self.exc_info[1])
        self.exc_info = None  # its message is as it was raised


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, message, the ids, the fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if isinstance(record, Line) else masked(record.getMessage()),
            **getattr(record, "about", {}),
        }
        fields = getattr(record, "fields", {})
        line |= {name: _plain(value) for name, value in fields.items() if name in FIELDS and value is not None}
        if isinstance(record, Line) and record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line)


def install(*, is_structured: bool) -> None:
    """From now on every line of this process is masked; is_structured: and JSON. A second time changes nothing."""
    logging.setLogRecordFactory(Line)
    for name in _QUIET:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)
    for name in (REQUESTS, STEPS):
        logging.getLogger(name).setLevel(logging.INFO if is_structured else logging.WARNING)
    if is_structured:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())


def told(error: BaseException) -> str:
    """An error and what it came from: kinds, messages as far as they hold no data, places in the code."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < CHAIN_MAX:
        frames = traceback.extract_tb(current.__traceback__)[-FRAMES_MAX:]
        places = [f"  {'/'.join(PurePath(one.filename).parts[-3:])}:{one.lineno} {one.name}" for one in frames]
        parts.append("\n".join([*places, f"{type(current).__name__}: {_message_of(current)}"]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nand so\n".join(reversed(parts))


def _message_of(error: BaseException) -> str:
    """What others' errors quote is the data that they stumbled over."""
    try:
        if type(error).__module__.startswith("pydantic") and isinstance(error, ValueError):
            found = error.errors(include_input=False, include_url=False, include_context=False)  # type: ignore[attr-defined]
            text = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found)
        else:
            text = str(error)
    except Exception:  # noqa: BLE001  a message that cannot be made is none
        return ""
    is_safe = isinstance(error, _OF_CODE) or type(error).__module__.partition(".")[0] in _OWN
    return masked(text if is_safe else _QUOTED.sub("[left out]", text), ERROR_LENGTH_MAX)


def _text_of(record: logging.LogRecord) -> str:
    try:
        return masked(logging.LogRecord.getMessage(record))
    except Exception:  # noqa: BLE001  a line must not end what it tells of
        return f"a line that cannot be put together: {masked(str(record.msg))}"


def _plain(value: object) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_short(str(one)) for one in value[:LIST_LENGTH_MAX]]
    return _short(str(value))


@lru_cache(_SHORT_CACHED_MAX)
def _short(text: str) -> str:
    """A name or an id; most come again, with the next line or the next request."""
    return text if _HEX.fullmatch(text) else masked(text, FIELD_LENGTH_MAX)
