"""JSON in: a document or lines of them, with numbers as they were written; what is no JSON is a finding."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Never

from shared.discovery.manifests.rows import ROWS_MAX, Findings, Problem, shown

DEPTH_MAX = 20
Json = Mapping[str, Any]


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does that we could take."""
    return text.lstrip("﻿ \t\r\n")[:1] in {"{", "["}


def objects_of(text: str, findings: Findings) -> list[tuple[int, Json]]:
    """The objects of a document, an array of them, or JSON lines, each with its number; broken lines are findings."""
    whole = _parsed(text)
    if isinstance(whole, dict):
        return [(1, whole)]
    if isinstance(whole, list):
        return _numbered(list(enumerate(whole, 1)), findings)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") for _, line in lines[:1]):
        findings.reject("it is no JSON; send an object, an array, or one object a line")
        return []
    return _numbered([(number, _parsed(line)) for number, line in lines[: ROWS_MAX + 1]], findings)


def items_of(document: Json, names: Sequence[str]) -> list[Any] | None:
    """The first list that stands under one of the names, also within `data`, `feed` or `catalog`."""
    for holder in (document, *(document.get(name) for name in ("data", "feed", "catalog"))):
        if isinstance(holder, dict):
            for name in names:
                if isinstance(holder.get(name), list):
                    return list(holder[name])
    return None


def scalar(value: Any) -> str:
    """A scalar as text; `true` and `false` in lower case; nothing for what holds other values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The scalars of a list, or of a scalar."""
    found = [scalar(one) for one in value] if isinstance(value, list) else [scalar(value)]
    return [text for text in found if text]


def inner(value: Any, name: str) -> Any:
    """A field of what may be an object."""
    return value.get(name) if isinstance(value, dict) else None


def members(value: Any) -> list[Json]:
    """The objects of what may be a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _numbered(found: Sequence[tuple[int, Any]], findings: Findings) -> list[tuple[int, Json]]:
    if len(found) > ROWS_MAX:
        findings.reject(f"it has more than {ROWS_MAX} entries; send it in parts")
        return []
    for number, value in found:
        if not isinstance(value, dict):
            findings.refuse([Problem(row=number, field="row", message="is no JSON object", value=shown(scalar(value)))])
    return [(number, value) for number, value in found if isinstance(value, dict)]


def _parsed(text: str) -> Any:
    """What JSON says, numbers as text; None for what is none or is nested too deep."""
    try:
        value = json.loads(text.lstrip("﻿"), parse_float=str, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if _is_shallow(value) else None


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [child for holder in level for child in _children(holder)]
        if not level:
            return True
    return False


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse(constant: str) -> Never:
    raise ValueError(constant)  # NaN and Infinity: Python reads them, RFC 8259 has none
