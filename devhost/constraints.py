"""What a route parameter's value must be like (Microsoft.AspNetCore.Routing.Constraints)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import product

Check = Callable[[str], bool]


class RouteError(Exception):
    """A route that cannot be served; the text says what is wrong and what to write."""


_WHOLE = re.compile(r"\s*([+-]?)0*(\d{1,19})\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*[+-]?(\d[\d,]*(\.\d*)?|\.\d+)\s*", re.ASCII)
_FLOAT = re.compile(r"\s*([+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?|nan|[+-]?infinity)\s*", re.ASCII | re.IGNORECASE)
_GUID = re.compile(
    r"\s*(?:[0-9a-f]{32}|(?:\{H\}|\(H\)|H))\s*".replace("H", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    re.IGNORECASE,
)
_DECIMAL_MAX = 79228162514264337593543950335
_DATETIME_LENGTH_MAX = 40
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%Y/%m/%d")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M%p", " %I:%M:%S%p")


def _whole(value: str, bits: int = 64) -> int | None:
    match = _WHOLE.fullmatch(value)
    number = int(match[1] + match[2]) if match else None
    return number if number is not None and -(1 << bits - 1) <= number < 1 << bits - 1 else None


def _is_decimal(value: str) -> bool:
    return bool(_DECIMAL.fullmatch(value)) and abs(float(value.replace(",", ""))) <= _DECIMAL_MAX


def _is_datetime(value: str) -> bool:
    if len(value) > _DATETIME_LENGTH_MAX:
        return False
    text = re.sub(r"(?<=\d)T(?=\d)", " ", value.strip(), count=1)
    text = re.sub(r"\s+(?=[ap]m)", "", text, count=1, flags=re.IGNORECASE)
    for date, time, zone in product(_DATES, _TIMES, ("", "%z")):
        with suppress(ValueError):
            datetime.strptime(text, date + time + zone)  # noqa: DTZ007 (only whether it can be read)
            return True
    return False


def _is_file_name(value: str) -> bool:
    _, dot, extension = value.rpartition("/")[2].partition(".")
    return bool(dot and extension.strip("."))


_PLAIN: dict[str, Check] = {
    "int": lambda value: _whole(value, 32) is not None,
    "long": lambda value: _whole(value) is not None,
    "bool": lambda value: value.strip().lower() in {"true", "false"},
    "datetime": _is_datetime,
    "decimal": _is_decimal,
    "double": lambda value: _FLOAT.fullmatch(value) is not None,
    "float": lambda value: _FLOAT.fullmatch(value) is not None,
    "guid": lambda value: _GUID.fullmatch(value) is not None,
    "alpha": lambda value: value.isascii() and value.isalpha(),
    "required": bool,
    "file": _is_file_name,
    "nonfile": lambda value: not _is_file_name(value),
}
_NUMBERED: dict[tuple[str, int], Callable[[list[int]], Check]] = {
    ("length", 1): lambda n: lambda value: len(value) == n[0],
    ("length", 2): lambda n: lambda value: n[0] <= len(value) <= n[1],
    ("minlength", 1): lambda n: lambda value: len(value) >= n[0],
    ("maxlength", 1): lambda n: lambda value: len(value) <= n[0],
    ("min", 1): lambda n: lambda value: (found := _whole(value)) is not None and found >= n[0],
    ("max", 1): lambda n: lambda value: (found := _whole(value)) is not None and found <= n[0],
    ("range", 2): lambda n: lambda value: (found := _whole(value)) is not None and n[0] <= found <= n[1],
}


def check_of(constraint: str) -> Check:
    """The check that a constraint such as `range(1,9)` asks for; raises RouteError for one that is not known."""
    name, bracket, argument = constraint.partition("(")
    name = name.lower()
    if bracket and not argument.endswith(")"):
        raise RouteError(f'the constraint "{constraint}" has no end; close its bracket')
    argument = argument[:-1]
    if name == "regex" and bracket:
        return _regex_check(argument)
    if name in _PLAIN and not argument:
        return _PLAIN[name]
    words = argument.split(",") if bracket else []
    numbers = [number for number in map(_whole, words) if number is not None]
    build = _NUMBERED.get((name, len(words)))
    if build and len(numbers) == len(words):
        return build(numbers)
    numbered = sorted({known for known, _ in _NUMBERED})
    if name in {"regex", *_PLAIN, *numbered}:
        takes = {"regex": "an expression", "range": "two numbers", "length": "one or two numbers"}
        wanted = "nothing" if name in _PLAIN else takes.get(name, "one number")
        raise RouteError(f'the constraint "{name}" takes {wanted} in brackets, found "{argument}"')
    known = ", ".join([*_PLAIN, *numbered, "regex"])
    raise RouteError(f'the constraint "{name}" is not known; write one of {known}')


def _regex_check(expression: str) -> Check:
    try:
        pattern = re.compile(expression, re.IGNORECASE)
    except re.error as wrong:
        raise RouteError(f'the constraint regex cannot read "{expression}": {wrong}') from None
    return lambda value: pattern.search(value) is not None
