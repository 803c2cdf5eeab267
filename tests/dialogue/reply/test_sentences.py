"""Replies as vendors write them, read against their labels: the kind, and all that they offer.

`last` was written after the rules and never used to mend them; the others were, once they had been scored.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.dialogue.reply.model import ReplyReading
from shared.dialogue.reply.reading import ReplyReader
from tests.dialogue.reply.asks import ASKS, NOW, ZONE

SENTENCES = Path(__file__).parents[1] / "sentences"
KIND_FLOORS = {"dev": 0.99, "held_out": 0.98, "more": 0.98, "last": 0.98}
FIELD_FLOOR = 0.95
FEW = 20
"""Of fewer labels than this, one may be missed whatever the share."""
TERMS = ("item", "price", "change", "delay", "quantity")


def told(reading: ReplyReading) -> dict[str, Any]:
    """A reading in the words of the labels."""
    item = reading.item
    return {
        "kind": reading.kind,
        "item": item.name if item else None,
        "colour": (item.attributes.get("colour") or (None,))[0] if item else None,
        "price": reading.price.minor if reading.price else None,
        "change": reading.price_change.minor if reading.price_change else None,
        "per": reading.per,
        "delay": reading.delay_minutes,
        "ready": reading.ready_at.isoformat() if reading.ready_at else None,
        "quantity": reading.quantity,
        "reason": (reading.reason or "").lower(),
    }


def is_right(name: str, said: dict[str, Any], wanted: Any) -> bool:
    return wanted in said[name] if name == "reason" else said[name] == wanted


@pytest.mark.parametrize("name", KIND_FLOORS)
def test_replies_are_understood(name: str, reader: ReplyReader) -> None:
    right, all_, confused, wrong = Counter[str](), Counter[str](), Counter[tuple[str, str]](), list[str]()
    invented = 0
    for line in (SENTENCES / f"replies_{name}.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        said = told(reader.read(case["text"], ASKS[case["asked"]], NOW, ZONE))
        confused[case["kind"], said["kind"]] += case["kind"] != said["kind"]
        for field in said.keys() & case.keys():
            fits = is_right(field, said, case[field])
            all_[field] += 1
            right[field] += fits
            wrong += [] if fits else [f"{case['id']} {field}: {case['text']!r}: {said[field]!r}, not {case[field]!r}"]
        if case["kind"] in {"yes", "counter"}:
            invented += sum(said[term] is not None and term not in case for term in TERMS)
    print("\n".join(wrong), {pair: count for pair, count in confused.items() if count})
    shares = {field: right[field] / all_[field] for field in all_}
    assert shares["kind"] >= KIND_FLOORS[name], wrong
    weak = {f: share for f, share in shares.items() if share < FIELD_FLOOR and all_[f] - right[f] > (all_[f] < FEW)}
    assert not weak, wrong
    assert invented <= 0.01 * all_["kind"]


def test_there_are_enough_of_each_kind_and_none_twice() -> None:
    cases = [
        json.loads(line)
        for name in KIND_FLOORS
        for line in (SENTENCES / f"replies_{name}.jsonl").read_text("utf-8").splitlines()
    ]
    kinds = Counter(case["kind"] for case in cases)
    assert len(cases) >= 1_000
    assert min(kinds.values()) >= 90
    assert len({case["id"] for case in cases}) == len(cases)
