"""Dispatch over HTTP: who may ask, what is refused, and that either planner answers; nothing is altered by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.orders.dispatch import COURIERS_MAX, JOBS_MAX

PATH = "/api/v1/dispatch/plan"
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
SHOP, HOME, HILL = {"lat": 30.27, "lng": -97.74}, {"lat": 30.25, "lng": -97.78}, {"lat": 30.33, "lng": -97.70}


def at(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def courier(name: str = "ann", **more: Any) -> dict[str, Any]:
    return {"id": name, "at": SHOP, "until": at(300), **more}


def job(name: str = "roses", **more: Any) -> dict[str, Any]:
    return {"id": name, "pickup": SHOP, "deliver": HOME, "from": at(0), "until": at(120), **more}


def ask(client: Any, **body: Any) -> Any:
    return client.post(PATH, json={"couriers": [courier()], "jobs": [job()], **body})


def test_staff_see_who_should_take_what(town: Any) -> None:
    jobs = [
        job("a"),
        job("b", pickup=HILL, deliver=HILL),
        job("late", until=at(5)),
        job("sea", deliver={"lat": 0, "lng": 0}),
    ]
    hands = [courier("ann"), courier("bob", at=HILL, capacity=1)]
    answer = ask(town.as_("ops", "olaf"), couriers=hands, jobs=jobs)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    rounds = {one["courier_id"]: one for one in found["rounds"]}
    assert [(one["job_id"], one["kind"]) for one in rounds["bob"]["visits"]] == [("b", "pickup"), ("b", "delivery")]
    assert {one["job_id"] for one in rounds["ann"]["visits"]} == {"a", "late"}
    assert datetime.fromisoformat(rounds["bob"]["visits"][0]["begins"]) == NOW
    [late] = found["late"]
    arrives = datetime.fromisoformat(late["arrives"])
    assert (late["job_id"], NOW + timedelta(minutes=5 + late["late_minutes"])) == ("late", arrives)
    assert found["unserved"] == [{"job_id": "sea", "why": "out_of_reach", "earliest": None}]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("customer", 403), ("partner", 403), ("hub", 403), ("worker", 403), ("curator", 403),
        ("admin", 200), ("ops", 200), ("regional", 200), ("super", 200),
    ],
)  # fmt: skip
def test_who_may_ask(town: Any, role: str, status: int) -> None:
    assert ask(town.as_(role, "someone")).status_code == status


def test_nobody_asks_without_a_token_or_its_scope(town: Any) -> None:
    assert ask(town.http).status_code == 401
    assert ask(town.as_("ops", "olaf", scopes=["orders:read"])).status_code == 403
    assert ask(town.as_("ops", "olaf", scopes=["operations:read"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"couriers": []}, "body.couriers"),
        ({"couriers": [courier(f"c{n}") for n in range(COURIERS_MAX + 1)]}, "body.couriers"),
        ({"jobs": []}, "body.jobs"),
        ({"jobs": [job(f"j{n}") for n in range(JOBS_MAX + 1)]}, "body.jobs"),
        ({"couriers": [courier(), courier()]}, "body.couriers[1].id"),
        ({"jobs": [job(), job("b"), job()]}, "body.jobs[2].id"),
        ({"jobs": [job("two words")]}, "body.jobs[0].id"),
        ({"couriers": [courier(until=at(-1))]}, "body.couriers[0].until"),
        ({"couriers": [courier(until=at(12 * 60 + 1))]}, "body.couriers[0].until"),
        ({"couriers": [courier(capacity=0)]}, "body.couriers[0].capacity"),
        ({"jobs": [job(until=at(-1))]}, "body.jobs[0].until"),
        ({"jobs": [job(until="2026-11-23T18:00:00")]}, "body.jobs[0].until"),
        ({"jobs": [job(**{"from": "soon"})]}, "body.jobs[0].from"),
        ({"jobs": [job(deliver={"lat": 91, "lng": 0})]}, "body.jobs[0].deliver.lat"),
        ({"speed": 3}, "body.speed"),
    ],
)
def test_what_is_refused_names_its_field(town: Any, body: dict[str, Any], field: str) -> None:
    answer = ask(town.as_("ops", "olaf"), **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_as_many_as_may_be(town: Any) -> None:
    hands = [courier(f"c{n}", at={"lat": 30.2 + n / 200, "lng": -97.75}) for n in range(COURIERS_MAX)]
    jobs = [
        job(f"j{n}", pickup={"lat": 30.2 + n / 300, "lng": -97.7}, deliver={"lat": 30.3, "lng": -97.8 + n / 300})
        for n in range(JOBS_MAX)
    ]
    found = ask(town.as_("ops", "olaf"), couriers=hands, jobs=jobs).json()["data"]
    assert sum(len(one["visits"]) for one in found["rounds"]) == 2 * (JOBS_MAX - len(found["unserved"])) > JOBS_MAX


def test_pyvrp_answers_where_it_is_chosen(run_app: Callable[..., Any]) -> None:
    with run_app(FLEET="pyvrp") as house:
        assert house.http.get("/api/v1/ready").json()["data"]["ports"]["fleet"] == "PyVrpFleet"
        now = datetime.now(UTC)
        shift = (now + timedelta(hours=5)).isoformat()
        jobs = [job(name, **{"from": now.isoformat(), "until": shift}) for name in ("a", "b")]
        answer = ask(house.as_("ops", "olaf"), couriers=[courier(until=shift)], jobs=jobs)
        [one] = answer.json()["data"]["rounds"]
        assert sorted(visit["job_id"] for visit in one["visits"]) == ["a", "a", "b", "b"]
