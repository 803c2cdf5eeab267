"""What conditions are held against: one reading for each distinct thing, shared by all intents that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, PrivateAttr

from shared.logistics.forecast import COLUMNS, Forecast
from shared.logistics.geo import Cell
from shared.logistics.weather import FORECAST_DAYS_MAX, HOUR, HOURS_MAX, hour_of
from shared.money.amounts import Money
from shared.wire import Plain

WatchKind = Literal["weather", "stock", "price", "calendar"]
WATCH_KINDS: tuple[WatchKind, ...] = ("weather", "stock", "price", "calendar")

STALE_HOURS: dict[WatchKind, int] = {"weather": 6, "stock": 6, "price": 24}
"""A reading older than this no longer tells anything; what is looked at every hour may fail a few times before."""


class Watch(NamedTuple):
    """One thing to look at: a cell's weather, a product's stock or price, or a rule of the calendar.

    what: `302:-978`, the cell's corner in tenths; the product's id; the rule's fingerprint.
    """

    kind: WatchKind
    what: str

    @property
    def key(self) -> str:
        """The same as an id that every store can hold: `weather:302:-978`."""
        return f"{self.kind}:{self.what}"

    @property
    def cell(self) -> Cell:
        """The cell whose weather is watched; raises ValueError for any other watch."""
        if self.kind != "weather":
            raise ValueError(f"{self.key} is no cell")
        lat, _, lng = self.what.partition(":")
        return Cell(int(lat), int(lng))


def weather_watch(cell: Cell) -> Watch:
    """The watch on a cell's weather."""
    return Watch("weather", f"{cell.lat_tenths}:{cell.lng_tenths}")


def watch_of(key: str) -> Watch:
    """The reverse of Watch.key; raises ValueError."""
    kind, _, what = key.partition(":")
    for known in WATCH_KINDS:
        if kind == known and what:
            return Watch(known, what)
    raise ValueError(f"{key!r} names nothing that can be watched")


class StockReading(Plain):
    """How many of a product can be had; units None: it is made as ordered."""

    kind: Literal["stock"] = "stock"
    at: AwareDatetime
    units: int | None


class PriceReading(Plain):
    """What one of a product costs."""

    kind: Literal["price"] = "price"
    at: AwareDatetime
    amount: Money


COLUMN_LENGTH_MAX = 20 * HOURS_MAX
COLUMNS_KEPT = 200


def _as_text(read: Callable[[str], object]) -> tuple[object, ...]:
    """How a column is kept as one text; the same one comes several times in a tick, and is read and written once."""

    @lru_cache(COLUMNS_KEPT)
    def cells(text: str) -> tuple[object, ...]:
        return tuple([None if cell in {"", "None"} else read(cell) for cell in text.split(",")])

    @lru_cache(COLUMNS_KEPT)
    def text(column: tuple[object, ...]) -> str:
        return ",".join(["" if cell is None else str(cell) for cell in column])

    def column(kept: object) -> object:
        if not isinstance(kept, str) or len(kept) > COLUMN_LENGTH_MAX:
            return kept  # the type judges it
        return cells(kept) if kept else ()

    return BeforeValidator(column), PlainSerializer(text), Field(max_length=HOURS_MAX)


def _flag(cell: str) -> bool:
    if cell not in {"True", "False"}:
        raise ValueError(f"{cell!r} is neither True nor False")
    return cell == "True"


_Whole = Annotated[tuple[int | None, ...], *_as_text(int)]
_Number = Annotated[tuple[float | None, ...], *_as_text(float)]
_Flags = Annotated[tuple[bool | None, ...], *_as_text(_flag)]


class WeatherReading(Plain):
    """A cell's forecast, in columns: an hour each from `first` (UTC) on, None where nothing is known of it.

    A column is kept as one text, for there are two thousand figures in a forecast.
    """

    kind: Literal["weather"] = "weather"
    at: AwareDatetime
    first: AwareDatetime
    code: _Whole
    cloud_percent: _Whole
    rain_percent: _Whole
    temperature_c: _Number
    wind_kmh: _Number
    is_day: _Flags

    _days: dict[object, object] = PrivateAttr(default_factory=dict)

    @property
    def end(self) -> datetime:
        """Where the forecast ends."""
        return self.first + len(self.code) * HOUR

    @property
    def days(self) -> dict[object, object]:
        """What was reckoned from it before: the same for everybody, so it is kept with it."""
        return self._days


Reading = Annotated[StockReading | PriceReading | WeatherReading, Field(discriminator="kind")]
Readings = Mapping[Watch, StockReading | PriceReading | WeatherReading]


def weather_reading(forecast: Forecast, at: datetime) -> WeatherReading:
    """The reading of what a weather port brought at a moment."""
    columns: dict[str, Any] = dict(zip(COLUMNS, forecast.columns, strict=True))
    return WeatherReading(at=at, first=forecast.first, **columns)


def is_same(one: Reading, other: Reading) -> bool:
    """Whether two readings say the same, whenever they were made."""
    return {**vars(one), "at": None} == {**vars(other), "at": None}


def span_to_read(now: datetime) -> tuple[datetime, datetime]:
    """From when until when a cell's weather is asked for: today's past hours belong to today, wherever it began.

    Whole days, UTC, so that a forecast that has not turned is seen to be the same in every hour of a day.
    """
    today = hour_of(now).replace(hour=0)
    return today - timedelta(days=1), today + timedelta(days=FORECAST_DAYS_MAX)


def is_stale(reading: StockReading | PriceReading | WeatherReading, now: datetime) -> bool:
    """Whether a reading is too old to go by."""
    return now - reading.at > timedelta(hours=STALE_HOURS[reading.kind])
