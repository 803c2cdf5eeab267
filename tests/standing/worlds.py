"""Weathers, frames and random conditions for the tests of standing intents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.discovery.conditions import (
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    Range,
    WeatherLeaf,
)
from shared.logistics.forecast import forecast_of
from shared.logistics.geo import Point, cell_of
from shared.logistics.weather import Conditions, hours_of
from shared.money.amounts import Money
from shared.standing.frame import Frame
from shared.standing.readings import (
    PriceReading,
    StockReading,
    Watch,
    WeatherReading,
    span_to_read,
    weather_reading,
    weather_watch,
)

AUSTIN = Point(lat=30.2672, lng=-97.7431)
CELL = cell_of(AUSTIN)
SKY = weather_watch(CELL)
ZONE = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
"""Three days before a Thursday."""
FLOWERS = "acme.roses"

SUN = Conditions(code=0, cloud_percent=10, rain_percent=0, temperature_c=21, wind_kmh=8)
RAIN = Conditions(code=63, cloud_percent=95, rain_percent=80, temperature_c=14, wind_kmh=20)
CLOUDS = Conditions(code=3, cloud_percent=90, rain_percent=15, temperature_c=17, wind_kmh=12)
SNOW = Conditions(code=73, cloud_percent=100, rain_percent=90, temperature_c=-2, wind_kmh=10)
WEATHERS = (SUN, RAIN, CLOUDS, SNOW)

SUNNY = WeatherLeaf(is_="sunny", text="sunny")
RAINY = WeatherLeaf(is_="rainy", text="rains")
DRY = WeatherLeaf(is_="dry", text="dry")
THURSDAY = CalendarLeaf(weekdays=("thu",), text="Thursday")
FRIDAY = CalendarLeaf(weekdays=("fri",), text="Friday")


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def stock(at_least: int = 1) -> InventoryLeaf:
    return InventoryLeaf(item="roses", at_least=at_least, product=FLOWERS, text="back in stock")


def below(minor: int, **more: Any) -> PriceLeaf:
    return PriceLeaf(item="roses", below=usd(minor), product=FLOWERS, text="cheap", **more)


def both(*parts: Condition) -> Branch:
    return Branch(op="and", of=parts)


def either(*parts: Condition) -> Branch:
    return Branch(op="or", of=parts)


def no(part: Condition) -> Branch:
    return Branch(op="not", of=(part,))


def frame_from(now: datetime = MONDAY, days: int = 30, **more: Any) -> Frame:
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    return Frame(zone, now, now + timedelta(days=days), **{"cell": CELL, **more})


def forecast(
    now: datetime,
    days: Mapping[date, Conditions] | None = None,
    otherwise: Conditions = RAIN,
    hourly: Callable[[datetime], Conditions] | None = None,
) -> WeatherReading:
    """A reading: whole local days as given, hours as `hourly` says, else `otherwise`."""
    chosen = days or {}
    hours = hours_of(*span_to_read(now))
    told = (hourly(hour) if hourly else chosen.get(hour.astimezone(ZONE).date(), otherwise) for hour in hours)
    return weather_reading(forecast_of(AUSTIN, hours[0], told), now)


# --- random worlds

CALENDARS = (
    THURSDAY,
    FRIDAY,
    CalendarLeaf(weekdays=("sat", "sun"), text="weekend"),
    CalendarLeaf(date=date(2026, 12, 2), text="December 2"),
    CalendarLeaf(from_=datetime(2026, 11, 27, tzinfo=ZONE), to=datetime(2026, 12, 4, 23, 59, tzinfo=ZONE), text="then"),
    CalendarLeaf(holiday="thanksgiving", text="Thanksgiving"),
    CalendarLeaf(recurrence="FREQ=WEEKLY;INTERVAL=2", text="fortnightly"),
    CalendarLeaf(recurrence="FREQ=DAILY", from_=datetime(2026, 11, 24, 7, tzinfo=ZONE), text="daily at 7"),
)
SKIES = (
    SUNNY,
    RAINY,
    DRY,
    WeatherLeaf(is_="cloudy", text="cloudy"),
    WeatherLeaf(is_="snowy", text="snows"),
    WeatherLeaf(is_="sunny", daypart="morning", text="sunny morning"),
    WeatherLeaf(temperature_c=Range(min=16), text="above 16"),
    WeatherLeaf(wind_kmh=Range(max=10), text="calm"),
)
SHOP = (
    stock(),
    stock(5),
    below(5000),
    PriceLeaf(item="roses", drop_percent=20, reference=usd(7000), product=FLOWERS, text="20 % off"),
)

any_leaf: st.SearchStrategy[Condition] = st.sampled_from((*CALENDARS, *SKIES, *SHOP))
any_condition: st.SearchStrategy[Condition] = st.recursive(
    any_leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: both(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: either(*parts)),
        inner.map(no),
    ),
    max_leaves=6,
)
any_moment = st.integers(0, 3 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@st.composite
def any_readings(draw: st.DrawFn, now: datetime) -> dict[Watch, Any]:
    """Each thing read some hours ago, or not at all."""
    readings: dict[Watch, Any] = {}
    ages = st.sampled_from((0, 1, 5, 7, 30))
    if draw(st.booleans()):
        weathers = draw(st.lists(st.sampled_from(WEATHERS), min_size=20, max_size=20))
        days = {now.astimezone(ZONE).date() + timedelta(days=number - 1): one for number, one in enumerate(weathers)}
        reading = forecast(now, days)
        readings[SKY] = reading.model_copy(update={"at": now - timedelta(hours=draw(ages))})
    if draw(st.booleans()):
        at = now - timedelta(hours=draw(ages))
        readings[Watch("stock", FLOWERS)] = StockReading(at=at, units=draw(st.sampled_from((None, 0, 1, 4, 5, 12))))
    if draw(st.booleans()):
        at = now - timedelta(hours=draw(ages))
        price = draw(st.sampled_from((4999, 5000, 5600, 5601, 8000)))
        readings[Watch("price", FLOWERS)] = PriceReading(at=at, amount=usd(price))
    return readings


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
