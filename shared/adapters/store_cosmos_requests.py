# ruff: noqa: S608  (paths of fields are checked ones; every value is a parameter)
"""What the Cosmos DB store asks for, as plain values: containers, operations, queries; and what answers mean.

A document is `{"id", "partition", "record": {…}}`: the record stands in a room of its own, so that none of its fields
can be taken for one of the service's (`ttl`, `_etag`). The partition key is always `/partition`.
Formats: https://learn.microsoft.com/rest/api/cosmos-db and https://learn.microsoft.com/azure/cosmos-db/index-policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.adapters.store_queries import Cursor, Dialect, Plan, where_of
from shared.adapters.store_records import Prepared, Shape
from shared.records import AlreadyThere, ChangedMeanwhile, D, NotThere, Unavailable

PARTITION_PATH = "/partition"
RETRY_AFTER = "x-ms-retry-after-ms"
SESSION_NOT_READ_YET = 1002
CONTAINER_GONE = 1003
FAILED_DEPENDENCY = 424
_REFUSALS: Mapping[int, tuple[type[Exception], str]] = {
    404: (NotThere, "is not there"),
    409: (AlreadyThere, "is there already"),
    412: (ChangedMeanwhile, "was changed meanwhile: read it again"),
}
_PASSING = {408, 410, 429, 449, 503}

Operation = tuple[str, tuple[Any, ...]] | tuple[str, tuple[Any, ...], dict[str, Any]]


class Definition(NamedTuple):
    """A container as the service should have it; ttl_seconds None: records stay."""

    name: str
    indexing_policy: dict[str, Any]
    ttl_seconds: int | None


class Sql(NamedTuple):
    """A query's text and its parameters."""

    text: str
    parameters: list[dict[str, Any]]


def definition_of(shape: Shape[D]) -> Definition:
    """The container that a declaration asks for: nothing is indexed but what queries may use.

    Each way to sort has its composite index, ended by id and partition, by which ties are settled.
    """
    fields = [_index_path(path) for path in sorted(shape.kinds)]
    sorts = [((), False), *((prefix, descends) for prefix in sorted(shape.prefixes) for descends in (False, True))]
    policy = {
        "indexingMode": "consistent",
        "automatic": True,
        "includedPaths": [{"path": f"{path}/?"} for path in [PARTITION_PATH, *fields]],
        "excludedPaths": [{"path": "/*"}],
        "compositeIndexes": [_composite(prefix, descends=descends) for prefix, descends in sorts],
    }
    return Definition(shape.container.name, policy, shape.container.ttl_seconds)


def satisfies(properties: Mapping[str, Any], wanted: Definition) -> bool:
    """Whether a container as the service describes it has all that is wanted; it may index more."""
    policy = properties.get("indexingPolicy", {})

    def all_in(part: str) -> bool:
        present = [_plain(entry) for entry in policy.get(part, ())]
        return all(_plain(entry) in present for entry in wanted.indexing_policy[part])

    return properties.get("defaultTtl") == wanted.ttl_seconds and all_in("includedPaths") and all_in("compositeIndexes")


def document_of(partition: str, prepared: Prepared[D]) -> dict[str, Any]:
    """A record as the service keeps it."""
    return {"id": prepared.record.id, "partition": partition, "record": prepared.document}


def operations_of(partition: str, writes: Iterable[Prepared[D]]) -> list[Operation]:
    """A transactional batch, in the words of `execute_item_batch`."""
    return [_operation(partition, prepared) for prepared in writes]


def sql_of(plan: Plan) -> Sql:
    """The page's query, one record longer than the page; the partition stands in the text too."""
    where, values = where_of(plan, _DIALECT)
    descents = [(path, False) for path in plan.prefix] + ([(plan.order, plan.descending)] if plan.order else [])
    order = [f"{_field(path)} {'DESC' if descends else 'ASC'}" for path, descends in descents]
    sort = ", ".join([*order, "c.id ASC", "c.partition ASC"])
    text = f"SELECT TOP {plan.limit + 1} * FROM c{' WHERE ' if where else ''}{where} ORDER BY {sort}"
    return Sql(text, [{"name": f"@p{number}", "value": value} for number, value in enumerate(values)])


def cursor_of(plan: Plan, document: Mapping[str, Any]) -> Cursor:
    """Where a page ends that ends with this document."""
    value: Any = None
    if plan.order is not None:
        value = document["record"]
        for name in plan.order.split("."):
            value = value[name]
    return Cursor(value, document["id"], document["partition"])


def refusal_of(status: int, sub_status: int | None, headers: Mapping[str, Any], what: str) -> Exception | None:
    """What an answer means to the caller; None: it is a fault, to be raised as it is."""
    if status in _PASSING or (status == 404 and sub_status == SESSION_NOT_READ_YET):
        wait = headers.get(RETRY_AFTER)
        return Unavailable(f"Cosmos DB answered {status} for {what}.", float(wait) / 1000 if wait is not None else None)
    if status in _REFUSALS and not (status == 404 and sub_status == CONTAINER_GONE):
        kind, sentence = _REFUSALS[status]
        return kind(f"{what} {sentence}.")
    return None


def failed_in(results: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """The position and status of the operation that failed a batch; the others only failed with it."""
    statuses = [int(result["statusCode"]) for result in results]
    return next((at, status) for at, status in enumerate(statuses) if status >= 400 and status != FAILED_DEPENDENCY)


def _operation(partition: str, prepared: Prepared[D]) -> Operation:
    write, record_id = prepared.write, prepared.record.id
    options = {"if_match_etag": write.etag} if write.etag is not None else {}
    if write.kind == "delete":
        return ("delete", (record_id,), options)
    document = document_of(partition, prepared)
    if write.kind == "replace":
        return ("replace", (record_id, document), options)
    return ("upsert" if write.kind == "put" else "create", (document,))


def _field(path: str) -> str:
    return "c.record" + "".join(f'["{name}"]' for name in path.split("."))


_DIALECT = Dialect(
    field=_field,
    is_null=lambda field: f"IS_NULL({field})",
    parameter=lambda number: f"@p{number}",
    id="c.id",
    partition="c.partition",
)


def _index_path(path: str) -> str:
    return "/record/" + path.replace(".", "/")


def _composite(prefix: tuple[str, ...], *, descends: bool) -> list[dict[str, str]]:
    paths = [*(_index_path(path) for path in prefix), "/id", PARTITION_PATH]
    last = len(prefix) - 1
    return [
        {"path": path, "order": "descending" if descends and position == last else "ascending"}
        for position, path in enumerate(paths)
    ]


def _plain(entry: Any) -> Any:
    """An entry of an indexing policy without what the service adds to it (old index kinds, the default order)."""
    if isinstance(entry, list):
        return [_plain(one) for one in entry]
    return entry["path"].replace('"', ""), entry.get("order", "ascending")
