"""The spec's example over a rainy week: flowers on the next sunny Thursday, for about $60; an hour at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.logistics.weather import Conditions
from shared.orders.order import Destination
from shared.standing.changes import estimate_of, is_ready, looked, moved, next_rest, reasoning_of, watched
from shared.standing.intent import Purchase, StandingIntent, Wanted, expires_at
from shared.standing.progress import Entry
from shared.standing.readings import PriceReading, Watch
from shared.standing.truth import Verdict, evaluate
from tests.standing.worlds import (
    AUSTIN,
    CLOUDS,
    FLOWERS,
    MONDAY,
    RAIN,
    SKY,
    SUN,
    SUNNY,
    THURSDAY,
    ZONE,
    below,
    both,
    forecast,
    usd,
)

FIRST, SECOND, THIRD = date(2026, 11, 26), date(2026, 12, 3), date(2026, 12, 10)
HOUR = timedelta(hours=1)
HOME = Destination(address="1100 Congress Ave", lat=AUSTIN.lat, lng=AUSTIN.lng)


def intent(**more: Any) -> StandingIntent:
    made = StandingIntent(
        id="si-1",
        instance="si-1",
        customer="ann",
        purchase=Purchase(lines=(Wanted(product=FLOWERS),), thing="flowers"),
        deliver_to=HOME,
        method="card",
        conditions=both(SUNNY, THURSDAY, below(6000)),
        zone="America/Chicago",
        created_at=MONDAY,
        updated_at=MONDAY,
        expires_at=expires_at(MONDAY),
        **more,
    )
    return watched(
        moved(made, "find", entry("found", MONDAY, "Found your flowers! Waiting for sunny Thursday.")), MONDAY
    )


def entry(key: str, at: datetime, words: str) -> Entry:
    return Entry(id=key, at=at, kind="status", words=words)


def thursdays(now: datetime) -> dict[date, Conditions]:
    """What is forecast at a moment: the first Thursday turns twice, the second stays sunny."""
    day = now.date()
    first = SUN if now < datetime(2026, 11, 25, 8, tzinfo=ZONE) else RAIN
    second = CLOUDS if day < date(2026, 11, 28) else SUN
    return {FIRST: first, SECOND: second, THIRD: CLOUDS}


def weeks(days: int) -> Iterator[tuple[datetime, dict[Watch, Any]]]:
    """Every hour, by the clock of the absolute time."""
    for step in range(days * 24):
        now = (MONDAY.astimezone(UTC) + step * HOUR).astimezone(ZONE)
        price = usd(5500) if now.date() < SECOND else usd(5900)
        yield now, {SKY: forecast(now, thursdays(now)), Watch("price", FLOWERS): PriceReading(at=now, amount=price)}


def look(before: StandingIntent, readings: dict[Watch, Any], now: datetime) -> tuple[StandingIntent, Verdict]:
    verdict = evaluate(before.conditions, readings, now, before.frame)
    return looked(before, verdict, f"tick-{now:%d-%H}", now), verdict


def test_it_waits_through_the_rain_explains_itself_and_fires_on_the_right_thursday() -> None:
    one, told, writes = intent(), {}, 0
    fired: datetime | None = None
    for now, readings in weeks(14):
        after, verdict = look(one, readings, now)
        writes += after is not one
        one = after
        told[now] = reasoning_of(one, verdict, now)
        if is_ready(one):
            fired = now
            break
    assert fired == datetime(2026, 12, 3, 8, tzinfo=ZONE)

    def said(text: str) -> str:
        return told[datetime.fromisoformat(text).replace(tzinfo=ZONE)]

    assert said("2026-11-23T10:00").startswith("Thursday looks right (rain 0 %, cloud up to 10 %, 21 °C")
    assert said("2026-11-23T10:00").endswith("I order on Thursday 8 AM if it stays so.")
    turned = "Still waiting: Thursday's forecast turned to rain this morning — I keep watching for a clear window."
    assert said("2026-11-25T08:00") == turned.replace("Thursday's", "Tomorrow's")
    assert said("2026-11-26T12:00") == turned.replace("Thursday's", "Today's").replace("this morning", "yesterday")
    assert said("2026-11-27T12:00").startswith("Still waiting: Thursday's forecast says clouds (rain 15 %")
    assert said("2026-11-28T12:00").startswith("Thursday looks right")
    assert said("2026-12-03T08:00").startswith("The moment has come")

    words = [line.words for line in one.progress]
    assert words == [
        "Found your flowers! Waiting for sunny Thursday.",
        "The forecast for Thursday, Nov 26 says sun.",
        "Roses: $55 now, as you wanted.",
        "The forecast for Thursday, Nov 26 turned to rain.",
        "Thursday, Nov 26 went by; the next chance is Thursday, Dec 3.",
        "The forecast for Thursday, Dec 3 turned to sun.",
    ]
    assert writes <= 2 * len(words)  # of 240 looks


def test_what_is_estimated_follows_the_forecast() -> None:
    one = intent()
    told = {}
    for now, readings in weeks(7):
        one, verdict = look(one, readings, now)
        told[now.date()] = estimate_of(one, verdict, now)
    assert told[MONDAY.date()] == "on Thursday 8 AM at the earliest"
    assert told[date(2026, 11, 25)] == "on Thursday, Dec 17 8 AM at the earliest"  # the next two are all clouds by then
    assert told[date(2026, 11, 28)] == "on Thursday 8 AM at the earliest"


def test_one_good_forecast_is_not_enough() -> None:
    morning = datetime(2026, 11, 26, 8, tzinfo=ZONE)
    price = {Watch("price", FLOWERS): PriceReading(at=morning, amount=usd(5500))}
    one, verdict = look(intent(), {SKY: forecast(morning, {FIRST: SUN}), **price}, morning)
    assert verdict.holds
    assert not is_ready(one)
    assert reasoning_of(one, verdict, morning).endswith("I wait for one more forecast that says so.")
    assert one.due_at == morning + HOUR
    again, _ = look(one, {SKY: forecast(morning, {FIRST: SUN}), **price}, morning)  # the same one once more
    assert again is one
    later = morning + HOUR
    two, _ = look(one, {SKY: forecast(later, {FIRST: SUN}), **price}, later)
    assert is_ready(two)
    spoilt, _ = look(one, {SKY: forecast(later, {FIRST: RAIN}), **price}, later)
    assert not is_ready(spoilt)
    assert spoilt.polls.count == 0
    assert is_ready(look(intent(good_polls=1), {SKY: forecast(morning, {FIRST: SUN}), **price}, morning)[0])


def test_a_price_that_rises_on_the_day_is_said() -> None:
    morning = datetime(2026, 11, 26, 8, tzinfo=ZONE)
    readings = {
        SKY: forecast(morning, {FIRST: SUN}),
        Watch("price", FLOWERS): PriceReading(at=morning, amount=usd(6200)),
    }
    one, verdict = look(intent(), readings, morning)
    assert not is_ready(one)
    assert reasoning_of(one, verdict, morning) == "Still waiting: it costs $62, you asked for less than $60."


def test_nothing_is_said_that_was_not_read() -> None:
    one, verdict = look(intent(), {}, MONDAY)
    assert "it has not been looked at yet" in reasoning_of(one, verdict, MONDAY)
    assert [line.words for line in one.progress] == ["Found your flowers! Waiting for sunny Thursday."]
    old = {SKY: forecast(MONDAY - 8 * HOUR, {FIRST: SUN})}
    _, verdict = look(one, old, MONDAY)
    assert "too long ago to go by" in reasoning_of(one, verdict, MONDAY)


def test_every_sunny_thursday_is_bought_for_once() -> None:
    one = intent(is_recurring=True)
    bought = []
    for now, readings in weeks(20):
        sunny = readings | {SKY: forecast(now, {FIRST: SUN, SECOND: RAIN, THIRD: SUN})}
        one, _ = look(one, sunny, now)
        if is_ready(one):
            bought.append(now)
            one = moved(one, "buy", entry(f"buy-{now}", now, f"I order now, {now}."))
            rests = next_rest(one, now)
            one = moved(
                one, "repeat", entry(f"again-{now}", now, f"Ordered {now}."), rests_until=rests, polls=one.polls
            )
            one = watched(one, now)
    assert bought == [datetime(2026, 11, 26, 8, tzinfo=ZONE), datetime(2026, 12, 10, 8, tzinfo=ZONE)]
