"""Durations as people write them: `45m`, `2h30m`, `1 day`."""

from __future__ import annotations

import re

from shared.discovery.products import MINUTES_MAX

_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_PART = re.compile(
    r"(\d{1,6}(?:\.\d{1,2})?)\s*(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)\.?(?![a-z])(?:\s*(?:,|and)\s*)?\s*",
    re.ASCII,
)


def minutes_of(text: str) -> int:
    """Whole minutes of `45m`, `2h`, `1d`, `2h30m`, `1.5 hours`, `3 days`; raises ValueError with what to write."""
    rest, total = re.sub(r"(?<=[mhdw])(?=\d)", " ", text.strip().lower()), 0.0
    if rest == "0":
        return 0
    while rest:
        found = _PART.match(rest)
        if not found:
            raise ValueError("is no duration; write 45m, 2h, 1d or 2h30m")
        total += float(found[1]) * _MINUTES[found[2][0]]
        rest = rest[found.end() :]
    if total > MINUTES_MAX or text.strip() == "":
        raise ValueError("is no duration up to a year; write 45m, 2h, 1d or 2h30m")
    return round(total)
