"""The watcher on a real store: each thing is read once, whom it turns for is looked at, and a fall costs nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.weather_file import FileWeather
from shared.discovery.products import PRODUCTS, Product
from shared.logistics.forecast import Forecast
from shared.logistics.geo import Point
from shared.logistics.weather import Conditions, hours_of
from shared.money.amounts import Money
from shared.nudges import Wakes, heard
from shared.records import Query, Unavailable, Write
from shared.standing import intent_book
from shared.standing.changes import is_ready, moved, watched
from shared.standing.intent import (
    GROUPS,
    MEMBERS,
    STANDING_INTENTS,
    SUBJECTS,
    Purchase,
    StandingIntent,
    Wanted,
    expires_at,
)
from shared.standing.lookout import Lookout
from shared.standing.progress import Entry
from shared.standing.sources import Sources
from shared.standing.tick import House, Left, watch_once
from shared.standing.watcher import Watcher
from tests.standing.test_story import HOME
from tests.standing.worlds import (
    AUSTIN,
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
    either,
    stock,
    usd,
)

HOUR = timedelta(hours=1)
PRICE, STOCK = f"price:{FLOWERS}", f"stock:{FLOWERS}"
START = MONDAY.astimezone(UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class Skies:
    """The played weather, counted; what it does not answer raises, or is too slow."""

    def __init__(self, weather: FileWeather) -> None:
        self.played = weather
        self.calls: Counter[tuple[float, float]] = Counter()
        self.fault: Exception | None = None
        self.pause = 0.0

    async def forecast(self, place: Point, start: datetime, end: datetime) -> Forecast:
        self.calls[place.lat, place.lng] += 1
        await asyncio.sleep(self.pause)
        if self.fault:
            raise self.fault
        return await self.played.forecast(place, start, end)


class Client:
    """Who is woken, and how often."""

    def __init__(self) -> None:
        self.woken: Counter[str] = Counter()

    async def get_status(self, instance_id: str) -> Any:
        raise AssertionError(instance_id)

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        self.woken[instance_id] += 1


class Fallen(Exception):
    """The process has died."""


class Falling:
    """A store whose process dies right after one of its operations."""

    def __init__(self, store: SqliteStore, operations: int) -> None:
        self.store = store
        self.left = operations

    async def _do(self, work: Callable[[], Awaitable[Any]]) -> Any:
        self.left -= 1
        if self.left < 0:
            raise Fallen
        answer = await work()
        if self.left == 0:
            raise Fallen
        return answer

    async def get(self, *given: Any) -> Any:
        return await self._do(lambda: self.store.get(*given))

    async def apply(self, *given: Any) -> Any:
        return await self._do(lambda: self.store.apply(*given))

    async def query(self, *given: Any) -> Any:
        return await self._do(lambda: self.store.query(*given))


class Counting:
    """A store that counts what is done with each container."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.done: Counter[tuple[str, str]] = Counter()

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        def done(container: Any, *given: Any) -> Awaitable[Any]:
            self.done[name, container.name] += 1
            answer: Awaitable[Any] = getattr(self.store, name)(container, *given)
            return answer

        return done


class World:
    """A store, its weather and its products, an hour at a time."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store: Any = SqliteStore(":memory:", self.clock)
        self.skies = Skies(FileWeather(self.store, self.clock))
        self.client = Client()

    async def waits(self, name: str, conditions: Any, days: int = 30, **more: Any) -> StandingIntent:
        now = self.clock.now()
        fields = {
            "id": name, "instance": name, "customer": "ann", "method": "card", "zone": "America/Chicago",
            "purchase": Purchase(lines=(Wanted(product=FLOWERS),), thing="flowers"), "deliver_to": HOME,
            "created_at": now, "updated_at": now, "expires_at": expires_at(now, days), "conditions": conditions,
        }  # fmt: skip
        made = StandingIntent.model_validate({**fields, **more})
        found = Entry(id="found", at=now, kind="status", words="Found.")
        one = heard(watched(moved(made, "find", found), now), Wakes(instance=name, event="stirred-1"))
        await self.store.apply(STANDING_INTENTS, name, [Write("put", one)])
        await intent_book.join(self.store, one, now)
        return one

    async def sells(self, units: int | None, minor: int, product: str = FLOWERS) -> None:
        partner, _, sku = product.partition(".")
        made = Product(
            id=product, partner=partner, sku=sku, title="Roses", category="roses", stock=units,
            price=usd(minor), net=Money(minor=minor, currency="USD"), updated_at=self.clock.now(),
        )  # fmt: skip
        await self.store.apply(PRODUCTS, partner, [Write("put", made)])

    async def play(self, days: Mapping[int, Conditions], otherwise: Conditions = RAIN, place: Point = AUSTIN) -> None:
        """Day of the month → its weather, from the day before until all that can be known."""
        first = self.clock.now().astimezone(ZONE).replace(hour=0, minute=0) - timedelta(days=1)
        hours = hours_of(first, first + timedelta(days=16))
        await self.skies.played.set(place, {one: days.get(one.astimezone(ZONE).day, otherwise) for one in hours})

    def house(self, store: Any = None, *, is_over: Callable[[], bool] = lambda: False) -> House:
        now = self.clock.now()
        return House(store or self.store, self.skies, self.client, f"tick-{now:%d-%H}", now, is_over)

    async def tick(self, hours: int = 1) -> Left:
        left = Left()
        for _ in range(hours):
            self.clock.at += HOUR
            left = await watch_once(self.house())
        return left

    async def see(self, name: str) -> StandingIntent:
        stored = await self.store.get(STANDING_INTENTS, name, name)
        assert stored is not None
        one: StandingIntent = stored.value
        return one

    async def etags(self) -> dict[str, str]:
        page = await self.store.query(STANDING_INTENTS, Query({}, limit=200))
        return {stored.value.id: stored.etag for stored in page.items}

    async def words(self, name: str) -> list[str]:
        return [line.words for line in (await self.see(name)).progress]

    async def push(self, *keys: str) -> None:
        house = self.house()
        for key in keys:
            await house.watcher().watch(key)


def run(steps: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = World()
        try:
            await steps(world)
        finally:
            await world.store.close()

    asyncio.run(whole())


def test_one_call_an_hour_for_all_of_a_cell() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        for number in range(30):
            await world.waits(f"i{number}", both(SUNNY, THURSDAY))
        await world.waits("wet", SUNNY)
        await world.tick(5)
        assert sum(world.skies.calls.values()) == 5
        assert len(world.skies.calls) == 1

    run(steps)


def test_what_does_not_turn_is_not_written() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        for number in range(20):
            await world.waits(f"i{number}", both(SUNNY, THURSDAY))
        await world.tick(3)  # the first look, the second forecast
        before = await world.etags()
        await world.tick(10)
        assert await world.etags() == before
        assert await world.words("i7") == ["Found.", "The forecast for Thursday, Nov 26 says sun."]

    run(steps)


def test_a_forecast_that_says_the_same_all_day_asks_nobody_and_costs_one_write() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        await world.waits("i", both(SUNNY, THURSDAY))
        await world.tick(3)
        for _ in range(5):
            world.clock.at += HOUR
            counting = Counting(world.store)
            await watch_once(world.house(counting))
            assert counting.done["apply", SUBJECTS.name] == 1
            assert counting.done["query", MEMBERS.name] == 0
            kept = (await world.store.get(SUBJECTS, SKY.key, SKY.key)).value
            assert kept.reading.at == kept.told_at == world.clock.at
        await world.play({26: RAIN})
        world.clock.at += HOUR
        counting = Counting(world.store)
        await watch_once(world.house(counting))
        assert counting.done["query", MEMBERS.name] == 1

    run(steps)


def test_each_turn_is_told_once_to_all_whom_it_concerns() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        await world.waits("sunny", both(SUNNY, THURSDAY))
        await world.waits("cheap", below(5000))
        await world.sells(3, 5600)
        await world.tick(3)
        cheap = (await world.etags())["cheap"]
        await world.play({})
        await world.tick(4)
        assert (await world.words("sunny"))[-1] == "The forecast for Thursday, Nov 26 turned to rain."
        assert (await world.words("sunny")).count("The forecast for Thursday, Nov 26 turned to rain.") == 1
        assert (await world.etags())["cheap"] == cheap
        assert not is_ready(await world.see("sunny"))

    run(steps)


def test_it_is_ready_on_the_day_and_its_flow_is_woken_once() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        await world.waits("i", both(SUNNY, THURSDAY))
        await world.tick(24 * 3 - 2)  # Thursday, 7 in the morning
        assert world.client.woken == {}
        await world.tick(5)
        assert world.client.woken == {"i": 1}
        one = await world.see("i")
        assert is_ready(one)
        assert one.stirred_at == datetime(2026, 11, 26, 8, tzinfo=ZONE)

    run(steps)


def test_a_pushed_price_wakes_at_once_and_a_product_is_read_once() -> None:
    async def steps(world: World) -> None:
        await world.sells(0, 5600)
        await world.waits("cheap", below(5000))
        await world.waits("there", stock(2))
        await world.waits("either", either(below(5000), stock(9)))
        await world.tick()
        assert world.client.woken == {}
        await world.sells(2, 4900)
        await world.push(STOCK, PRICE)
        assert world.client.woken == {"cheap": 1, "there": 1, "either": 1}
        await world.push(STOCK, PRICE)
        await world.tick(3)
        assert set(world.client.woken.values()) == {1}

    run(steps)


def test_what_is_taken_off_the_shelf_is_sold_out() -> None:
    async def steps(world: World) -> None:
        await world.sells(5, 4000)
        one = await world.waits("there", both(stock(), below(3000)))
        await world.tick()
        stored = await world.store.get(PRODUCTS, "acme", FLOWERS)
        await world.store.apply(PRODUCTS, "acme", [Write("put", stored.value.model_copy(update={"status": "removed"}))])
        await world.tick()
        assert "Roses: sold out." in await world.words(one.id)

    run(steps)


@pytest.mark.parametrize("fault", [Unavailable("it is down"), None])
def test_a_silent_source_keeps_up_nobody_else(fault: Exception | None) -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        await world.sells(0, 5600)
        await world.waits("sunny", both(SUNNY, THURSDAY))
        await world.waits("there", stock())
        await world.tick(3)
        world.skies.fault, world.skies.pause = fault, 0 if fault else 9.0
        before = (await world.etags())["sunny"]
        await world.sells(4, 5600)
        for _ in range(5):
            world.clock.at += HOUR
            house = world.house()
            lookout = Lookout(world.store, world.client, house.key, house.now)
            slow = Watcher(world.store, Sources(world.store, world.skies, 0.01), lookout, house.now, house.is_over)
            await asyncio.gather(slow.watch(SKY.key), slow.watch(STOCK))
        assert world.client.woken["there"] == 1
        assert (await world.etags())["sunny"] == before, "nothing has changed for it yet, so nothing is written"
        subject = (await world.store.get(SUBJECTS, SKY.key, SKY.key)).value
        assert subject.failures == 5
        assert subject.fault

    run(steps)


def test_a_forecast_that_is_too_old_is_said_once_and_so_is_its_return() -> None:
    async def steps(world: World) -> None:
        await world.play({26: SUN})
        await world.waits("sunny", both(SUNNY, THURSDAY))
        await world.tick(3)
        world.skies.fault = Unavailable("it is down")
        await world.tick(30)
        words = await world.words("sunny")
        assert words[-1] == "The forecast could not be read; I go on trying."
        assert words.count(words[-1]) == 1
        one = await world.see("sunny")
        assert one.verdict is not None
        assert one.verdict.truth.children[0].why == "stale"
        written = (await world.etags())["sunny"]
        await world.tick(4)
        assert (await world.etags())["sunny"] == written
        world.skies.fault = None
        await world.tick(3)
        assert (await world.see("sunny")).polls.count == 2
        await world.tick(24 * 3 - 42)
        assert world.client.woken == {}
        await world.tick(3)
        assert world.client.woken == {"sunny": 1}

    run(steps)


def test_a_source_is_not_asked_for_ever_when_it_is_silent() -> None:
    async def steps(world: World) -> None:
        for number in range(12):
            place = HOME.model_copy(update={"lat": 20.05 + number})
            await world.waits(f"i{number}", SUNNY, deliver_to=place)
        world.skies.fault = Unavailable("it is down")
        await world.tick()
        asked = sum(world.skies.calls.values())
        assert asked <= 10  # those that were on their way at once, and no more
        page = await world.store.query(SUBJECTS, Query({"kind": "weather", "due_at": {"le": world.clock.now()}}))
        assert page.items == []

    run(steps)


def test_more_than_there_is_time_for_goes_on_where_it_stopped() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 5600)
        for number in range(450):
            await world.waits(f"i{number:03}", below(5000))
        await world.waits("other", both(below(5100), stock()))
        await world.tick()
        await world.sells(3, 4900)
        is_over = [False]
        house = world.house(is_over=lambda: is_over[0])
        is_over[0] = True
        cursor, rounds = None, 0
        while True:
            cursor = await house.watcher().watch(PRICE, cursor)
            rounds += 1
            if cursor is None:
                break
        assert rounds >= 3
        assert len(world.client.woken) == 451
        assert set(world.client.woken.values()) == {1}

    run(steps)


def test_another_price_meanwhile_begins_anew() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 5600)
        for number in range(250):
            await world.waits(f"i{number:03}", below(5000))
        await world.tick()
        await world.sells(3, 4900)
        cursor = await world.house(is_over=lambda: True).watcher().watch(PRICE)
        assert cursor is not None
        woken = set(world.client.woken)
        assert len(woken) == 200
        await world.sells(3, 5900)
        await world.push(PRICE)  # whoever is told of this one is told anew, for some had been told of another
        for name in ("i000", "i199", "i249"):
            assert not is_ready(await world.see(name))
        assert await world.house().watcher().watch(PRICE, cursor) is None
        assert set(world.client.woken) == woken

    run(steps)


MANY = [f"acme.p{number:03}" for number in range(450)]


async def waits_for_many(world: World) -> None:
    for product in MANY:
        await world.sells(3, 4900, product)
        await world.waits(product, below(5000).model_copy(update={"product": product}))


async def still_due(world: World) -> int:
    due = Query({"due_at": {"le": world.clock.now()}}, limit=200)
    return len((await world.store.query(SUBJECTS, due)).items)


def test_page_after_page_is_read_while_there_is_time() -> None:
    async def steps(world: World) -> None:
        await waits_for_many(world)
        assert not (await world.tick()).is_some
        assert await still_due(world) == 0
        assert world.client.woken == dict.fromkeys(MANY, 1)

    run(steps)


def test_what_does_not_fit_one_run_is_left_to_a_flow() -> None:
    async def steps(world: World) -> None:
        await waits_for_many(world)
        world.clock.at += HOUR
        looks = iter([False] * 250)
        left = await watch_once(world.house(is_over=lambda: next(looks, True)))
        assert left.is_all
        assert 0 < len(world.client.woken) < len(MANY)
        while (await watch_once(world.house())).is_some:
            pass
        assert world.client.woken == dict.fromkeys(MANY, 1)

    run(steps)


def test_the_last_things_for_which_there_is_no_time_are_left_by_their_keys() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 5600)
        await world.waits("cheap", below(5000))
        world.clock.at += HOUR
        assert await watch_once(world.house(is_over=lambda: True)) == Left(keys=(PRICE,))
        assert await still_due(world) == 1

    run(steps)


def test_who_has_gone_is_dropped_and_what_nobody_waits_for_is_read_no_more() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 5600)
        one = await world.waits("gone", below(5000))
        await world.tick()
        stored = await world.store.get(STANDING_INTENTS, one.id, one.id)
        bye = Entry(id="bye", at=world.clock.now(), kind="status", words="Bye.")
        await world.store.apply(STANDING_INTENTS, one.id, [Write("put", moved(stored.value, "cancel", bye))])
        await world.sells(3, 4900)
        await world.tick(2)
        assert world.client.woken == {}
        assert (await world.store.query(MEMBERS, Query({}, one.group))).items == []
        assert (await world.store.query(GROUPS, Query({}, PRICE))).items == []
        assert await world.store.get(SUBJECTS, PRICE, PRICE) is None

    run(steps)


def test_leaving_takes_the_group_away_with_the_last_one() -> None:
    async def steps(world: World) -> None:
        one = await world.waits("a", both(SUNNY, THURSDAY))
        two = await world.waits("b", both(SUNNY, THURSDAY))
        assert one.group == two.group
        await intent_book.leave(world.store, one.group, "a", one.watches)
        assert len((await world.store.query(GROUPS, Query({}, SKY.key))).items) == 1
        await intent_book.leave(world.store, two.group, "b", two.watches)
        await intent_book.leave(world.store, two.group, "b", two.watches)
        assert (await world.store.query(GROUPS, Query({}, SKY.key))).items == []

    run(steps)


def test_whoever_joins_while_a_thing_is_taken_away_is_not_forgotten() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 5600)
        stored = await world.store.get(SUBJECTS, PRICE, PRICE)
        assert stored is None
        one = await world.waits("a", below(5000))
        subject = await world.store.get(SUBJECTS, PRICE, PRICE)
        group = await world.store.get(GROUPS, PRICE, one.group)
        await intent_book.leave(world.store, one.group, "a", ())
        joining = await world.waits("b", below(5000))  # between the look for members and the taking away
        await intent_book.close_group(world.store, group)
        assert (await world.store.get(GROUPS, PRICE, joining.group)) is not None
        assert not await intent_book.close_subject(world.store, subject, START)
        assert (await world.store.get(SUBJECTS, PRICE, PRICE)) is not None

    run(steps)


def test_a_thing_that_was_lost_in_a_fall_is_there_again() -> None:
    async def steps(world: World) -> None:
        await world.sells(3, 4900)
        await world.waits("a", below(5000))
        stored = await world.store.get(SUBJECTS, PRICE, PRICE)
        await world.store.apply(SUBJECTS, PRICE, [Write("delete", stored.value)])
        await world.push(PRICE)
        assert world.client.woken == {"a": 1}

    run(steps)


def test_both_halves_of_a_condition_that_turn_at_once_are_seen_together() -> None:
    async def steps(world: World) -> None:
        await world.sells(0, 5600)
        names = [f"i{number}" for number in range(5)]
        for name in names:
            await world.waits(name, both(stock(), below(5000)))
        await world.tick()
        await world.sells(2, 4900)
        house = world.house()
        await asyncio.gather(*(house.watcher().watch(key) for key in (STOCK, PRICE, STOCK, PRICE)))
        assert world.client.woken == dict.fromkeys(names, 1)

    run(steps)


async def story(world: World) -> None:
    """Three that wait for different things, and a tick at which all of it turns."""
    await world.play({26: SUN})
    await world.sells(0, 5600)
    await world.waits("sunny", both(SUNNY, THURSDAY))
    await world.waits("cheap", both(below(5000), stock()))
    await world.waits("either", either(SUNNY, stock(3)))
    await world.tick(3)
    await world.play({23: RAIN, 24: SUN})
    await world.sells(4, 4900)
    world.clock.at += HOUR


def ended(one: StandingIntent) -> tuple[Any, ...]:
    """All of an intent that a fall may not change."""
    assert one.verdict is not None
    told = (one.verdict.holds, one.verdict.next, one.verdict.truth.value, one.polls, one.due_at)
    return (*told, is_ready(one), sorted(line.words for line in one.progress))


async def aftermath(world: World) -> dict[str, tuple[Any, ...]]:
    return {name: ended(await world.see(name)) for name in ("sunny", "cheap", "either")}


def test_a_fall_anywhere_changes_nothing_in_the_end() -> None:
    async def whole(world: World) -> None:
        await story(world)
        await watch_once(world.house())
        seen.update(await aftermath(world))
        woken.update(world.client.woken)

    seen: dict[str, tuple[Any, ...]] = {}
    woken: Counter[str] = Counter()
    run(whole)
    assert seen["cheap"][5]
    assert woken == {"cheap": 1, "either": 1}
    falls = []

    async def fallen(world: World, operations: int) -> None:
        await story(world)
        falling: Any = Falling(world.store, operations)
        try:
            await watch_once(world.house(falling))
        except Fallen:
            falls.append(operations)
        await asyncio.sleep(0)
        await watch_once(world.house())  # the same hour again, as a repeated step does
        for key in (SKY.key, STOCK, PRICE):
            await world.house().watcher().watch(key)
        assert await aftermath(world) == seen, operations
        for name, times in world.client.woken.items():
            assert woken[name] == times == 1 or not is_ready(await world.see(name)), operations

    for operations in range(0, 120, 1):
        run(lambda world, count=operations: fallen(world, count))
        if len(falls) <= operations - 3:
            break
    assert len(falls) > 20


def test_the_flow_is_woken_by_the_sweeper_if_the_fall_came_between() -> None:
    from shared import nudges

    class Deaf(Client):
        async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
            raise OSError("the process is dying")

        async def get_status(self, instance_id: str) -> Any:
            return type("Status", (), {"runtime_status": None})

    async def steps(world: World) -> None:
        await world.sells(2, 4900)
        await world.waits("cheap", below(5000))
        world.client = Deaf()
        await world.tick()
        one = await world.see("cheap")
        assert is_ready(one)
        assert one.stirred_at is not None
        alive = Client()

        async def is_running(instance_id: str) -> Any:
            return type("Status", (), {"runtime_status": None})

        alive.get_status = is_running  # type: ignore[method-assign]
        await nudges.sweep(world.store, alive, STANDING_INTENTS, world.clock.now() + HOUR)
        assert alive.woken == {"cheap": 1}

    run(steps)

