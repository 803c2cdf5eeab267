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


ROSES = {"product_id": "rosie-and-thorn.ROSE-12"}
CANDLE = {"product_id": "juniper-and-wren.CANDLE-CEDAR"}


def late(town: Any, *lines: dict[str, Any], by: str, **more: Any) -> dict[str, Any]:
    """A plan that does not hold, by the kind of each alternative."""
    found = plan(town, lines=list(lines), deliver_to=HOME, deliver_by=by, **more)
    assert not found["feasible"]
    assert found["misses_by_minutes"] > 0
    assert found["binding_leg"] in {leg["id"] for leg in found["legs"]}
    kinds = [one["kind"] for one in found["alternatives"]]
    assert len(kinds) == len(set(kinds)), "each once, the cheapest"
    costs = [one["more"]["minor"] for one in found["alternatives"]]
    assert costs == sorted(costs)
    for one in found["alternatives"]:
        assert one["total"]["minor"] - found["total"]["minor"] == one["more"]["minor"]
    return {"plan": found, **{one["kind"]: one for one in found["alternatives"]}}


def test_later_is_the_same_with_the_deadline_that_it_needs(town: Any) -> None:
    found = late(town, CANDLE, by="2026-11-23T23:00:00Z")
    then = plan(town, lines=[CANDLE], deliver_to=HOME, deliver_by=found["later"]["deliver_by"])
    assert then["feasible"]
    assert then["total"] == found["later"]["total"]
    assert then["arrives"] == found["later"]["arrives"] <= found["later"]["deliver_by"]


def test_what_is_ready_can_come_in_time_and_the_rest_later(town: Any) -> None:
    found = late(town, ROSES, CANDLE, by="2026-11-23T23:00:00Z")
    assert found["split"]["later_lines"] == [1]
    first = plan(town, lines=[ROSES], deliver_to=HOME, deliver_by="2026-11-23T23:00:00Z")
    second = plan(town, lines=[CANDLE], deliver_to=HOME, deliver_by=found["plan"]["arrives"])
    assert first["feasible"] and second["feasible"]
    assert first["total"]["minor"] + second["total"]["minor"] == found["split"]["total"]["minor"]
    assert found["split"]["arrives"] == second["arrives"]


def test_another_vendor_has_the_same_kind_of_thing_for_about_the_same(town: Any) -> None:
    opera = {"product_id": "patisserie-colette.OPERA"}
    by = "2026-11-25T00:00:00Z"
    found = late(town, opera, by=by)
    (swap,) = found["vendor"]["swaps"]
    assert swap["line"] == 0
    assert swap["partner"]["id"] != "patisserie-colette"
    assert abs(swap["price"]["minor"] - 7_400) * 5 <= 7_400
    then = plan(town, lines=[{"product_id": swap["product_id"]}], deliver_to=HOME, deliver_by=by)
    assert then["feasible"]
    assert then["total"]["minor"] <= found["vendor"]["total"]["minor"]


def test_a_courier_who_was_chosen_and_is_too_slow_has_quicker_rivals(town: Any) -> None:
    slow = {"product_id": "bluebonnet-couriers.NEXT-DAY"}
    by = "2026-11-23T23:00:00Z"
    found = late(town, ROSES, slow, by=by)
    assert found["courier"]["courier"]
    alone = plan(town, lines=[ROSES], deliver_to=HOME, deliver_by=by)
    assert alone["feasible"]
    assert alone["total"] == found["courier"]["total"]


def test_a_refused_order_says_what_would_work(town: Any) -> None:
    ann = town.as_("customer", "ann")
    body = {"lines": [ROSES, CANDLE], "deliver_to": HOME, "deliver_by": "2026-11-23T23:00:00Z"}
    answer = ann.post(
        "/api/v1/orders", json={**body, "payment": {"method": "card_ok"}}, headers={"Idempotency-Key": "late"}
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["errors"][0]["field"] == "body.deliver_by"
    found = late(town, ROSES, CANDLE, by=body["deliver_by"])  # type: ignore[arg-type]
    assert "minutes late" in problem["detail"]
    for kind in ("later", "split"):
        assert found[kind]["words"] in problem["detail"]


def test_a_bundle_that_is_late_can_be_had_later(town: Any) -> None:
    found = plan(town, bundle_id="birthday-bash", deliver_to=HOME, deliver_by="2026-11-24T00:00:00Z")
    (later,) = found["alternatives"]
    assert (found["feasible"], later["kind"], later["total"]["minor"]) == (False, "later", 17_900)
    then = plan(town, bundle_id="birthday-bash", deliver_to=HOME, deliver_by=later["deliver_by"])
    assert then["feasible"]


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
