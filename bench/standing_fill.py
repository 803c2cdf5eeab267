"""A store full of standing intents, as they lie there while they wait: made once for a size, and kept."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from bench.city import NOW
from bench.scratch import RESULTS
from shared.adapters.store_records import prepare, shape_of
from shared.adapters.store_sqlite import SqliteStore
from shared.discovery.conditions import Branch, CalendarLeaf, InventoryLeaf, PriceLeaf, WeatherLeaf
from shared.discovery.hours import WEEKDAYS
from shared.discovery.products import PRODUCTS, Product
from shared.logistics.forecast import Forecast, forecast_of
from shared.logistics.geo import Cell, Point, cell_of
from shared.logistics.weather import HOUR, Conditions, hours_of
from shared.money.amounts import Money
from shared.orders.order import Destination
from shared.records import Container, Record, Write
from shared.standing.changes import groups_of, looked, moved, watched
from shared.standing.intent import (
    GROUPS,
    MEMBERS,
    STANDING_INTENTS,
    SUBJECTS,
    Group,
    Member,
    Purchase,
    StandingIntent,
    Subject,
    Wanted,
    expires_at,
)
from shared.standing.progress import Entry
from shared.standing.readings import PriceReading, Reading, StockReading, Watch, span_to_read, weather_reading
from shared.standing.truth import evaluate

CELLS, PRODUCTS_COUNT = 300, 350
"""So many forecasts, prices and stocks: a thousand distinct things."""
VARIANTS = 4
CHUNK = 5_000
DRY = Conditions(code=2, cloud_percent=55, rain_percent=5, temperature_c=20, wind_kmh=10)
SUN = Conditions(code=0, cloud_percent=5, rain_percent=0, temperature_c=22, wind_kmh=8)
MARK = "0000000000000"
"""Stands in a record for the intent's own id."""


class Skies:
    """Forecasts that cost next to nothing; wobble: changes their figures, and turns none; turned: a sunny cell."""

    def __init__(self) -> None:
        self.wobble = 0
        self.turned: int | None = None

    async def forecast(self, place: Point, start: datetime, end: datetime) -> Forecast:
        """As the port says."""
        sunny = self.turned is not None and cell_of(place) == cell(self.turned)
        seen = SUN if sunny else DRY.model_copy(update={"cloud_percent": 50 + self.wobble % 9})
        return _forecast(start, end, seen)


@lru_cache(100)
def _forecast(start: datetime, end: datetime, seen: Conditions) -> Forecast:
    hours = hours_of(start, end)
    return forecast_of(Point(lat=30, lng=-97), hours[0], [seen] * len(hours))


def cell(number: int) -> Cell:
    """One of the places."""
    return Cell(200 + number // 20, -1_000 + number % 20)


def product(number: int) -> str:
    """One of the things that are sold."""
    return f"shop-{number % 20}.p{number}"


@asynccontextmanager
async def filled(intents: int, clock: Any) -> AsyncIterator[SqliteStore]:
    """A copy of the store with so many intents."""
    made = RESULTS / f"standing-{intents}.db"
    RESULTS.mkdir(exist_ok=True)
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
            await _fill(Path(folder) / "records.db", intents, clock)
            (Path(folder) / "records.db").replace(made)
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
        store = SqliteStore(shutil.copy(made, Path(folder) / "records.db"), clock)
        try:
            yield store
        finally:
            await store.close()


async def _fill(file: Path, intents: int, clock: Any) -> None:
    readings = _readings()
    kinds = [_kind(number, readings) for number in range(min(intents, _kinds()))]
    groups = {(one.watch, one.id): one for kind in kinds for one in groups_of(kind)}
    store = SqliteStore(file, clock)
    for container, record in ((STANDING_INTENTS, kinds[0]), (MEMBERS, _member(kinds[0])), *_first(groups, readings)):
        await store.apply(container, container.partition_of(record), [Write("put", record)])
    await store.close()
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    for container in (STANDING_INTENTS, MEMBERS, GROUPS, SUBJECTS, PRODUCTS):
        db.execute(f'DELETE FROM "records_{container.name}"')
    _insert(db, GROUPS, _rows(GROUPS, groups.values()))
    _insert(db, SUBJECTS, _rows(SUBJECTS, _subjects(readings)))
    _insert(db, PRODUCTS, _rows(PRODUCTS, _products()))
    _insert(db, STANDING_INTENTS, _copies(STANDING_INTENTS, kinds, intents))
    _insert(db, MEMBERS, _copies(MEMBERS, [_member(kind) for kind in kinds], intents))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _kinds() -> int:
    """So many differ from each other: the places and products meet in 2,100 ways."""
    return 2_100 * VARIANTS


def _kind(number: int, readings: dict[Watch, Reading]) -> StandingIntent:
    """An intent that waits, after its last look."""
    place, thing, variant = cell(number % CELLS), product(number % PRODUCTS_COUNT), number // 2_100
    day = CalendarLeaf(weekdays=(WEEKDAYS[number % 7],), text="day")
    sky = WeatherLeaf.model_validate({"is": "sunny", "text": "sunny"})
    shop: InventoryLeaf | PriceLeaf = (
        PriceLeaf(item="it", below=Money(minor=4_000 + variant, currency="USD"), product=thing, text="cheap")
        if number // PRODUCTS_COUNT % 2
        else InventoryLeaf(item="it", at_least=2 + variant, product=thing, text="there")
    )
    made = StandingIntent(
        id=MARK,
        instance=MARK,
        customer=f"c-{MARK}",
        text="send flowers on the next sunny day of the week, once they are to be had",
        purchase=Purchase(lines=(Wanted(product=thing, title="Flowers"),), thing="flowers"),
        deliver_to=Destination(address="1 Main St", lat=place.centre.lat, lng=place.centre.lng),
        method="card",
        conditions=Branch(op="and", of=(sky, day, shop)),
        zone="America/Chicago",
        lead_minutes=90,
        created_at=NOW,
        updated_at=NOW,
        expires_at=expires_at(NOW),
    )
    found = Entry(id="found", at=NOW, kind="status", words="Found your flowers! Waiting for a sunny day.")
    waiting = watched(moved(made, "find", found), NOW)
    seen = looked(waiting, evaluate(waiting.conditions, readings, NOW, waiting.frame), "first", NOW)
    # Nothing comes by itself within the hours that are measured.
    return seen.model_copy(update={"joined": seen.group, "due_at": seen.expires_at})


def _member(kind: StandingIntent) -> Member:
    return Member(id=MARK, group=kind.group)


def _readings() -> dict[Watch, Reading]:
    dry = weather_reading(_forecast(*span_to_read(NOW), DRY), NOW)
    found: dict[Watch, Reading] = {}
    for number in range(CELLS):
        place = cell(number)
        found[Watch("weather", f"{place.lat_tenths}:{place.lng_tenths}")] = dry
    for number in range(PRODUCTS_COUNT):
        found[Watch("price", product(number))] = PriceReading(at=NOW, amount=Money(minor=5_500, currency="USD"))
        found[Watch("stock", product(number))] = StockReading(at=NOW, units=0)
    return found


def _subjects(readings: dict[Watch, Reading]) -> Iterator[Subject]:
    for watch, reading in readings.items():
        yield Subject(
            id=watch.key, kind=watch.kind, reading=reading, told_at=NOW, due_at=NOW + HOUR, updated_at=NOW
        )


def _products() -> Iterator[Product]:
    for number in range(PRODUCTS_COUNT):
        partner, _, sku = product(number).partition(".")
        yield Product(
            id=product(number), partner=partner, sku=sku, title="Flowers", category="flowers", stock=0,
            price=Money(minor=5_500, currency="USD"), net=Money(minor=4_000, currency="USD"),
            updated_at=NOW - timedelta(days=1),
        )  # fmt: skip


def _first(groups: dict[tuple[str, str], Group], readings: dict[Watch, Reading]) -> list[tuple[Any, Any]]:
    """A record of each kind, for the store to make their tables."""
    return [
        (GROUPS, next(iter(groups.values()))), (SUBJECTS, next(_subjects(readings))), (PRODUCTS, next(_products())),
    ]  # fmt: skip


Row = tuple[str, str, str, str, float]


def _rows(container: Container[Any], records: Iterable[Record]) -> Iterator[Row]:
    shape = shape_of(container)
    for record in records:
        partition = container.partition_of(record)
        (one,) = prepare(shape, partition, [Write("put", record)])
        yield partition, record.id, one.text, "etag", NOW.timestamp()


def _copies(container: Container[Any], kinds: Sequence[Record], count: int) -> Iterator[Row]:
    """Every kind in turn, each under an id of its own."""
    rows = list(_rows(container, kinds))
    for number in range(count):
        partition, record_id, text, etag, written = rows[number % len(rows)]
        name = f"i{number:012}"
        yield partition.replace(MARK, name), record_id.replace(MARK, name), text.replace(MARK, name), etag, written


def _insert(db: sqlite3.Connection, container: Container[Any], rows: Iterator[Row]) -> None:
    statement = f'INSERT INTO "records_{container.name}"(partition, id, record, etag, written) VALUES (?, ?, ?, ?, ?)'
    while chunk := list(islice(rows, CHUNK)):
        db.execute("BEGIN")
        db.executemany(statement, chunk)
        db.execute("COMMIT")

