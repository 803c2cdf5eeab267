"""A city from files that a person can read and edit: partners with their manifests, bundles, hubs, workers.

    partners/<partner-id>/partner.toml         the partner, and `[defaults]` for its manifests
    partners/<partner-id>/*.csv|*.json|*.jsonl  its manifests, in any shape
    bundles.toml  promotions.toml  hubs.toml  workers.toml   tables [[bundle]], [[promotion]], [[hub]], [[worker]]

Everything goes through the manifests and models that a partner's own files go through. Nothing is written unless all is
right; and what was loaded once is not written again until its files change, so that sold stock stays sold.
"""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.catalog import keep
from shared.discovery.bundles import BUNDLES, Bundle
from shared.discovery.manifests.products import Defaults
from shared.discovery.manifests.read import Manifest, read_manifest
from shared.discovery.manifests.rows import Report
from shared.discovery.partners import PARTNERS, Partner
from shared.discovery.products import Product
from shared.discovery.ranking import PROMOTIONS
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.hubs import HUBS
from shared.people.workers import WORKERS
from shared.ports import Store
from shared.records import PAGE_MAX, Container, D, Query, Record, Write

FORMAT = "1"
"""Changes when the same files would give other records than before."""
MANIFEST_TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson"}
"""File endings of manifests, and their media types."""


class Loaded(Record):
    """A file, or a partner's folder, that was loaded: how much it held, and the digest of it and of what read it."""

    digest: str
    count: int


LOADED = Container("city_loaded", Loaded, "id")


class CityProblems(Exception):
    """What is wrong with a city's files; problems: a line each, with file and row."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class CityReport:
    """What the files hold, how many records were written, and what is worth knowing, with file and row."""

    partners: int
    products: int
    bundles: int
    hubs: int
    workers: int
    written: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Shop:
    """A partner and all that its manifests hold together."""

    partner: Partner
    manifest: Manifest


_Contents = Mapping[str, bytes]
PARTNER_FILE = "partner.toml"
_SHOP = "partners:"
# File → its table's name, and where its records are kept.
_TABLES: Mapping[str, tuple[str, Container[Any]]] = {
    "hubs.toml": ("hub", HUBS),
    "workers.toml": ("worker", WORKERS),
    "bundles.toml": ("bundle", BUNDLES),
    "promotions.toml": ("promotion", PROMOTIONS),
}


@dataclass
class _City:
    """What was read, by file or shop."""

    shops: dict[str, _Shop] = field(default_factory=dict)
    tables: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def load_city(folder: Path, store: Store, taxonomy: Taxonomy, at: datetime) -> CityReport:
    """Load what the files of a folder hold and the store has not yet; raises CityProblems, Unavailable.

    Products that a changed file no longer names are removed; a partner, bundle, hub or worker leaves by its status.
    """
    files = await asyncio.to_thread(_files, folder)
    # Other words or other rules make other products of the same files.
    basis = f"{FORMAT}:{taxonomy.model_dump_json()}".encode()
    digests = {name: _digest(basis, contents) for name, contents in files.items()}
    loaded = await _loaded(store)
    new = [name for name, digest in digests.items() if name not in loaded or loaded[name].digest != digest]
    if not new:
        return _report({name: loaded[name].count for name in digests}, 0, ())
    city = await asyncio.to_thread(_read, files, taxonomy, at)
    if city.problems:
        raise CityProblems(city.problems)
    written = 0
    for name in new:
        if name in city.shops:
            written += await _put_shop(store, city.shops[name], at)
        else:
            written += await _put(store, _TABLES[name][1], city.tables[name])
        await _note_loaded(store, Loaded(id=name, digest=digests[name], count=_count(city, name)))
    return _report({name: _count(city, name) for name in digests}, written, tuple(city.notes))


# --- reading


def _files(folder: Path) -> dict[str, _Contents]:
    """Shop or table → the names and bytes of its files; a folder that has no partner.toml yet is passed over."""
    found: dict[str, _Contents] = {}
    for home in sorted(path.parent for path in (folder / "partners").glob(f"*/{PARTNER_FILE}")):
        paths = sorted(path for path in home.iterdir() if path.suffix in MANIFEST_TYPES or path.name == PARTNER_FILE)
        found[f"{_SHOP}{home.name}"] = {path.name: path.read_bytes() for path in paths}
    for name in _TABLES:
        if (folder / name).is_file():
            found[name] = {name: (folder / name).read_bytes()}
    return found


def _read(files: Mapping[str, _Contents], taxonomy: Taxonomy, at: datetime) -> _City:
    city = _City()
    for name, contents in files.items():
        if name in _TABLES:
            _read_table(city, name, contents[name], at)
        else:
            _read_shop(city, name.removeprefix(_SHOP), contents, taxonomy, at)
    _check_bundles(city, taxonomy)
    return city


def _read_shop(city: _City, home: str, contents: _Contents, taxonomy: Taxonomy, at: datetime) -> None:
    where = f"{home}/{PARTNER_FILE}"
    said = _toml(city, contents[PARTNER_FILE], where)
    if said is None:
        return
    try:
        defaults = Defaults.model_validate({**said.pop("defaults", {}), "has_ratings": True})
        partner = Partner.model_validate(said)
    except ValidationError as error:
        city.problems += _faults(where, error)
        return
    if partner.id != home:
        city.problems.append(f"{where}, id: {partner.id!r} is not the folder's name")
    for capability in partner.capabilities:
        if capability.tag not in taxonomy.capabilities:
            city.problems.append(f"{where}, capabilities: {capability.tag!r} is none we know")
    manifests = {
        name: read_manifest(
            data, MANIFEST_TYPES[Path(name).suffix], None, partner, defaults=defaults, taxonomy=taxonomy, at=at
        )
        for name, data in contents.items()
        if name != PARTNER_FILE
    }
    for name, manifest in manifests.items():
        city.problems += [f"{home}/{name}, {problem}" for problem in manifest.report.problems]
        city.notes += [f"{home}/{name}, {note}" for note in manifest.report.notes]
    city.shops[f"{_SHOP}{home}"] = _Shop(partner, _together(city, home, manifests))


def _together(city: _City, home: str, manifests: Mapping[str, Manifest]) -> Manifest:
    """All of a shop's manifests as one, whose products the editor of the files has looked at."""
    products: dict[str, Product] = {}
    for name, manifest in manifests.items():
        for product in manifest.products:
            if product.sku in products:
                city.problems.append(f"{home}/{name}, sku: {product.sku!r} stands in another file of the shop already")
            products[product.sku] = product.model_copy(update={"needs_review": False})
    named = frozenset[str]().union(*(manifest.named for manifest in manifests.values()))
    return Manifest(tuple(products.values()), Report(accepted=len(products)), named, is_whole=True)


def _read_table(city: _City, name: str, data: bytes, at: datetime) -> None:
    table, container = _TABLES[name]
    said = _toml(city, data, name)
    records: list[Record] = []
    for number, entry in enumerate((said or {}).get(table, ()), 1):
        stamped = {"updated_at": at, **entry} if container is BUNDLES else entry
        try:
            records.append(container.model.model_validate(stamped))
        except ValidationError as error:
            city.problems += _faults(f"{name}, {table} {number} ({entry.get('id', 'no id')})", error)
    twice = {record.id for record in records if sum(record.id == other.id for other in records) > 1}
    city.problems += [f"{name}, id: {one!r} stands there twice" for one in sorted(twice)]
    city.tables[name] = records


def _check_bundles(city: _City, taxonomy: Taxonomy) -> None:
    products = {product.id for shop in city.shops.values() for product in shop.manifest.products}
    for bundle in city.tables.get("bundles.toml", ()):
        if not isinstance(bundle, Bundle):
            continue
        where = f"bundles.toml, {bundle.id}"
        if bundle.category not in taxonomy.categories:
            city.problems.append(f"{where}, category: {bundle.category!r} is none we know")
        for kind, values in bundle.attributes.items():
            known = _values_of(kind, taxonomy)
            city.problems += [f"{where}, {kind}: {value!r} is none we know" for value in values if value not in known]
        for number, part in enumerate(bundle.parts):
            if part.product not in products:
                city.problems.append(f"{where}, part {number}: there is no product {part.product!r}")
            if any(not 0 <= before < len(bundle.parts) or before == number for before in part.after):
                city.problems.append(f"{where}, part {number}: `after` names parts by their number, the first being 0")


def _values_of(kind: str, taxonomy: Taxonomy) -> Collection[str]:
    if kind == "occasion":
        return taxonomy.occasions
    return taxonomy.recipients if kind == "recipient" else taxonomy.attributes.get(kind, {})


def _toml(city: _City, data: bytes, name: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        city.problems.append(f"{name}: {error}")
        return None


def _faults(where: str, error: ValidationError) -> list[str]:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"{where}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]


def _digest(basis: bytes, contents: _Contents) -> str:
    digest = hashlib.sha256()
    for part in (basis, *(part for name, data in contents.items() for part in (name.encode(), data))):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


# --- writing


async def _loaded(store: Store) -> dict[str, Loaded]:
    found: dict[str, Loaded] = {}
    after: str | None = None
    while True:
        page = await store.query(LOADED, Query({}, None, None, PAGE_MAX, after))
        found.update((stored.value.id, stored.value) for stored in page.items)
        after = page.next
        if after is None:
            return found


async def _note_loaded(store: Store, loaded: Loaded) -> None:
    await store.apply(LOADED, loaded.id, [Write("put", loaded)])


async def _put_shop(store: Store, shop: _Shop, at: datetime) -> int:
    count = await _put(store, PARTNERS, [shop.partner])
    report = await keep.submit(store, shop.partner, shop.manifest, at, is_full=True)
    return count + report.changed + report.removed


async def _put(store: Store, container: Container[D], records: Sequence[D]) -> int:
    """Put what is new or another than what is kept; how many."""
    count = 0
    for record in records:
        partition = container.partition_of(record)
        there = await store.get(container, partition, record.id)
        if there is None or _timeless(there.value) != _timeless(record):
            await store.apply(container, partition, [Write("put", record)])
            count += 1
    return count


def _timeless(record: Record) -> dict[str, Any]:
    return record.model_dump(exclude={"updated_at"})


def _count(city: _City, name: str) -> int:
    return len(city.shops[name].manifest.products) if name in city.shops else len(city.tables[name])


def _report(counts: Mapping[str, int], written: int, notes: tuple[str, ...]) -> CityReport:
    shops = [count for name, count in counts.items() if name.startswith(_SHOP)]
    return CityReport(
        partners=len(shops),
        products=sum(shops),
        bundles=counts.get("bundles.toml", 0),
        hubs=counts.get("hubs.toml", 0),
        workers=counts.get("workers.toml", 0),
        written=written,
        notes=notes,
    )
