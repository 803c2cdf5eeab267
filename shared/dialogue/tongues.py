"""Times, amounts of time, amounts of money and lists as they are said in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.words import money_words
from shared.money.amounts import Money
from shared.wire import Plain

LANGUAGE = "en"
"""Spoken where nobody has said which, and where one is not known."""


class TongueWords(Plain):
    """One language of data/dialogue/tongues.toml; halves: of the day, empty where it is told by 24 hours.

    guarded: times, numbers and promises that nobody may add to what is told; denials: words that say no.
    """

    days: tuple[str, ...]
    months: tuple[str, ...]
    halves: tuple[str, str]
    guarded: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    words: dict[str, str]

    @classmethod
    def of(cls, table: Mapping[str, object]) -> TongueWords:
        """From a table of the file: its lists, and all the rest as words."""
        lists = {"days", "months", "halves", "guarded", "denials"}
        words = {name: value for name, value in table.items() if name not in lists}
        return cls.model_validate({**{name: table[name] for name in lists & table.keys()}, "words": words})


class Tongue:
    """Says things in one language and one zone."""

    def __init__(self, words: TongueWords, zone: ZoneInfo) -> None:
        self._tables = words
        self._words = words.words
        self.zone = zone

    def word(self, name: str, **values: object) -> str:
        """A phrase of the file with its values."""
        return self._words[name].format(**values)

    def has(self, name: str) -> bool:
        """Whether there is a phrase of this name."""
        return name in self._words

    @property
    def guarded(self) -> frozenset[str]:
        """Words that nobody may add to what is told, in lower case; names of days and months are among them."""
        tables = self._tables
        return frozenset(word.casefold() for word in (*tables.days, *tables.months, *tables.guarded))

    @property
    def denials(self) -> frozenset[str]:
        """Words that say no, in lower case."""
        return frozenset(word.casefold() for word in self._tables.denials)

    def time(self, moment: datetime, now: datetime) -> str:
        """A moment from where one stands: `today 5 PM`, `el sábado 21 de nov a las 17:00`; a day's end is the day."""
        local = moment.astimezone(self.zone)
        day = self.day(local, now)
        if (local.hour, local.minute) == (23, 59):
            return day
        return self.word("moment", day=day, clock=self.clock(local))

    def day(self, moment: datetime, now: datetime) -> str:
        """The day of a moment: `today`, `Saturday`, `Saturday, Dec 5`."""
        local, here = moment.astimezone(self.zone), now.astimezone(self.zone)
        ahead = (local.date() - here.date()).days
        if ahead in _NEAR_DAYS:
            return self.word(_NEAR_DAYS[ahead])
        weekday, month = self._tables.days[local.weekday()], self._tables.months[local.month - 1]
        date = self.word("date", weekday=weekday, month=month, day=local.day)
        return date if local.year == here.year else self.word("year", date=date, year=local.year)

    def clock(self, moment: datetime) -> str:
        """The time of day: `5 PM`, `17:30`."""
        local = moment.astimezone(self.zone)
        half = self._tables.halves[local.hour >= 12]
        values = {"hour": local.hour % 12 or 12, "hour24": local.hour, "minutes": f"{local.minute:02}", "half": half}
        return self.word("clock_minutes" if local.minute else "clock", **values)

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        """From one moment to another: `today 3 PM to 4 PM`."""
        is_one_day = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        until = self.clock(end) if is_one_day else self.time(end, now)
        return self.word("span", **{"from": self.time(start, now), "to": until})

    def duration(self, minutes: int) -> str:
        """`45 minutes`, `1 hour 30 minutes`."""
        days, rest = divmod(abs(minutes), 24 * 60)
        counts = ((days, "day", "days_"), (rest // 60, "hour", "hours"), (rest % 60, "minute", "minutes"))
        said = [f"{count} {self.word(one if count == 1 else many)}" for count, one, many in counts if count]
        return " ".join(said[:2]) or self.word("no_time")

    def shift(self, minutes: int) -> str:
        """`5 minutes later`, `at the same time`."""
        if not minutes:
            return self.word("same_time")
        return self.word("later" if minutes > 0 else "earlier", duration=self.duration(minutes))

    def money(self, amount: Money) -> str:
        """`$55`, `$55.50`."""
        return money_words(amount.minor, amount.currency)

    def difference(self, amount: Money) -> str:
        """`$5 more`, `$5 less`, `the same price`."""
        if not amount.minor:
            return self.word("same_price")
        name = "dearer" if amount.minor > 0 else "cheaper"
        return self.word(name, amount=money_words(abs(amount.minor), amount.currency))

    def listed(self, parts: Sequence[str], last: str = "and") -> str:
        """`a`, `a and b`, `a, b and c`."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.word(last)} {parts[-1]}"


_NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


class Tongues:
    """The languages that are spoken."""

    def __init__(self, tables: Mapping[str, Mapping[str, object]]) -> None:
        """tables: of data/dialogue/tongues.toml, by the codes of their languages."""
        self._tables = {code: TongueWords.of(table) for code, table in tables.items()}

    def speaks(self, language: str) -> str:
        """The code of a language as it is spoken here: `es` for `es-MX`, LANGUAGE for one that is not known."""
        code = language.lower().partition("-")[0]
        return code if code in self._tables else LANGUAGE

    def tongue(self, language: str, zone: ZoneInfo) -> Tongue:
        """A language in a zone."""
        return Tongue(self._tables[self.speaks(language)], zone)
