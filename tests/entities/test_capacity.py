"""The capacity entity, called by flows: the last place goes to one, however many ask at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost.testing import DevHost
from shared.logistics.capacity import Capacity, free_units

APP = Path(__file__).parents[1] / "flows" / "app"
SLOTS = "bakery|cakes|2030-11-22"
STOCK = "stock|roses"
PLACES = 100
ASKING = 1_000


@pytest.fixture
def host(run_app: Callable[..., Any]) -> Iterator[DevHost]:
    with run_app(APP) as house:
        yield house.host


def ask(host: DevHost, *commands: tuple[str, str, dict[str, Any]]) -> Any:
    return host.result(host.start("ask", commands))


def free(host: DevHost, key: str) -> int:
    return free_units(Capacity.model_validate(host.entity("capacity", key)), host.now)


def test_reserve_confirm_release(host: DevHost) -> None:
    said = ask(
        host,
        (SLOTS, "reserve", {"id": "a"}),
        (SLOTS, "set_limit", {"limit": 2}),
        (SLOTS, "reserve", {"id": "a", "units": 2}),
        (SLOTS, "reserve", {"id": "b"}),
        (SLOTS, "confirm", {"id": "a"}),
        (SLOTS, "release", {"id": "a"}),
        (SLOTS, "reserve", {"id": "b"}),
    )
    assert said == ["not_offered", "set", "reserved", "full", "confirmed", "released", "reserved"]
    assert free(host, SLOTS) == 1


def test_every_command_twice_is_every_command_once(host: DevHost) -> None:
    commands = [
        (STOCK, "set_limit", {"limit": 3, "at": host.now.isoformat()}),
        (STOCK, "reserve", {"id": "a", "units": 2}),
        (STOCK, "confirm", {"id": "a"}),
        (STOCK, "reserve", {"id": "b"}),
        (STOCK, "release", {"id": "b"}),
    ]
    said = ask(host, *[command for command in commands for _ in range(2)])
    assert said == [word for word in ("set", "reserved", "confirmed", "reserved", "released") for _ in range(2)]
    assert ask(host, *commands)[1:] == ["confirmed", "confirmed", "released", "released"]
    assert free(host, STOCK) == 1


def test_a_reservation_ends_by_itself(host: DevHost) -> None:
    ask(host, (SLOTS, "set_limit", {"limit": 1}), (SLOTS, "reserve", {"id": "a"}))
    host.advance(timedelta(minutes=14, seconds=59))
    assert ask(host, (SLOTS, "reserve", {"id": "b"})) == ["full"]
    host.advance(timedelta(seconds=1))
    assert ask(host, (SLOTS, "reserve", {"id": "b"}), (SLOTS, "confirm", {"id": "a"})) == ["reserved", "expired"]


@pytest.mark.parametrize(
    ("key", "operation", "given", "sentence"),
    [
        ("nothing", "reserve", {"id": "a"}, "is neither `partner|capability|2026-11-22` nor `stock|product`"),
        (STOCK, "borrow", {"id": "a"}, "capacity knows reserve, confirm, release, set_limit, not `borrow`"),
        (STOCK, "reserve", {"id": "a", "units": 0}, "units: Input should be greater than or equal to 1"),
        (STOCK, "reserve", {"id": "a", "colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_command_that_cannot_be_is_told_to_the_flow_and_changes_nothing(
    host: DevHost, key: str, operation: str, given: dict[str, Any], sentence: str
) -> None:
    said = ask(host, (STOCK, "set_limit", {"limit": 1}), (key, operation, given), (STOCK, "reserve", {"id": "a"}))
    assert sentence in said[1]
    assert (said[0], said[2]) == ("set", "reserved")


def test_a_thousand_at_once_get_a_hundred_places(host: DevHost) -> None:
    """Each from a flow of its own."""
    ask(host, (SLOTS, "set_limit", {"limit": PLACES}))
    flows = [host.start("ask", [(SLOTS, "reserve", {"id": f"r{number}"})]) for number in range(ASKING)]
    host.settle(timeout_seconds=60)
    said = [host.result(flow)[0] for flow in flows]
    assert (said.count("reserved"), said.count("full")) == (PLACES, ASKING - PLACES)
    assert free(host, SLOTS) == 0


def test_each_command_doubled_in_flight_gets_the_same_answer(host: DevHost) -> None:
    ask(host, (SLOTS, "set_limit", {"limit": 30}))
    statuses, are_same = host.result(host.start("rush", [SLOTS, [f"r{number}" for number in range(100)]]))
    assert statuses.count("reserved") == 30
    assert are_same


def test_a_flow_killed_between_reserve_and_confirm_blocks_nobody_for_long(host: DevHost) -> None:
    ask(host, (SLOTS, "set_limit", {"limit": 1}))
    flow = host.start("waits", {"events": ["reply"]})
    ask(host, (SLOTS, "reserve", {"id": f"{flow}:reserve"}))
    host.terminate(flow)
    host.advance(timedelta(minutes=15))
    assert ask(host, (SLOTS, "reserve", {"id": "next"})) == ["reserved"]


def test_state_outlives_the_host(tmp_path: Path) -> None:
    with DevHost(APP, data=tmp_path / "hub") as host:
        ask(host, (STOCK, "set_limit", {"limit": 2}), (STOCK, "reserve", {"id": "a"}))
    with DevHost(APP, data=tmp_path / "hub") as host:
        assert ask(host, (STOCK, "reserve", {"id": "a"}), (STOCK, "reserve", {"id": "b", "units": 2})) == [
            "reserved",
            "full",
        ]
