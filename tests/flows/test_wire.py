"""What crosses, what does not, and what comes out at the other end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, computed_field

from shared.wire import PACKED_BYTES_MAX, NotPlain, ReservedKey, TooBig, Unexpected, pack, unpack, unpack_text


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    at: datetime
    price: Decimal


class Outer(BaseModel):
    inner: Inner
    colours: tuple[Colour, ...] = ()
    day: date | None = None
    named: str = Field("x", alias="other-name")

    @computed_field
    def shown(self) -> str:
        return self.named.upper()


@dataclass(frozen=True)
class Place:
    lat: float
    open_from: timedelta


def test_a_model_comes_out_as_it_went_in_by_field_names() -> None:
    inner = Inner(at=datetime(2026, 11, 22, tzinfo=UTC), price=Decimal("1.10"))
    outer = Outer.model_validate({"inner": inner, "colours": [Colour.RED], "other-name": "y"})
    plain = pack(outer)
    assert plain == {
        "inner": {"at": "2026-11-22T00:00:00Z", "price": "1.10"},
        "colours": ["red"],
        "day": None,
        "named": "y",
    }
    assert unpack(Outer, plain) == outer


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Place, Place(1.5, timedelta(minutes=90))),
        (list[Place], [Place(1.0, timedelta(0))]),
        (dict[str, date], {"a": date(2026, 1, 2)}),
        (UUID, UUID(int=7)),
        (Inner | None, None),
        (int | str, "7"),
        (tuple[int, str], (1, "a")),
        (set[int], {1, 2}),
        (type(None), None),
    ],
)
def test_other_values_cross_too(kind: Any, value: object) -> None:
    assert unpack(kind, json.loads(json.dumps(pack(value)))) == value


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": float("inf")}, "\ud800", {"f": print}])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(NotPlain, match="cannot be sent"):
        pack(value)


@pytest.mark.parametrize("key", ["__class__", "__module__", "__data__"])
def test_keys_by_which_the_sdk_builds_objects_are_refused_at_any_depth(key: str) -> None:
    with pytest.raises(ReservedKey, match=key):
        pack({"a": [{"b": {key: "os"}}]})
    assert pack({"a": key}) == {"a": key}


def test_size_is_that_of_the_bytes() -> None:
    pack("a" * (PACKED_BYTES_MAX - 2))
    for text in ("a" * (PACKED_BYTES_MAX - 1), "é" * (PACKED_BYTES_MAX // 2)):
        with pytest.raises(TooBig, match="send its id"):
            pack(text)


def test_another_shape_is_refused_by_field_and_without_the_value() -> None:
    with pytest.raises(Unexpected, match=r"no Inner: price: .*valid") as refused:
        unpack(Inner, {"at": "2026-11-22T00:00:00Z", "price": "secret"})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "4242", 4242),
        (str, '"4242"', "4242"),
        (str, "4242", "4242"),
        (str, "no json", "no json"),
        (date, "2026-11-22", date(2026, 11, 22)),
        (date, '"2026-11-22"', date(2026, 11, 22)),
        (Place, '{"lat": 1, "open_from": "PT1H"}', Place(1.0, timedelta(hours=1))),
        (Place, {"lat": 1, "open_from": "PT1H"}, Place(1.0, timedelta(hours=1))),
        (bool, "true", True),
        (int | None, "null", None),
    ],
)
def test_text_that_was_encoded_twice_is_read_all_the_same(kind: Any, text: object, value: object) -> None:
    assert unpack_text(kind, text) == value


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_json_crosses_unchanged(value: Any) -> None:
    assert pack(value) == value
    assert unpack(Any, pack(value)) == value
