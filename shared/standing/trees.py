"""Conditions as agents write and read them: strict JSON in, each problem named by its path; JSON with truths out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from shared.discovery.conditions import (
    BRANCHES_MAX,
    AnyLeaf,
    Branch,
    CalendarLeaf,
    Condition,
    InventoryLeaf,
    PriceLeaf,
    WeatherLeaf,
)
from shared.errors import FieldError
from shared.standing.frame import Frame
from shared.standing.leaves import Truth
from shared.standing.limits import DEPTH_MAX, LEAVES_MAX
from shared.standing.reasons import reason
from shared.standing.wording import leaf_words

KINDS: Mapping[str, type[AnyLeaf]] = {
    "weather": WeatherLeaf, "calendar": CalendarLeaf, "inventory": InventoryLeaf, "price": PriceLeaf,
}  # fmt: skip
OPERATORS = ("and", "or", "not")
NODES_MAX = 2 * LEAVES_MAX
ERRORS_MAX = 20
_NO_MORE = "A branch has `op` and `of` alone."


class BadConditions(ValueError):
    """A tree that is none; errors: each problem with its path."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors[:ERRORS_MAX])


def parsed(raw: JsonValue, path: str = "conditions") -> Condition:
    """A tree from decoded JSON: `{"op", "of"}` or a leaf by its `type`; `text` may be left out. Raises BadConditions.

    Whether it can come true is not asked here: see contradictions.refused.
    """
    return _Reader().read(raw, path, 0)


class _Reader:
    """Reads one tree; stops at the limits, so no input however large costs much."""

    def __init__(self) -> None:
        self._nodes = 0

    def read(self, raw: JsonValue, path: str, depth: int) -> Condition:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise _bad(path, f"A tree has at most {LEAVES_MAX} leaves: write fewer.")
        if not isinstance(raw, dict):
            raise _bad(path, "It is an object: a branch with `op` and `of`, or a leaf with `type`.")
        return self._branch(raw, path, depth) if "op" in raw else _leaf(raw, path)

    def _branch(self, raw: dict[str, JsonValue], path: str, depth: int) -> Branch:
        op, children = raw["op"], raw.get("of")
        if op not in OPERATORS:
            raise _bad(f"{path}.op", f"It is one of {', '.join(OPERATORS)}.")
        if not isinstance(children, list) or not 1 <= len(children) <= BRANCHES_MAX:
            raise _bad(f"{path}.of", f"It is a list of 1 to {BRANCHES_MAX} conditions.")
        if depth >= DEPTH_MAX:
            raise _bad(path, f"Branches stand {DEPTH_MAX} deep at most: write it flatter.")
        errors = [FieldError(f"{path}.{name[:40]}", _NO_MORE) for name in sorted(raw.keys() - {"op", "of"})]
        if op == "not" and len(children) > 1:
            errors.append(FieldError(f"{path}.of", "`not` has exactly one: put an `and` or `or` between for more."))
        found: list[Condition] = []
        for index, child in enumerate(children):
            try:
                found.append(self.read(child, f"{path}.of[{index}]", depth + 1))
            except BadConditions as bad:
                errors += bad.errors
        if errors:
            raise BadConditions(errors)
        return Branch.model_validate({"op": op, "of": tuple(found)})


def _leaf(raw: dict[str, JsonValue], path: str) -> AnyLeaf:
    kind = raw.get("type")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise _bad(f"{path}.type", f"It is one of {', '.join(KINDS)}; a branch has `op` instead.")
    try:
        leaf = model.model_validate_json(json.dumps({"text": "", **raw}), strict=True)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        raise BadConditions([FieldError(_joined(path, one["loc"]), f"{one['msg']}.") for one in told]) from None
    return leaf if leaf.text else leaf.model_copy(update={"text": leaf_words(leaf)})


def _bad(path: str, message: str) -> BadConditions:
    return BadConditions([FieldError(path, message)])


def _joined(path: str, places: tuple[int | str, ...]) -> str:
    return path + "".join(f"[{place}]" if isinstance(place, int) else f".{place[:40]}" for place in places)


def shown(condition: Condition, truth: Truth, now: datetime, frame: Frame) -> dict[str, Any]:
    """The tree as JSON, each leaf and branch with its `truth`; a leaf with its last `value`, `read_at` and `reason`."""
    if isinstance(condition, Branch):
        children = [shown(child, told, now, frame) for child, told in zip(condition.of, truth.children, strict=True)]
        return {"op": condition.op, "of": children, "truth": truth.value}
    leaf = condition.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return {
        "type": condition.type,
        **leaf,
        "truth": truth.value,
        "value": _value(truth),
        "day": truth.day.isoformat() if truth.day else None,
        "read_at": truth.at.isoformat() if truth.at else None,
        "reason": reason(condition, truth, now, frame),
    }


def _value(truth: Truth) -> Any:
    if truth.weather is not None:
        return truth.weather.model_dump(mode="json", exclude_none=True)
    if truth.price is not None:
        return truth.price.model_dump(mode="json")
    return "made_to_order" if truth.made_to_order else truth.units
