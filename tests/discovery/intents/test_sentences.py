"""The resolver against labelled sentences that were written without knowing it, field by field."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.discovery.intents.resolver import Resolver
from tests.discovery.intents.scoring import field_fits

AIM = 0.97
FEW = 34
"""Of fewer labels than this, one may be missed whatever the share."""
SETS = sorted((Path(__file__).parent / "sentences").glob("*.jsonl"))


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_every_field_is_understood(path: Path, resolver: Resolver) -> None:
    right, all_, missed = Counter[str](), Counter[str](), list[str]()
    for line in path.read_text().splitlines():
        case = json.loads(line)
        now = datetime.fromisoformat(case["now"])
        intent = resolver.resolve(case["text"], now, ZoneInfo(case["zone"]))
        for name in case["expect"]:
            if name.endswith("_any"):
                continue
            is_right = field_fits(name, intent, case["expect"])
            all_[name] += 1
            right[name] += is_right
            if not is_right:
                said = (
                    getattr(intent, name, None)
                    if name in {"kind", "conditions", "clarification"}
                    else getattr(intent.entities, name)
                )
                missed.append(
                    f"{case['id']} {name}: {case['text']!r}\n    said {said!r}\n    wanted {case['expect'][name]!r}"
                )
    print("\n".join(missed))
    shares = {name: right[name] / all_[name] for name in all_}
    print(" ".join(f"{name} {share:.3f} of {all_[name]}," for name, share in sorted(shares.items())))
    weak = {
        name: share for name, share in shares.items() if share < AIM and all_[name] - right[name] > (all_[name] < FEW)
    }
    assert not weak, weak
    assert right.total() / all_.total() >= AIM
