"""What a day's weather comes to: the table of skies, hours that are missing, dayparts, and time zones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Range, Sky, WeatherLeaf
from shared.logistics.forecast import COLUMNS, Forecast, forecast_of
from shared.logistics.weather import HOUR, Conditions, hours_of
from shared.standing.frame import Frame
from shared.standing.readings import WeatherReading, span_to_read, weather_reading
from shared.standing.skies import SKIES, bounds_of, day_weather, is_met
from tests.standing.worlds import AUSTIN, CLOUDS, MONDAY, RAIN, SNOW, SUN, ZONE, forecast, frame_from

THURSDAY = date(2026, 11, 26)
FRAME = frame_from()


def sky(name: str, **more: object) -> WeatherLeaf:
    return WeatherLeaf.model_validate({"is": name, "text": name, **more})


def met(leaf: WeatherLeaf, reading: WeatherReading, now: datetime = MONDAY, frame: Frame = FRAME) -> bool | None:
    return is_met(leaf, day_weather(reading, THURSDAY, frame, leaf.daypart), now)


def at_hours(weathers: dict[int, Conditions], otherwise: Conditions = SUN) -> WeatherReading:
    """Thursday's hours by the local clock."""

    def hourly(hour: datetime) -> Conditions:
        local = hour.astimezone(ZONE)
        return weathers.get(local.hour, otherwise) if local.date() == THURSDAY else otherwise

    return forecast(MONDAY, hourly=hourly)


@pytest.mark.parametrize(
    ("weather", "skies"),
    [
        (SUN, {"sunny", "clear", "dry"}),
        (RAIN, {"rainy", "cloudy"}),
        (CLOUDS, {"dry", "cloudy"}),
        (SNOW, {"snowy", "cloudy", "cold"}),
        (SUN.model_copy(update={"wind_kmh": 35.0, "temperature_c": 25.0}), {"sunny", "clear", "dry", "windy", "warm"}),
    ],
)
def test_which_skies_a_weather_is(weather: Conditions, skies: set[str]) -> None:
    reading = forecast(MONDAY, {THURSDAY: weather})
    assert {name for name in get_args(Sky) if met(sky(name), reading)} == skies


def test_every_sky_has_its_row() -> None:
    assert set(SKIES) == set(get_args(Sky))


@pytest.mark.parametrize(
    ("name", "percent", "is_sunny"),
    [
        ("cloud_percent", 30, True),
        ("cloud_percent", 31, False),
        ("rain_percent", 20, True),
        ("rain_percent", 21, False),
    ],
)
def test_the_bounds_of_sunny(name: str, percent: int, is_sunny: bool) -> None:
    noon = SUN.model_copy(update={name: percent})
    assert met(sky("sunny"), at_hours({12: noon})) is is_sunny


def test_sunny_asks_for_daylight_alone_and_clear_for_the_evening_too() -> None:
    evening = at_hours({20: CLOUDS})  # dark in November
    assert met(sky("sunny"), evening) is True
    assert met(sky("clear"), evening) is False
    assert met(sky("sunny"), at_hours({3: RAIN})) is True  # nobody is up


@pytest.mark.parametrize(("daypart", "value"), [("morning", True), ("afternoon", False), (None, False)])
def test_a_part_of_the_day_is_judged_alone(daypart: str | None, value: bool) -> None:
    assert met(sky("sunny", daypart=daypart), at_hours({14: RAIN})) is value


def test_at_night_there_is_no_sun_but_a_clear_sky() -> None:
    late = at_hours({})
    assert met(sky("sunny", daypart="night"), late) is False
    assert met(sky("clear", daypart="night"), late) is True


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        ({"temperature_c": Range(min=21)}, True),
        ({"temperature_c": Range(min=21.5)}, False),
        ({"temperature_c": Range(min=10, max=22)}, True),
        ({"temperature_c": Range(max=20)}, False),
        ({"wind_kmh": Range(max=8)}, True),
        ({"wind_kmh": Range(max=7.9)}, False),
        ({"wind_kmh": Range(min=8), "temperature_c": Range(max=20)}, False),
    ],
)
def test_ranges_are_held_against_the_warmest_hour_and_the_strongest_wind(bounds: dict[str, Range], value: bool) -> None:
    cold_dawn = {hour: SUN.model_copy(update={"temperature_c": 4.0, "wind_kmh": 2.0}) for hour in range(6, 12)}
    assert met(WeatherLeaf(text="x", **bounds), at_hours(cold_dawn)) is value


def test_what_is_known_decides_where_it_can() -> None:
    whole = at_hours({15: RAIN})
    cut = (datetime(2026, 11, 26, 13, tzinfo=ZONE) - whole.first) // HOUR
    half = whole.model_copy(update={name: getattr(whole, name)[:cut] for name in COLUMNS})
    half = WeatherReading.model_validate(half.model_dump())
    assert met(sky("sunny"), half) is None  # so far so good
    assert met(sky("rainy"), half) is None
    assert met(WeatherLeaf(text="x", temperature_c=Range(min=20)), half) is True  # it has been warm enough already
    assert met(WeatherLeaf(text="x", temperature_c=Range(max=20)), half) is False
    assert met(sky("cloudy"), half) is None  # a mean needs all of them
    assert met(sky("sunny", daypart="morning"), half) is True
    assert met(sky("sunny"), half, now=datetime(2026, 11, 26, 22, tzinfo=ZONE)) is True  # what is over is not missed


def test_a_gap_is_kept_as_one() -> None:
    hours = hours_of(*span_to_read(MONDAY))
    noon = datetime(2026, 11, 26, 12, tzinfo=ZONE)
    told = (None if hour == noon else SUN for hour in hours)
    reading = weather_reading(forecast_of(AUSTIN, hours[0], told), MONDAY)
    assert len(reading.code) == len(hours)
    assert met(sky("sunny"), reading) is None
    empty = weather_reading(Forecast(hours[0]), MONDAY)
    assert empty.code == ()
    assert met(sky("sunny"), empty) is None


def test_a_day_beyond_the_forecast_is_unknown() -> None:
    reading = forecast(MONDAY, otherwise=SUN)
    far = MONDAY.date() + timedelta(days=17)
    assert is_met(sky("sunny"), day_weather(reading, far, FRAME, None), MONDAY) is None


def test_a_reading_crosses_as_json_and_is_judged_alike() -> None:
    reading = forecast(MONDAY, {THURSDAY: SNOW})
    again = WeatherReading.model_validate_json(reading.model_dump_json())
    assert again == reading
    assert day_weather(again, THURSDAY, FRAME, None) == day_weather(reading, THURSDAY, FRAME, None)
    assert len(reading.model_dump_json()) < 20_000


Hour = st.builds(
    Conditions,
    code=st.sampled_from((0, 3, 63, 73)),
    cloud_percent=st.integers(0, 100),
    rain_percent=st.integers(0, 100),
    temperature_c=st.integers(-10, 40),
    wind_kmh=st.integers(0, 60),
)
LEAVES = st.one_of(
    st.sampled_from([sky(name) for name in get_args(Sky)]),
    st.builds(lambda low, span: WeatherLeaf(text="x", temperature_c=Range(min=low, max=low + span)),
              st.integers(-10, 35), st.integers(0, 15)),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(LEAVES, st.lists(st.tuples(Hour, Hour), min_size=24, max_size=24), st.sets(st.integers(6, 21), max_size=4))
def test_unknown_means_that_the_missing_hours_could_turn_it(
    leaf: WeatherLeaf, hours: list[tuple[Conditions, Conditions]], missing: set[int]
) -> None:
    """What is decided with hours missing stays so, whatever these turn out to be."""
    one = at_hours({hour: pair[0] for hour, pair in enumerate(hours)})
    other = at_hours({hour: pair[1 if hour in missing else 0] for hour, pair in enumerate(hours)})
    rows = [(datetime(2026, 11, 26, hour, tzinfo=ZONE) - one.first) // HOUR for hour in missing]
    holes = {
        name: tuple(None if row in rows else value for row, value in enumerate(getattr(one, name))) for name in COLUMNS
    }
    known = met(leaf, WeatherReading(at=one.at, first=one.first, **holes))
    assert known is None or met(leaf, one) == met(leaf, other) == known
    assert missing or known is not None


def test_bounds_of_a_leaf() -> None:
    leaf = sky("warm", wind_kmh=Range(max=15))
    assert [(one.figure, one.least, one.most) for one in bounds_of(leaf)] == [
        ("high_c", 22, None),
        ("wind_max", None, 15),
    ]
