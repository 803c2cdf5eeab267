"""Holidays by name, and on which day of a year they fall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from shared.discovery.intents.time_words import RULE_DAYS

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


class Holiday(NamedTuple):
    """A day that comes every year. rule: its recurrence after FREQ=YEARLY, empty where no rule can say it.

    on: its date in a year, None where that is not known here; certainty: below 1 where the moon decides.
    """

    name: str
    on: Callable[[int], date | None]
    rule: str = ""
    certainty: float = 1.0

    def next_from(self, day: date) -> date | None:
        """The first time it comes on or after a day."""
        for year in (day.year, day.year + 1):
            on = self.on(year)
            if on and on >= day:
                return on
        return None


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth weekday of a month, from the end if nth is below zero; None if there are not so many."""
    if nth > 0:
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        last = month_end(year, month)
        day = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    return day if day.month == month else None


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday, Gregorian (the anonymous algorithm, as in Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def new_moon_of_tishri(year: int) -> date:
    """Rosh Hashanah in a Gregorian year: Gauss's molad in days, with its postponements (1900 to 2099)."""
    golden = year % 19 + 1
    parts = (12 * golden) % 19
    molad = 492_480 * (year // 100 - year // 400 - 2) + 765_433 * parts - 1_565 * year - 445_405
    whole, fraction = divmod(molad + 123_120 * (year % 4), 492_480)
    day = date(year, 8, 31) + timedelta(days=whole)
    weekday = day.weekday()
    is_late = weekday == MON and fraction >= 442_111 and parts > 11
    if weekday in {SUN, WED, FRI} or is_late:
        day += timedelta(days=1)
    elif weekday == TUE and fraction >= 311_676 and parts > 6:
        day += timedelta(days=2)
    return day


def _fixed(name: str, month: int, day: int) -> Holiday:
    return Holiday(name, lambda year: date(year, month, day), f"BYMONTH={month};BYMONTHDAY={day}")


def _nth(name: str, month: int, weekday: int, nth: int) -> Holiday:
    return Holiday(
        name, lambda year: nth_weekday(year, month, weekday, nth), f"BYMONTH={month};BYDAY={nth}{RULE_DAYS[weekday]}"
    )


def _easter(name: str, days: int) -> Holiday:
    return Holiday(name, lambda year: easter(year) + timedelta(days=days))


def _thanksgiving(name: str, days: int) -> Holiday:
    def on(year: int) -> date | None:
        day = nth_weekday(year, 11, THU, 4)
        return day + timedelta(days=days) if day else None

    return Holiday(name, on)


def _hebrew(name: str, days: int) -> Holiday:
    return Holiday(name, lambda year: new_moon_of_tishri(year) + timedelta(days=days))


def _hanukkah(year: int) -> date:
    """25 Kislev: 83 days after 1 Tishri, one more in a year whose Heshvan is long."""
    start = new_moon_of_tishri(year)
    length = (new_moon_of_tishri(year + 1) - start).days
    return start + timedelta(days=84 if length in {355, 385} else 83)


_MOON_DAYS = {
    "lunar new year": {2025: 129, 2026: 217, 2027: 206, 2028: 126, 2029: 213, 2030: 203, 2031: 123, 2032: 211,
                       2033: 131, 2034: 219, 2035: 208},
    "diwali": {2025: 1020, 2026: 1108, 2027: 1029, 2028: 1017, 2029: 1105, 2030: 1026},
    "eid": {2025: 330, 2026: 320, 2027: 309, 2028: 226, 2029: 214, 2030: 204},
}  # fmt: skip
"""Month and day (month * 100 + day) by year, as published beforehand."""


def _moon(name: str) -> Holiday:
    def on(year: int) -> date | None:
        found = _MOON_DAYS[name].get(year)
        return date(year, found // 100, found % 100) if found else None

    return Holiday(name, on, certainty=0.75)


_ALL = (
    _fixed("new year's day", 1, 1), _nth("martin luther king day", 1, MON, 3), _fixed("groundhog day", 2, 2),
    _fixed("valentine's day", 2, 14), _nth("presidents' day", 2, MON, 3), _nth("super bowl sunday", 2, SUN, 2),
    _fixed("international women's day", 3, 8), _fixed("pi day", 3, 14), _fixed("saint patrick's day", 3, 17),
    _fixed("april fools' day", 4, 1), _fixed("earth day", 4, 22), _fixed("may day", 5, 1),
    _fixed("cinco de mayo", 5, 5), _nth("mother's day", 5, SUN, 2), _nth("memorial day", 5, MON, -1),
    _nth("father's day", 6, SUN, 3), _fixed("juneteenth", 6, 19), _fixed("independence day", 7, 4),
    _nth("labor day", 9, MON, 1), _nth("columbus day", 10, MON, 2), _fixed("halloween", 10, 31),
    _fixed("day of the dead", 11, 2), _fixed("bonfire night", 11, 5), _fixed("veterans day", 11, 11),
    _nth("thanksgiving", 11, THU, 4), _thanksgiving("black friday", 1), _thanksgiving("cyber monday", 4),
    _thanksgiving("thanksgiving eve", -1), _fixed("christmas eve", 12, 24), _fixed("christmas day", 12, 25),
    _fixed("boxing day", 12, 26), _fixed("new year's eve", 12, 31), _easter("mardi gras", -47),
    _easter("ash wednesday", -46), _easter("palm sunday", -7), _easter("good friday", -2), _easter("easter", 0),
    _easter("easter monday", 1), _easter("british mother's day", -21), _hebrew("rosh hashanah", 0),
    _hebrew("yom kippur", 9), Holiday("hanukkah", _hanukkah), _hebrew("passover", -163), _moon("lunar new year"),
    _moon("diwali"), _moon("eid"),
)  # fmt: skip
_BY_NAME = {holiday.name: holiday for holiday in _ALL}

_OTHER_NAMES = {
    "new years day": "new year's day", "new years": "new year's day", "new year": "new year's day",
    "mlk day": "martin luther king day", "valentines": "valentine's day", "valentine": "valentine's day",
    "valentine day": "valentine's day", "v day": "valentine's day", "presidents day": "presidents' day",
    "super bowl": "super bowl sunday", "superbowl": "super bowl sunday", "superbowl sunday": "super bowl sunday",
    "womens day": "international women's day", "st patricks day": "saint patrick's day",
    "st paddys day": "saint patrick's day", "st pattys day": "saint patrick's day", "paddys day": "saint patrick's day",
    "saint patricks day": "saint patrick's day", "april fools day": "april fools' day",
    "april fools": "april fools' day",
    "mother day": "mother's day", "father day": "father's day", "4th of july": "independence day",
    "fourth of july": "independence day", "july 4th": "independence day", "july fourth": "independence day",
    "labour day": "labor day", "indigenous peoples day": "columbus day", "day of the dead": "day of the dead",
    "dia de los muertos": "day of the dead", "guy fawkes": "bonfire night", "turkey day": "thanksgiving",
    "thanksgiving day": "thanksgiving", "xmas eve": "christmas eve", "christmas": "christmas day",
    "nye": "new year's eve", "fat tuesday": "mardi gras", "easter sunday": "easter", "easter day": "easter",
    "mothering sunday": "british mother's day", "rosh hashana": "rosh hashanah", "chanukah": "hanukkah",
    "hannukah": "hanukkah", "hanukah": "hanukkah", "pesach": "passover", "chinese new year": "lunar new year",
    "deepavali": "diwali", "eid al fitr": "eid",
}  # fmt: skip

HOLIDAYS = (
    {name.replace("'", ""): holiday for name, holiday in _BY_NAME.items()}
    | {name: _BY_NAME[meant] for name, meant in _OTHER_NAMES.items()}
)  # fmt: skip
"""By what people call them, in lower case, without apostrophes."""
