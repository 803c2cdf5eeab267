"""Queries as every store understands them: checked against the declared indexes, paged by the last record's key.

A page's token holds the sort key of its last record, so paging goes on rightly while records come and go, and no store
has to remember anything. It is bound to its query by a fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from shared.adapters.store_records import INTEGER_MAX, Kind, Shape, is_partition, is_text, utc_text
from shared.page_tokens import NOT_OURS, pack_token, unpack_token
from shared.records import PAGE_MAX, BadPageToken, Container, D, Query

IN_MAX = 100
COMPARISONS = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}

Scalar = str | int | float | bool | None


class Condition(NamedTuple):
    """One comparison; value is a tuple for `in`."""

    path: str
    operator: str
    value: Scalar | tuple[Scalar, ...]


class Cursor(NamedTuple):
    """The sort key of the last record of a page; value is that of the order's field, null without one."""

    value: Scalar
    id: str
    partition: str


@dataclass(frozen=True)
class Plan:
    """A checked query. container: its name.

    order: the path to sort by; prefix: paths held equal that stand before it in the index that serves the query;
    nullable: whether the order's field may be null (nulls come first, last when descending).
    """

    container: str
    partition: str | None
    conditions: tuple[Condition, ...]
    prefix: tuple[str, ...]
    order: str | None
    descending: bool
    nullable: bool
    limit: int
    after: Cursor | None = None

    @property
    def fingerprint(self) -> str:
        """What its tokens are bound to: all that it asks, but for the size of the page."""
        order = f"{'-' if self.descending else ''}{self.order}" if self.order else None
        text = json.dumps([self.container, self.conditions, self.partition, order])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Dialect(NamedTuple):
    """How a store writes SQL: a field, a test for null, the parameter of a number; id and partition are columns."""

    field: Callable[[str], str]
    is_null: Callable[[str], str]
    parameter: Callable[[int], str]
    id: str
    partition: str


def plan_of(shape: Shape[D], query: Query) -> Plan:
    """The checked query; raises ValueError for a field without index, a wrong type or limit,
    BadPageToken for a token of another query."""
    name = shape.container.name
    if not 0 < query.limit <= PAGE_MAX:
        raise ValueError(f"A page of {name} has 1 to {PAGE_MAX} records, not {query.limit}.")
    if query.partition is not None and not is_partition(query.partition):
        raise ValueError(f"{query.partition!r} is no partition of {name}.")
    conditions = tuple(sorted(_conditions(shape, query.where), key=repr))
    equal = frozenset(condition.path for condition in conditions if condition.operator == "eq")
    order = query.order.removeprefix("-") if query.order else None
    for path in [*query.where, *([order] if order else [])]:
        _check_indexed(shape, path, equal)
    plan = Plan(
        container=name,
        partition=query.partition,
        conditions=conditions,
        prefix=_prefix(shape, equal, order),
        order=order,
        descending=bool(query.order and query.order.startswith("-")),
        nullable=bool(order and shape.kinds[order].nullable),
        limit=query.limit,
    )
    return plan if query.after is None else replace(plan, after=_cursor(query.after, plan.fingerprint))


def token_of(plan: Plan, last: Cursor) -> str:
    """The token of the page after the one that ends with this record."""
    return pack_token([plan.fingerprint, *last])


def is_number(value: Any) -> bool:
    """Whether it is a number that every store can hold exactly."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) <= INTEGER_MAX
    return isinstance(value, float) and math.isfinite(value)


def where_of(plan: Plan, dialect: Dialect) -> tuple[str, list[Scalar]]:
    """The text of WHERE and its parameters; nothing of the caller's stands in the text itself."""
    values: list[Scalar] = []

    def bound(value: Any) -> str:
        values.append(value)
        return dialect.parameter(len(values) - 1)

    parts = [_comparison(condition, dialect, bound) for condition in plan.conditions]
    if plan.partition is not None:
        parts.append(f"{dialect.partition} = {bound(plan.partition)}")
    if plan.after is not None:
        parts.append(_after(plan, plan.after, dialect, bound))
    return " AND ".join(parts), values


def _conditions(shape: Shape[D], where: Mapping[str, Any]) -> Iterator[Condition]:
    for path, wanted in where.items():
        kind = shape.kinds.get(path)
        if kind is None:
            raise ValueError(_not_indexed(shape.container, path))
        comparisons = wanted if isinstance(wanted, Mapping) else {"eq": wanted}
        if not comparisons:
            raise ValueError(f"{path} is compared with nothing: use eq, lt, le, gt, ge or in.")
        for operator, value in comparisons.items():
            yield _condition(path, kind, operator, value)


def _condition(path: str, kind: Kind, operator: str, value: Any) -> Condition:
    if operator == "in":
        if not isinstance(value, (list, tuple, set, frozenset)) or len(value) > IN_MAX:
            raise ValueError(f"`in` for {path} takes a list of at most {IN_MAX} values.")
        return Condition(path, operator, tuple(sorted((_scalar(path, kind, one) for one in value), key=repr)))
    if operator not in COMPARISONS:
        raise ValueError(f"{operator!r} for {path} is no comparison: use eq, lt, le, gt, ge or in.")
    if value is None and operator == "eq":
        return Condition(path, operator, None)
    return Condition(path, operator, _scalar(path, kind, value))


def _scalar(path: str, kind: Kind, value: Any) -> Scalar:
    """The value as it is kept; one of another type would silently match nothing, or everything."""
    plain = value.value if isinstance(value, Enum) else value
    if kind.name == "text" and isinstance(plain, (str, UUID)) and is_text(str(plain)):
        return str(plain)
    if kind.name == "boolean" and isinstance(plain, bool):
        return plain
    if kind.name == "number" and is_number(plain):
        return plain  # type: ignore[no-any-return]
    if kind.name == "time" and isinstance(plain, datetime) and plain.tzinfo is not None:
        return utc_text(plain)
    if kind.name == "date" and isinstance(plain, date) and not isinstance(plain, datetime):
        return plain.isoformat()
    what = "an aware datetime" if kind.name == "time" else f"a {kind.name}"
    raise ValueError(f"{path} is compared with {value!r}: give {'text' if kind.name == 'text' else what}.")


def _check_indexed(shape: Shape[D], path: str, equal: frozenset[str]) -> None:
    if not any(prefix[-1] == path and equal.issuperset(prefix[:-1]) for prefix in shape.prefixes):
        raise ValueError(_not_indexed(shape.container, path))


def _not_indexed(container: Container[D], path: str) -> str:
    declared = "; ".join(container.indexes) or "none"
    return (
        f"{container.name} has no index that serves {path!r} in this query (declared: {declared}):"
        f" declare {path!r}, or it after fields that are held equal, as `a,{path}`."
    )


def _prefix(shape: Shape[D], equal: frozenset[str], order: str | None) -> tuple[str, ...]:
    """The longest index beginning whose fields are all held equal, up to the order's field."""
    found: list[tuple[str, ...]] = [()]
    for prefix in shape.prefixes:
        held = prefix[:-1] if prefix[-1] == order else prefix
        if equal.issuperset(held) and order not in held and (order is None or prefix[-1] == order):
            found.append(held)
    return max(found, key=lambda held: (len(held), held))


def _cursor(token: str, fingerprint: str) -> Cursor:
    bound_to, value, last_id, partition = unpack_token(token, 4)
    if bound_to != fingerprint:
        raise BadPageToken("The token belongs to another query: send it with the query that gave it.")
    texts = [part for part in (last_id, partition, value) if isinstance(part, str)]
    keys_are_text = isinstance(last_id, str) and isinstance(partition, str)
    if not keys_are_text or not all(is_text(text) for text in texts) or not _is_scalar(value):
        raise BadPageToken(NOT_OURS)
    return Cursor(value, last_id, partition)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or is_number(value)


def _comparison(condition: Condition, dialect: Dialect, bound: Callable[[Any], str]) -> str:
    field = dialect.field(condition.path)
    if condition.value is None:
        return dialect.is_null(field)
    if isinstance(condition.value, tuple):
        if not condition.value:
            return "1 = 0"
        return f"{field} IN ({', '.join(bound(value) for value in condition.value)})"
    return f"{field} {COMPARISONS[condition.operator]} {bound(condition.value)}"


def _after(plan: Plan, cursor: Cursor, dialect: Dialect, bound: Callable[[Any], str]) -> str:
    """What comes after the cursor: the first key beyond it, or that one the same and the next beyond, and so on.

    A plain bound on the first key leads, for that is what an index can seek.
    """
    keys = [_key_after(dialect.id, ">", bound(cursor.id))]
    if plan.partition is None:
        keys.append(_key_after(dialect.partition, ">", bound(cursor.partition)))
    nulls = ""
    if plan.order is not None:
        field = dialect.field(plan.order)
        null = dialect.is_null(field)
        if cursor.value is None:
            keys.insert(0, _Key("1 = 0" if plan.descending else f"NOT {null}", null, ""))
        else:
            keys.insert(0, _key_after(field, "<" if plan.descending else ">", bound(cursor.value)))
            nulls = null if plan.descending and plan.nullable else ""
    ways = [" AND ".join([*(key.same for key in keys[:n]), key.beyond]) for n, key in enumerate(keys)]
    text = f"({' OR '.join([*ways, *([nulls] if nulls else [])])})"
    lead = "" if nulls else keys[0].reachable
    return f"{lead} AND {text}" if lead else text


class _Key(NamedTuple):
    """Conditions on one sort key: beyond the cursor's, the same, and either of both where an index can seek it."""

    beyond: str
    same: str
    reachable: str


def _key_after(field: str, beyond: str, value: str) -> _Key:
    return _Key(f"{field} {beyond} {value}", f"{field} = {value}", f"{field} {beyond}= {value}")
