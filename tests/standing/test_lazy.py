"""Looking only where a reading turns or a time has come finds the same moment as looking at everything every hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.conditions import Condition
from shared.orders.order import Destination
from shared.standing.changes import is_ready, looked, moved, watched
from shared.standing.intent import Purchase, StandingIntent, Wanted, expires_at
from shared.standing.progress import Entry
from shared.standing.readings import PriceReading, StockReading, Watch, is_stale, watch_of
from shared.standing.sharing import is_for
from shared.standing.truth import evaluate
from shared.standing.watching import Told, turns
from tests.standing.worlds import (
    AUSTIN,
    FLOWERS,
    MONDAY,
    SKY,
    SUNNY,
    THURSDAY,
    WEATHERS,
    ZONE,
    any_condition,
    any_moment,
    any_readings,
    both,
    forecast,
    frame_from,
    usd,
)

HOUR = timedelta(hours=1)
HOURS = 80
HOME = Destination(address="1100 Congress Ave", lat=AUSTIN.lat, lng=AUSTIN.lng)


def waiting(condition: Condition, days: int, lead_hours: int) -> StandingIntent:
    made = StandingIntent(
        id="si-1",
        instance="si-1",
        customer="ann",
        purchase=Purchase(lines=(Wanted(product=FLOWERS),), thing="flowers"),
        deliver_to=HOME,
        method="card",
        conditions=condition,
        zone="America/Chicago",
        lead_minutes=lead_hours * 60,
        created_at=MONDAY,
        updated_at=MONDAY,
        expires_at=expires_at(MONDAY, days),
    )
    return watched(moved(made, "find", Entry(id="found", at=MONDAY, kind="status", words="Found.")), MONDAY)


def world(seed: int) -> Iterator[tuple[datetime, dict[Watch, Any]]]:
    """Every hour with what is read then; a provider does not always answer, and forecasts turn now and then."""
    chance = Random(seed)
    sky = [chance.choice(WEATHERS) for _ in range(24)]
    units, minor = chance.choice((None, 0, 4, 5)), chance.choice((4999, 5600, 8000))
    readings: dict[Watch, Any] = {}
    for step in range(HOURS):
        now = (MONDAY.astimezone(UTC) + step * HOUR).astimezone(ZONE)
        if chance.random() < 0.15:
            sky[chance.randrange(10)] = chance.choice(WEATHERS)
        if chance.random() < 0.1:
            units, minor = chance.choice((None, 0, 4, 5)), chance.choice((4999, 5600, 8000))
        is_dark = 20 <= step % 40 < 28  # long enough for a forecast to become stale
        if not is_dark:
            days = {MONDAY.date() + timedelta(days=number - 1): one for number, one in enumerate(sky)}
            readings[SKY] = forecast(now, days)
            readings[Watch("stock", FLOWERS)] = StockReading(at=now, units=units)
            readings[Watch("price", FLOWERS)] = PriceReading(at=now, amount=usd(minor))
        yield now, dict(readings)


def eager(one: StandingIntent, seed: int) -> datetime | None:
    for now, readings in world(seed):
        one = looked(one, evaluate(one.conditions, readings, now, one.frame), f"tick-{now}", now)
        if is_ready(one):
            return now
    return None


def lazy(one: StandingIntent, seed: int) -> tuple[datetime | None, int]:
    told: dict[Watch, Told] = {}
    looks = 0
    for now, readings in world(seed):
        is_due = one.due_at is not None and one.due_at <= now
        for key in one.watches:
            watch = watch_of(key)
            if watch.kind == "calendar" or watch not in readings:
                continue
            is_due |= turns(one.conditions, watch, told.get(watch), readings[watch], now, one.frame)
            told[watch] = Told(readings[watch], is_stale(readings[watch], now))
        if is_due:
            looks += 1
            one = looked(one, evaluate(one.conditions, readings, now, one.frame), f"tick-{now}", now)
            if is_ready(one):
                return now, looks
    return None, looks


@settings(max_examples=120, deadline=None)
@given(any_condition, st.integers(0, 10_000), st.sampled_from((2, 30)), st.sampled_from((0, 3, 30)))
def test_nothing_is_missed_by_not_looking(condition: Condition, seed: int, days: int, lead_hours: int) -> None:
    one = waiting(condition, days, lead_hours)
    assert lazy(one, seed)[0] == eager(one, seed)


def test_what_only_waits_is_hardly_looked_at() -> None:
    looks = [lazy(waiting(both(SUNNY, THURSDAY), 30, 0), seed)[1] for seed in range(10)]
    assert sum(looks) / len(looks) < HOURS / 4


@settings(max_examples=150, deadline=None)
@given(any_condition, any_moment, st.integers(0, 25), st.data())
def test_a_verdict_is_shared_only_where_it_is_the_same(
    condition: Condition, now: datetime, days: int, data: st.DataObject
) -> None:
    readings = data.draw(any_readings(now))
    long, short = frame_from(days=30), frame_from(days=days)
    shared = evaluate(condition, readings, now, long)
    if is_for(shared, short):
        assert evaluate(condition, readings, now, short) == shared
