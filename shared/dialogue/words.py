"""Amounts, times and lists as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.money.currencies import MINOR_DIGITS, SYMBOLS


def money_words(minor: int, currency: str) -> str:
    """`$55`, `$55.50`, `€12.99`, `1,200 JPY`."""
    digits = MINOR_DIGITS[currency]
    whole, part = divmod(abs(minor), 10**digits)
    amount = f"{whole:,}" + (f".{part:0{digits}}" if part else "")
    sign, symbol = "-" if minor < 0 else "", SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"


def time_words(moment: datetime, now: datetime) -> str:
    """A moment from where one stands: `today 5 PM`, `tomorrow`, `Saturday`, `Saturday, Dec 5, 6:30 PM`.

    In the moment's own zone; the end of a day is just the day.
    """
    day = _day_words(moment, now.astimezone(moment.tzinfo))
    if (moment.hour, moment.minute) in {(23, 59), (0, 0)}:
        return day
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{day} {moment.hour % 12 or 12}{minutes} {'AM' if moment.hour < 12 else 'PM'}"


def _day_words(moment: datetime, now: datetime) -> str:
    days = (moment.date() - now.date()).days
    if days == 0:
        return "today"
    if days == 1:
        return "tomorrow"
    if 1 < days < 7:
        return f"{moment:%A}"
    year = "" if moment.year == now.year or timedelta(0) < moment - now < timedelta(days=180) else f", {moment.year}"
    return f"{moment:%A}, {moment:%b} {moment.day}{year}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def duration_words(minutes: int) -> str:
    """`45 minutes`, `2 hours`, `1 hour 30 minutes`, `3 days`."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    counted = [(days, "day"), (hours, "hour"), (left, "minute")]
    said = [f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in counted if count]
    return " ".join(said[:2]) or "no time"


def each_words(unit: str) -> str:
    """`a person`, `an hour`."""
    return f"an {unit}" if unit == "hour" else f"a {unit}"
