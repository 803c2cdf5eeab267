"""Only plain JSON crosses between triggers, flows, activities and entities; types are restored at both ends.

Field names go on the wire, never class names and never aliases, so that renaming a class breaks no running flow.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

T = TypeVar("T")

PACKED_BYTES_MAX = 32 * 1024
"""Histories carry references, not payloads: what is larger belongs in a record or a blob, and its id on the wire."""

RESERVED_KEYS = frozenset({"__class__", "__module__", "__data__"})
"""By these the SDK rebuilds objects from JSON (azure.functions, `_durable_functions.py`); no data may ask it to."""

_TYPES_CACHED_MAX = 512
_PROBLEMS_TOLD_MAX = 5


class Plain(BaseModel):
    """The base of what crosses: inputs of flows and steps. Its validator is built at the first use, not at start."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class WireError(ValueError):
    """Something cannot cross; the subclass says why, the message what to do."""


class NotPlain(WireError):
    """It holds something that JSON does not know."""


class ReservedKey(WireError):
    """It holds a key by which the SDK would build an object."""


class TooBig(WireError):
    """It is larger than PACKED_BYTES_MAX."""


class Unexpected(WireError):
    """What arrived is not of the type that is waited for."""


def pack(value: object) -> Any:
    """Models, dataclasses, times, enums, lists, dicts as plain JSON; raises NotPlain, ReservedKey, TooBig."""
    try:
        plain = to_jsonable_python(value, by_alias=False, round_trip=True)
        text = json.dumps(plain, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (PydanticSerializationError, ValueError) as error:
        raise NotPlain(f"a {type(value).__name__} cannot be sent: {error}; send fields that JSON knows") from error
    if size > PACKED_BYTES_MAX:
        raise TooBig(
            f"a {type(value).__name__} of {size} bytes cannot be sent: {PACKED_BYTES_MAX} is the most; "
            "keep it in a record or a blob and send its id"
        )
    _refuse_reserved(plain)
    return plain


def unpack(kind: type[T], plain: object) -> T:
    """A value of the type (a union or any other annotation will do) from plain JSON; raises Unexpected."""
    try:
        return cast(T, _adapter(cast(Hashable, kind)).validate_json(json.dumps(plain), by_alias=False, by_name=True))
    except ValidationError as error:
        raise Unexpected(f"this is no {_name(kind)}: {_problems(error)}") from error


def unpack_text(kind: type[T], plain: object) -> T:
    """The same for what may have been encoded once too often, as the SDK's client does with the data of events."""
    if isinstance(plain, str):
        try:
            return unpack(kind, json.loads(plain))
        except ValueError:  # no JSON, or not of this type: it was meant as it stands
            return unpack(kind, plain)
    return unpack(kind, plain)


def _refuse_reserved(plain: object) -> None:
    todo = [plain]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            found = RESERVED_KEYS.intersection(value)
            if found:
                raise ReservedKey(f"the key {min(found)} cannot be sent; rename it")
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)


def _problems(error: ValidationError) -> str:
    """The first problems in words, without the values: these may be private."""
    told = error.errors(include_input=False, include_url=False, include_context=False)[:_PROBLEMS_TOLD_MAX]
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in told)


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


@lru_cache(_TYPES_CACHED_MAX)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
