"""Time zones as people name them behind a clock time: abbreviations, `Pacific time`, `London time`, `UTC+2`."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.discovery.intents.time_tokens import Phrases, Sentence

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip
_AMERICAN = {"eastern": _EASTERN, "central": _CENTRAL, "mountain": _MOUNTAIN, "pacific": _PACIFIC}
_CITIES = {
    "london": "Europe/London", "uk": "Europe/London", "british": "Europe/London", "new york": _EASTERN, "ny": _EASTERN,
    "nyc": _EASTERN, "boston": _EASTERN, "miami": _EASTERN, "atlanta": _EASTERN, "toronto": "America/Toronto",
    "washington": _EASTERN, "philadelphia": _EASTERN, "austin": _CENTRAL, "texas": _CENTRAL, "chicago": _CENTRAL,
    "dallas": _CENTRAL, "houston": _CENTRAL, "denver": _MOUNTAIN, "phoenix": "America/Phoenix",
    "arizona": "America/Phoenix", "los angeles": _PACIFIC, "la": _PACIFIC, "california": _PACIFIC,
    "san francisco": _PACIFIC, "sf": _PACIFIC, "seattle": _PACIFIC, "hawaii": "Pacific/Honolulu",
    "honolulu": "Pacific/Honolulu", "alaska": "America/Anchorage", "mexico city": "America/Mexico_City",
    "paris": "Europe/Paris", "berlin": "Europe/Berlin", "madrid": "Europe/Madrid", "rome": "Europe/Rome",
    "amsterdam": "Europe/Amsterdam", "vienna": "Europe/Vienna", "zurich": "Europe/Zurich", "dublin": "Europe/Dublin",
    "lisbon": "Europe/Lisbon", "athens": "Europe/Athens", "istanbul": "Europe/Istanbul", "moscow": "Europe/Moscow",
    "dubai": "Asia/Dubai", "india": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata",
    "singapore": "Asia/Singapore", "hong kong": "Asia/Hong_Kong", "beijing": "Asia/Shanghai",
    "shanghai": "Asia/Shanghai", "tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo", "seoul": "Asia/Seoul",
    "sydney": "Australia/Sydney", "melbourne": "Australia/Melbourne", "sao paulo": "America/Sao_Paulo",
}  # fmt: skip
_SHORT = {
    "est": _EASTERN, "edt": _EASTERN, "et": _EASTERN, "cst": _CENTRAL, "cdt": _CENTRAL, "ct": _CENTRAL,
    "mst": _MOUNTAIN, "mdt": _MOUNTAIN, "mt": _MOUNTAIN, "pst": _PACIFIC, "pdt": _PACIFIC, "pt": _PACIFIC,
    "akst": "America/Anchorage", "akdt": "America/Anchorage", "hst": "Pacific/Honolulu", "utc": "UTC", "gmt": "UTC",
    "zulu": "UTC", "z": "UTC", "bst": "Europe/London", "cet": "Europe/Paris", "cest": "Europe/Paris",
    "eet": "Europe/Athens", "jst": "Asia/Tokyo", "ist": "Asia/Kolkata", "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
}  # fmt: skip
_OWN = ("local time", "my time", "our time", "your time")
"""A pair such as EST and EDT is one zone: people write either all year round, and mean the clock on the wall there."""

_NAMES = Phrases(
    _SHORT
    | {f"{name} time": zone for name, zone in (_AMERICAN | _CITIES).items()}
    | {f"{name} {kind} time": zone for name, zone in _AMERICAN.items() for kind in ("standard", "daylight")}
    | {f"us {name}": zone for name, zone in _AMERICAN.items()}
    | _AMERICAN
    | dict.fromkeys(_OWN, "")
)


def zone_at(sentence: Sentence, index: int) -> tuple[tzinfo, int] | None:
    """The zone named here, with `in` before it or not, and where its name ends."""
    start = index + 1 if sentence.texts[index] == "in" else index
    found = _NAMES.at(sentence.texts, start)
    if not found:
        return None
    name, end = found
    if name == "UTC" and sentence.texts[end] in {"+", "-"} and (hours := sentence.number(end + 1)) is not None:
        if hours <= 14:
            return fixed_zone(hours * 60 if sentence.texts[end] == "+" else -hours * 60), end + 2
        return None
    zone = zone_named(name) if name else sentence.zone
    return (zone, end) if zone else None


@lru_cache(maxsize=100)
def zone_named(name: str) -> tzinfo | None:
    """A zone by its IANA name, None where this machine's database lacks it."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


def fixed_zone(minutes: int) -> tzinfo:
    """A zone that is so many minutes ahead of UTC all year round."""
    return timezone(timedelta(minutes=minutes))
