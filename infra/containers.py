"""All containers, of records and the search index, as Cosmos DB is to have them: `make routes` writes containers.json.

With a managed identity the app may read and write, but not make containers; so they are deployed, from the declarations
that stand beside each record. A test holds the file equal to them.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import shared
import triggers
from shared.adapters import search_cosmos_query, store_cosmos_requests
from shared.adapters.embeddings_table import TableEmbeddings
from shared.adapters.store_records import shape_of
from shared.records import Container

FILE = Path(__file__).with_name("containers.json")
EMBEDDINGS = Path(__file__).parents[1] / "data" / "embeddings"


def declared() -> list[Container[Any]]:
    """All, each once, by name."""
    found = {
        value.name: value
        for module in _modules(shared, triggers)
        for value in vars(module).values()
        if isinstance(value, Container)
    }
    return [found[name] for name in sorted(found)]


def resources() -> list[dict[str, Any]]:
    """The `resource` of each Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers."""
    return [*map(_of_records, declared()), _of_search()]


def text() -> str:
    """What stands in the file: one container a line."""
    lines = ",\n".join(f"  {json.dumps(one, sort_keys=True)}" for one in resources())
    return f"[\n{lines}\n]\n"


def _of_records(container: Container[Any]) -> dict[str, Any]:
    wanted = store_cosmos_requests.definition_of(shape_of(container))
    made = _resource(wanted.name, store_cosmos_requests.PARTITION_PATH, wanted.indexing_policy)
    return made if wanted.ttl_seconds is None else {**made, "defaultTtl": wanted.ttl_seconds}


def _of_search() -> dict[str, Any]:
    wanted = search_cosmos_query.definition_of(TableEmbeddings(EMBEDDINGS).dims)
    made = _resource(search_cosmos_query.CONTAINER, search_cosmos_query.PARTITION_PATH, wanted.indexing_policy)
    return {**made, "vectorEmbeddingPolicy": wanted.vector_policy, "fullTextPolicy": wanted.text_policy}


def _resource(name: str, partition: str, policy: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "partitionKey": {"paths": [partition], "kind": "Hash", "version": 2},
        "indexingPolicy": policy,
    }


def _modules(*packages: ModuleType) -> Iterator[ModuleType]:
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(module.name)


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
