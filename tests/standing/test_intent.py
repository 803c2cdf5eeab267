"""The record of a standing intent: kept and read again whole, found by what the watcher asks, within its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.adapters.store_sqlite import SqliteStore
from shared.clock import SystemClock
from shared.records import Query, Write
from shared.standing.changes import groups_of, looked, watched
from shared.standing.cost import COST_DAYS, ODOMETERS, CostDay, Meter, Odometer
from shared.standing.intent import (
    GROUPS,
    MEMBERS,
    STANDING_INTENTS,
    SUBJECTS,
    ApprovalPolicy,
    Member,
    Purchase,
    StandingIntent,
    Subject,
    Wanted,
    expires_at,
)
from shared.standing.progress import Entry
from shared.standing.readings import PriceReading, Watch
from shared.standing.truth import evaluate
from tests.standing.test_story import intent
from tests.standing.worlds import FLOWERS, MONDAY, RAIN, SKY, SUN, forecast, usd

HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = SqliteStore(":memory:", SystemClock())
    yield made
    asyncio.run(made.close())


def seen() -> StandingIntent:
    one = intent()
    readings = {
        SKY: forecast(MONDAY, otherwise=SUN),
        Watch("price", FLOWERS): PriceReading(at=MONDAY, amount=usd(5500)),
    }
    return looked(one, evaluate(one.conditions, readings, MONDAY, one.frame), "tick-1", MONDAY)


def test_it_is_kept_and_found_by_what_the_watcher_asks(store: SqliteStore) -> None:
    async def steps() -> None:
        one = seen()
        await store.apply(STANDING_INTENTS, one.id, [Write("create", one)])
        stored = await store.get(STANDING_INTENTS, one.id, one.id)
        assert stored is not None
        assert stored.value == one
        due = Query({"due_at": {"le": one.due_at}}, order="due_at")
        assert [page.value.id for page in (await store.query(STANDING_INTENTS, due)).items] == [one.id]
        early = Query({"due_at": {"le": MONDAY - HOUR}}, order="due_at")
        assert (await store.query(STANDING_INTENTS, early)).items == []
        mine = Query({"customer": "ann"}, order="-created_at")
        assert len((await store.query(STANDING_INTENTS, mine)).items) == 1
        for group in groups_of(one):
            await store.apply(GROUPS, group.watch, [Write("put", group)])
        await store.apply(MEMBERS, one.group, [Write("put", Member(id=one.id, group=one.group))])
        page = await store.query(GROUPS, Query({}, partition=SKY.key))
        (kept,) = page.items
        assert (kept.value.id, kept.value.conditions) == (one.group, one.conditions)
        assert kept.value.frame(one.expires_at) == one.frame
        members = await store.query(MEMBERS, Query({}, partition=kept.value.id))
        assert [member.value.id for member in members.items] == [one.id]

    asyncio.run(steps())


def test_what_was_read_is_kept_for_all(store: SqliteStore) -> None:
    async def steps() -> None:
        for watch, reading in ((SKY, forecast(MONDAY)), (Watch("price", FLOWERS), None)):
            subject = Subject(id=watch.key, kind=watch.kind, reading=reading, due_at=MONDAY, updated_at=MONDAY)
            await store.apply(SUBJECTS, subject.id, [Write("create", subject)])
            stored = await store.get(SUBJECTS, subject.id, subject.id)
            assert stored is not None
            assert stored.value == subject
        due = Query({"kind": "weather", "due_at": {"le": MONDAY}}, order="due_at")
        assert len((await store.query(SUBJECTS, due)).items) == 1
        odometer = Odometer(
            id="watcher", total=Meter(executions=0.5, seconds=0.01, gb_seconds=0.002), updated_at=MONDAY
        )
        await store.apply(ODOMETERS, odometer.id, [Write("put", odometer)])
        day = CostDay(id="2026-11-23", day=MONDAY.date(), total=odometer.total)
        await store.apply(COST_DAYS, day.id, [Write("put", day)])
        kept = await store.query(COST_DAYS, Query({"day": {"ge": MONDAY.date()}}, order="day"))
        assert [one.value for one in kept.items] == [day]

    asyncio.run(steps())


def test_a_look_that_finds_nothing_new_changes_nothing() -> None:
    one = seen()
    later = MONDAY + HOUR
    readings = {SKY: forecast(later, otherwise=SUN), Watch("price", FLOWERS): PriceReading(at=later, amount=usd(5400))}
    second = looked(one, evaluate(one.conditions, readings, later, one.frame), "tick-2", later)
    assert second.polls.count == 2
    for hours in range(2, 30):
        now = MONDAY + hours * HOUR
        readings = {SKY: forecast(now, otherwise=SUN), Watch("price", FLOWERS): PriceReading(at=now, amount=usd(5400))}
        assert looked(second, evaluate(one.conditions, readings, now, one.frame), f"tick-{hours}", now) is second
    rain = {**readings, SKY: forecast(now, otherwise=RAIN)}
    turned = looked(second, evaluate(one.conditions, rain, now, one.frame), "tick-30", now)
    assert turned.polls.count == 0
    assert turned.progress[-1].words == "The forecast for Thursday, Nov 26 turned to rain."
    assert looked(turned, evaluate(one.conditions, rain, now, one.frame), "tick-30", now) is turned


def test_the_largest_record_fits_a_page_of_the_store() -> None:
    entries = tuple(Entry(id=f"e-{n}", at=MONDAY, kind="status", words="w" * 500) for n in range(100))
    assert len(seen().model_copy(update={"progress": entries}).model_dump_json()) < 100_000


def test_new_conditions_are_watched_anew() -> None:
    one = seen()
    moved_away = watched(one.model_copy(update={"deliver_to": one.deliver_to.model_copy(update={"lat": 51.5})}), MONDAY)
    assert set(one.watches) - set(moved_away.watches) == {SKY.key}
    assert moved_away.group != one.group


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "say what to buy"),
        ({"lines": [{"product": "a.b"}], "bundle": "x"}, "not both"),
        ({"lines": [{"product": "a.b", "quantity": 0}]}, "greater than or equal to 1"),
        ({"lines": [{"product": "a.b"}] * 21}, "at most 20"),
        ({"wish": ""}, "at least 1 character"),
    ],
)
def test_what_cannot_be_bought(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Purchase.model_validate(fields)


def test_what_is_found() -> None:
    assert not Purchase(wish="flowers").is_found
    assert Purchase(wish="flowers", lines=(Wanted(product=FLOWERS),)).is_found


@pytest.mark.parametrize(
    "fields",
    [
        {"when": "over"},
        {"when": "always", "over": {"minor": 1, "currency": "USD"}},
        {"when": "over", "over": {"minor": 0, "currency": "USD"}},
        {"timeout_hours": 0},
        {"timeout_hours": 169},
        {"trust": "blind"},
    ],
)
def test_what_is_no_policy(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ApprovalPolicy.model_validate(fields)


def test_defaults_are_the_careful_ones() -> None:
    policy = ApprovalPolicy()
    assert (policy.when, policy.timeout_hours, policy.trust) == ("always", 24, "low")
    assert expires_at(MONDAY) == MONDAY + timedelta(days=30)


@pytest.mark.parametrize("days", [0, 366, -1])
def test_nobody_waits_for_ever(days: int) -> None:
    assert expires_at(MONDAY, 365) == MONDAY + timedelta(days=365)
    with pytest.raises(ValueError, match="max_wait_days"):
        expires_at(MONDAY, days)
