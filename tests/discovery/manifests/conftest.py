"""A shop, the real taxonomy, and a way to read a file as that shop would send it."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.discovery.manifests.products import Defaults
from shared.discovery.manifests.read import Manifest, read_manifest
from shared.discovery.partners import Partner
from shared.discovery.taxonomy import Taxonomy

TAXONOMY = Path(__file__).parents[3] / "data" / "taxonomy"
SAMPLES = Path(__file__).parent / "samples"
TYPES = {".csv": "text/csv", ".json": "application/json", ".jsonl": "application/x-ndjson"}
AT = datetime(2026, 11, 22, 15, tzinfo=UTC)
SHOP = Partner.model_validate(
    {
        "id": "corner-shop",
        "name": "The Corner Shop",
        "kind": "gift-shop",
        "place": {"address": "1 Main St", "point": {"lat": 30.27, "lng": -97.74}, "region": "austin"},
        "hours": {"time_zone": "America/Chicago", "week": {"mon": "9:00-17:00"}},
        "contact": {"channel": "email", "address": "shop@example.com"},
    }
)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The taxonomy of the product itself."""
    tables = {path.stem: tomllib.loads(path.read_text()) for path in TAXONOMY.glob("*.toml")}
    return Taxonomy.model_validate({name: table for name, table in tables.items() if name in Taxonomy.model_fields})


@pytest.fixture(scope="session")
def read(taxonomy: Taxonomy) -> Callable[..., Manifest]:
    """Read bytes or text; media type, shape and defaults as needed."""

    def reading(data: bytes | str, media_type: str = "text/csv", shape: Any = None, **defaults: Any) -> Manifest:
        raw = data.encode() if isinstance(data, str) else data
        made = Defaults.model_validate({"has_ratings": True, **defaults})
        return read_manifest(raw, media_type, shape, SHOP, defaults=made, taxonomy=taxonomy, at=AT)

    return reading


@pytest.fixture(scope="session")
def sample(read: Callable[..., Manifest]) -> Callable[..., Manifest]:
    """Read a file of samples/."""

    def reading(name: str, **options: Any) -> Manifest:
        path = SAMPLES / name
        return read(path.read_bytes(), TYPES[path.suffix], **options)

    return reading
