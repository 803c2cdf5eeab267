"""Would it be in time? Plans over HTTP, of plain legs and of what the catalog has."""

from __future__ import annotations

from typing import Any

import pytest

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
PATH = "/api/v1/time-chain/plan"


def plan(town: Any, **body: Any) -> Any:
    answer = town.http.post(PATH, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_plain_legs_to_the_minute(town: Any) -> None:
    legs = [
        {"id": "bake", "minutes": 90},
        {"id": "arrange", "minutes": 30},
        {"id": "wrap", "kind": "assembly", "minutes": 15, "after": ["bake", "arrange"], "lag_minutes": 5},
        {"id": "bring", "kind": "delivery", "minutes": 40, "after": ["wrap"]},
    ]
    found = plan(town, legs=legs, deliver_by="2026-11-23T18:30:00Z")
    assert found["feasible"]
    assert found["arrives"] == "2026-11-23T18:30:00Z"
    assert {leg["id"]: leg["slack_minutes"] for leg in found["legs"]} == {
        "bake": 0, "arrange": 60, "wrap": 0, "bring": 0,
    }  # fmt: skip
    assert [leg["id"] for leg in found["legs"] if leg["is_critical"]] == ["bake", "wrap", "bring"]
    late = plan(town, legs=legs, deliver_by="2026-11-23T18:20:00Z")
    assert (late["feasible"], late["misses_by_minutes"], late["binding_leg"]) == (False, 10, "bake")
    assert late["alternatives"][0]["deliver_by"] == "2026-11-23T18:30:00Z"


def test_what_the_catalog_has_is_planned_in_opening_hours_with_its_courier(town: Any) -> None:
    lines = [{"product_id": "rosie-and-thorn.ROSE-12"}]
    found = plan(town, lines=lines, deliver_to=HOME, deliver_by="2026-11-25T00:00:00Z")
    assert found["feasible"]
    assert [leg["id"] for leg in found["legs"]] == ["leg-1:notice", "leg-1", "leg-2:notice", "leg-2"]
    assert found["total"]["minor"] > 8400
    late = plan(town, lines=lines, deliver_to=HOME, deliver_by="2026-11-23T20:00:00Z")
    assert late["feasible"] == (late["misses_by_minutes"] == 0)
    assert late["total"]["minor"] >= found["total"]["minor"]  # a quicker courier is dearer


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.legs"),
        ({"legs": [{"id": "a", "minutes": 1}], "bundle_id": "x"}, "body.legs"),
        ({"legs": [{"id": "a", "minutes": 1, "after": ["b"]}]}, "body.legs"),
        ({"legs": [{"id": "a", "minutes": 1}, {"id": "a", "minutes": 1}]}, "body.legs"),
        ({"legs": [{"id": "a", "minutes": -1}]}, "body.legs[0].minutes"),
        ({"bundle_id": "birthday-bash"}, "body.deliver_to"),
        ({"bundle_id": "none", "deliver_to": HOME}, "body.bundle_id"),
    ],
)
def test_bad_plans_name_what_is_wrong(town: Any, body: dict[str, Any], field: str) -> None:
    answer = town.http.post(PATH, json={"deliver_by": "2026-11-25T00:00:00Z", **body})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_circle_is_no_plan(town: Any) -> None:
    legs = [{"id": "a", "minutes": 1, "after": ["b"]}, {"id": "b", "minutes": 1, "after": ["a"]}]
    found = plan(town, legs=legs, deliver_by="2026-11-25T00:00:00Z")
    assert not found["feasible"]
    assert found["arrives"] is None
    assert found["why"]
