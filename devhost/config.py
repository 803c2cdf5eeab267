"""What the files beside an app say: `host.json`, `local.settings.json`, and `%NAME%` in texts.

Both files are read leniently, as published samples need it: comments and a comma before a closing bracket are
overlooked, what follows the first object is left unread with a warning, keys are compared without regard to case.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

_log = logging.getLogger("devhost")
_DURABLE = ("extensions", "durableTask")
_DEPTH_MAX = 64
_COUNT_MAX = 2**31 - 1
_TIMEOUT_DEFAULT = timedelta(minutes=30)
_ENTITY_BATCH_DEFAULT = 5000
_CONCURRENT_PER_CORE = 10  # the extension's own default for activities and for orchestrators
_GAP = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TIMEOUT = re.compile(r"(?:(\d{1,6})\.)?(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,44}")
_SETTING = re.compile(r"%([^%]+)%")


class ConfigError(Exception):
    """A configuration that cannot be used: `host.json:12:5: sentence; what to do`."""


@dataclass(frozen=True)
class HostConfig:
    """What the host takes from host.json; `raw` is the whole file."""

    route_prefix: str
    hub_name: str
    default_version: str | None
    function_timeout: timedelta | None  # None: no limit
    max_activities: int
    max_orchestrators: int
    max_entity_batch: int
    raw: dict[str, Any]


def read_host_json(directory: Path) -> HostConfig:
    """The host.json of an app. Raises ConfigError, also when there is none."""
    path = directory / "host.json"
    if not path.exists():
        raise ConfigError(f'host.json: {directory} has none; a Functions app needs one, at least {{"version": "2.0"}}')
    file = _read(path)
    if file.at("version") != "2.0":
        raise file.wrong(("version",), 'must be "2.0"')
    prefix = file.text("extensions", "http", "routePrefix")
    concurrent = _CONCURRENT_PER_CORE * (os.cpu_count() or 1)
    return HostConfig(
        route_prefix="api" if prefix is None else prefix,
        hub_name=_hub_name(file, directory),
        default_version=file.text(*_DURABLE, "defaultVersion"),
        function_timeout=_timeout(file),
        max_activities=file.count(*_DURABLE, "maxConcurrentActivityFunctions", default=concurrent),
        max_orchestrators=file.count(*_DURABLE, "maxConcurrentOrchestratorFunctions", default=concurrent),
        max_entity_batch=file.count(*_DURABLE, "maxEntityOperationBatchSize", default=_ENTITY_BATCH_DEFAULT),
        raw=file.root,
    )


def read_settings(directory: Path) -> dict[str, str]:
    """The `Values` of local.settings.json, {} without that file; an environment variable of the name wins.

    Raises ConfigError.
    """
    path = directory / "local.settings.json"
    if not path.exists():
        return {}
    file = _read(path)
    if file.at("IsEncrypted"):
        raise file.wrong(("IsEncrypted",), "must be false; run `func settings decrypt`")
    values = file.at("Values")
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise file.wrong(("Values",), "must be an object of names and texts")
    found: dict[str, str] = {}
    for name, value in values.items():
        if not _suits_environment(name) or not name or "=" in name:
            raise file.wrong(("Values", name), "must have a name that an environment variable can have")
        if not isinstance(value, str):
            raise file.wrong(("Values", name), f"must be a text such as {json.dumps(str(value))}")
        if not _suits_environment(value):
            raise file.wrong(("Values", name), "must be without zero characters and halves of characters")
        found[name] = os.environ.get(name, value)
    return found


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """The text with each %NAME% replaced by that setting or environment variable. Raises ConfigError."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in settings and name not in os.environ:
            raise ConfigError(
                f'the setting {name} in "{text}" is not defined; '
                "add it to Values in local.settings.json or to the environment"
            )
        return settings[name] if name in settings else os.environ[name]

    return _SETTING.sub(value, text)


def _suits_environment(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _hub_name(file: _File, directory: Path) -> str:
    given = file.text(*_DURABLE, "hubName")
    if given is None:
        return "DevHub"
    name = resolve(given, read_settings(directory)) if "%" in given else given
    if not _HUB_NAME.fullmatch(name):
        raise file.wrong((*_DURABLE, "hubName"), "must be 3 to 45 letters and digits, the first a letter")
    return name


def _timeout(file: _File) -> timedelta | None:
    given = file.at("functionTimeout")
    if given is None:
        return _TIMEOUT_DEFAULT
    if given in ("-1", -1):
        return None
    match = _TIMEOUT.fullmatch(given) if isinstance(given, str) else None
    if match:
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        timeout = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if timeout and hours < 24 and minutes < 60 and seconds < 60:
            return timeout
    raise file.wrong(("functionTimeout",), 'must be a time above 0 as "hh:mm:ss", or "-1" for no limit')


class _Entry(NamedTuple):
    value: Any
    offset: int


class _File:
    """A JSON file whose values are found by key path, each with the place where it stands."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._entries: dict[tuple[str, ...], _Entry] = {}
        self.root = _Reader(text, self._wrong, self._note).document()

    def at(self, *path: str) -> Any:
        """The value at a key path; None if it is absent or null, or a parent is."""
        for length in range(1, len(path)):
            parent = self._entries.get(_key(path[:length]), _NOTHING).value
            if parent is not None and not isinstance(parent, dict):
                raise self.wrong(path[:length], "must be an object")
        return self._entries.get(_key(path), _NOTHING).value

    def text(self, *path: str) -> str | None:
        value = self.at(*path)
        if value is not None and not isinstance(value, str):
            raise self.wrong(path, "must be a text")
        return value

    def count(self, *path: str, default: int) -> int:
        value = self.at(*path)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _COUNT_MAX:
            raise self.wrong(path, "must be a whole number above 0")
        return value

    def wrong(self, path: tuple[str, ...], rule: str) -> ConfigError:
        """The error for the value at a key path, or its absence, that breaks a rule."""
        entry = self._entries.get(_key(path))
        found = f"found {_short(entry.value)}" if entry else "but it is missing"
        return self._wrong(entry.offset if entry else 0, f"{'.'.join(path)} {rule}, {found}")

    def _wrong(self, offset: int, sentence: str) -> ConfigError:
        line = self._text.count("\n", 0, offset) + 1
        column = offset - self._text.rfind("\n", 0, offset)
        return ConfigError(f"{self._name}:{line}:{column}: {sentence}")

    def _note(self, path: list[str], value: Any, offset: int) -> None:
        self._entries[_key(path)] = _Entry(value, offset)


_NOTHING = _Entry(None, 0)


def _key(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.lower() for part in path)


def _read(path: Path) -> _File:
    try:
        return _File(path.name, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise ConfigError(f"{path.name}: is not UTF-8 at byte {wrong.start}; save it as UTF-8") from None
    except OSError as wrong:
        raise ConfigError(f"{path.name}: cannot be read: {wrong.strerror}") from None


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


class _Reader:
    """Reads lenient JSON from its start to its end and notes where each value of an object stands."""

    _scalars = json.JSONDecoder(parse_constant=_no_constant)

    def __init__(
        self,
        text: str,
        wrong: Callable[[int, str], ConfigError],
        note: Callable[[list[str], Any, int], None],
    ) -> None:
        self._text, self._wrong, self._note = text, wrong, note
        self._at = 0
        self._path: list[str] = []

    def document(self) -> dict[str, Any]:
        if self._next() != "{":
            raise self._wrong(self._at, "must hold one object; begin it with {")
        root: dict[str, Any] = self._value()
        if self._next():
            _log.warning("%s", self._wrong(self._at, "goes on after the object that it holds; the rest is not read"))
        return root

    def _next(self) -> str:
        """The character after space and comments, "" at the end."""
        gap = _GAP.match(self._text, self._at)
        self._at = gap.end() if gap else self._at
        return self._text[self._at : self._at + 1]

    def _value(self) -> Any:
        if len(self._path) > _DEPTH_MAX:
            raise self._wrong(self._at, f"is nested deeper than {_DEPTH_MAX} levels; flatten it")
        sign = self._next()
        if sign == "{":
            return self._object()
        if sign == "[":
            return self._array()
        return self._scalar()

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        while self._next() != "}":
            if self._next() != '"':
                raise self._wrong(self._at, 'needs a name in double quotes or a "}" here')
            name = self._scalar()
            if self._next() != ":":
                raise self._wrong(self._at, f'needs a ":" after "{name}"')
            self._at += 1
            self._next()
            offset = self._at
            self._path.append(name)
            found[name] = self._value()
            self._note(self._path, found[name], offset)
            self._path.pop()
            self._end_of_item("}")
        self._at += 1
        return found

    def _array(self) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        self._path.append("[]")
        while self._next() != "]":
            found.append(self._value())
            self._end_of_item("]")
        self._path.pop()
        self._at += 1
        return found

    def _end_of_item(self, closing: str) -> None:
        sign = self._next()
        if sign == ",":
            self._at += 1
        elif sign != closing:
            raise self._wrong(self._at, f'needs a "," or a "{closing}" here')

    def _scalar(self) -> Any:
        try:
            value, self._at = self._scalars.raw_decode(self._text, self._at)
        except json.JSONDecodeError as wrong:
            raise self._wrong(wrong.pos, f"is no JSON here ({wrong.msg}); mend or quote the value") from None
        except ValueError:
            raise self._wrong(self._at, "has a number that JSON does not know; write another") from None
        return value
