"""500 random orchestrator programs must end as a plain evaluation of the same data says.

`DEVHOST_SEED` chooses other programs; a failure prints the seed, the name and the program.
"""

import json
import os
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from devhost.testing import DevHost
from tests.devhost.generator import Generator
from tests.devhost.programs import AmbiguousError, Data, Event, Expected, evaluate, walk

APP = Path(__file__).parent / "apps" / "programs"
SEED = os.environ.get("DEVHOST_SEED", "1")
TICK = timedelta(seconds=30)


def programs(number: int, prefix: str) -> dict[str, Data]:
    return {name: Generator(SEED, name).program() for name in (f"{prefix}{n}" for n in range(number))}


def start(host: DevHost, written: dict[str, Data]) -> None:
    common = {"generation": 0, "out": [], "start": host.now.isoformat(), "run": uuid.uuid4().hex}
    for name, program in written.items():
        host.start("program", {**common, "program": program}, instance_id=name)


def raise_all(host: DevHost, events: Iterable[Event]) -> None:
    for event in events:
        for _ in range(1 + event.twice):
            host.raise_event(event.instance, event.name, event.value)


def complaint(host: DevHost, name: str, program: Data, expected: Expected) -> str | None:
    """What is wrong with an instance that has ended, with all that is needed to run it again."""
    status = host.status(name)
    assert status is not None
    wanted = {"status": "Completed", "output": expected.output}
    got = {"status": status["runtimeStatus"], "output": status["output"]}
    if expected.error is not None:
        wanted = {"status": "Failed", "output": f"boom-{expected.error}"}
        got["output"] = next((w for w in [wanted["output"]] if w in str(got["output"])), got["output"])
    wanted["custom"], got["custom"] = expected.status, status["customStatus"]
    wanted["ledgers"] = expected.ledgers
    got["ledgers"] = {key: host.entity("ledger", key) for key in expected.ledgers}
    if wanted == got:
        return None
    differ = [key for key in wanted if wanted[key] != got[key]]
    lines = "\n".join(f"{key}\n  expected {wanted[key]}\n  got      {got[key]}" for key in differ)
    return f"DEVHOST_SEED={SEED} {name}\n{lines}\nprogram {json.dumps(program)}"


def check_all(host: DevHost, written: dict[str, Data], expected: dict[str, Expected]) -> None:
    wrong = [found for name in written if (found := complaint(host, name, written[name], expected[name]))]
    assert not wrong, f"{len(wrong)} of {len(written)} programs\n\n" + "\n\n".join(wrong[:3])
    still = host.http.get("/runtime/webhooks/durabletask/instances/?runtimeStatus=Running,Pending").json()
    assert still == [], "children that outlive their parents"


def moments(expected: dict[str, Expected]) -> list[tuple[int, list[Event]]]:
    """The events of all programs, by tick."""
    events = sorted((event for end in expected.values() for event in end.events), key=lambda event: event.at)
    return [(tick, list(group)) for tick, group in groupby(events, key=lambda event: event.at)]


def test_500_random_programs() -> None:
    written = programs(500, "p")
    run_all(written, {name: evaluate(program, name) for name, program in written.items()})


def test_programs_that_leave_retries_open() -> None:
    """Attempts made while the code goes on take ids in between: the host must count as the SDK does."""
    names = [f"o{number}" for number in range(150)]
    written = {name: Generator(SEED, name, retries_stay_open=True).program() for name in names}
    expected = {name: evaluate(written[name], name, retries_stay_open=True) for name in names}
    run_all(written, expected)


def run_all(written: dict[str, Data], expected: dict[str, Expected]) -> None:
    with DevHost(APP) as host:
        began = host.now
        start(host, written)
        for tick, events in moments(expected):
            host.advance(began + tick * TICK - host.now)
            raise_all(host, events)
        host.settle()
        host.advance(began + max(end.finish for end in expected.values()) * TICK - host.now)
        check_all(host, written, expected)


def test_programs_survive_restarts_of_the_host(tmp_path: Path) -> None:
    """The same on a store on disk, with a host that ends after every few events and takes up again."""
    written = programs(120, "r")
    expected = {name: evaluate(program, name) for name, program in written.items()}
    finish = max(end.finish for end in expected.values())
    with DevHost(APP, data=tmp_path) as host:
        began = now = host.now
        start(host, written)
    for tick, events in [*moments(expected), (finish, [])]:
        with DevHost(APP, data=tmp_path, start=now) as host:
            host.advance(began + tick * TICK - host.now)
            raise_all(host, events)
            now = host.now
    with DevHost(APP, data=tmp_path, start=now) as host:
        host.settle()
        check_all(host, written, expected)


def test_programs_use_everything() -> None:
    """The programs are worth the name only if every step and task occurs often, and in every fate."""
    written = programs(500, "p")
    expected = [evaluate(program, name) for name, program in written.items()]
    items = [item for program in written.values() for item in walk(program["generations"])]
    kinds = Counter(str(item.get("do", item.get("is"))) for item in items)
    steps = {"task", "race", "drain", "try", "signal", "status", "uuid", "raise"}
    tasks = {"echo", "fail", "flaky", "timer", "event", "entity", "sub", "retry", "all", "any"}
    assert set(kinds) == steps | tasks
    assert min(kinds.values()) >= 40, kinds
    races = Counter(item["losers"] for item in items if "losers" in item)
    assert min(races[fate] for fate in ("cancel", "forget", "await", "join")) >= 20, races
    assert sum(end.error is not None for end in expected) >= 20
    assert sum(end.finish > 0 for end in expected) >= 300
    assert sum(len(program["generations"]) > 1 for program in written.values()) >= 100
    assert sum(len(end.events) for end in expected) >= 200


def test_a_seed_gives_the_same_programs() -> None:
    first, second, other = (Generator(seed, "p").program() for seed in ("7", "7", "8"))
    assert first == second != other
    assert json.loads(json.dumps(first)) == first


# The evaluator itself, on programs small enough to be worked out by hand.


def one(*steps: Data, **more: object) -> Data:
    return {"entity": "e", "generations": [list(steps)], **more}


def task(spec: Data, *, catch: bool = False) -> Data:
    return {"do": "task", "task": spec, "catch": catch}


def echo(value: object) -> Data:
    return {"is": "echo", "value": value}


def timer(ticks: int) -> Data:
    return {"is": "timer", "ticks": ticks}


def event(name: str, at: int | None) -> Data:
    return {"is": "event", "name": name, "value": name, "at": at, "twice": False}


def race(losers: str, *specs: Data) -> Data:
    return {"do": "race", "of": list(specs), "losers": losers}


def retry(spec: Data, attempts: int) -> Data:
    return {"is": "retry", "of": spec, "attempts": attempts, "ticks": 4}


def compound(kind: str, *specs: Data) -> Data:
    return {"is": kind, "of": list(specs)}


FAIL = {"is": "fail", "value": "t"}
FLAKY = {"is": "flaky", "key": "k", "token": "t", "failures": 2, "value": "v"}
FAILED = {"error": "t"}
CHILD = {"is": "sub", "id": None, "program": one(task(compound("any", echo(1), timer(4))))}


@pytest.mark.parametrize(
    ("program", "output", "finish"),
    [
        (one(task(echo(1)), task(timer(4)), task(echo(2))), [[1, 0], [None, 4], [2, 4]], 4),
        (one(task(compound("all", echo(1), timer(6), timer(2)))), [[[1, None, None], 6]], 6),
        (one(task(compound("all"))), [[None, 0]], 0),
        (one(task(compound("any", timer(6), echo(1)))), [[[1, 1], 0]], 6),
        (one(task(FAIL, catch=True)), [[FAILED, 0]], 0),
        (one(task(compound("all", FAIL, timer(8)), catch=True)), [[{"error": "all"}, 0]], 8),
        (one(race("cancel", timer(8), timer(2))), [[[1, None], 2]], 2),
        (one(race("forget", timer(8), timer(2))), [[[1, None], 2]], 8),
        (one(race("await", timer(8), timer(2))), [[[1, None, None], 8]], 8),
        (one(race("join", timer(8), FAIL)), [[[1, FAILED, [None, "joined"]], 8]], 8),
        (one({"do": "drain", "of": [timer(8), echo(1)], "ordered": True}), [[[1, None], 8]], 8),
        (one(task(retry(FLAKY, 3))), [["v", 8]], 8),
        (one(task(retry(FLAKY, 2), catch=True)), [[FAILED, 4]], 4),
        (one({"do": "try", "steps": [task(timer(2)), task(FAIL)]}), [[[[[None, 2]], "t"], 2]], 2),
        (one(task(timer(2)), task(event("x", 1))), [[None, 2], ["x", 2]], 2),
        (one(task(event("x", 5))), [["x", 5]], 5),
        ({"entity": "e", "generations": [[task(timer(2))], [task(timer(4))]]}, [[None, 2], [None, 6]], 6),
        (one(task(CHILD)), [[{"child": [[[0, 1], 0]]}, 4]], 4),
        (
            one(
                {"do": "signal", "op": "add", "value": 3, "token": ""},
                task({"is": "entity", "op": "spoil", "value": 4, "token": "s"}, catch=True),
                task({"is": "entity", "op": "get", "value": 0, "token": ""}),
            ),
            [["signalled", 0], [{"error": "s"}, 0], [7, 0]],
            0,
        ),
    ],
)
def test_evaluation(program: Data, output: object, finish: int) -> None:
    end = evaluate(program, "i")
    assert (end.output, end.error, end.finish) == (output, None, finish)


def test_evaluation_of_a_failure() -> None:
    """It waits for open timers too, and what was signalled before stays signalled."""
    add = {"do": "signal", "op": "add", "value": 3, "token": ""}
    end = evaluate(one(add, task(compound("all", FAIL, timer(8)))), "i")
    assert (end.output, end.error, end.finish, end.ledgers) == (None, "all", 8, {"e": 3})


def test_evaluation_keeps_the_custom_status() -> None:
    program = {"entity": "e", "generations": [[{"do": "status", "value": "s"}], [task(timer(2))]]}
    assert evaluate(program, "i").status == "s"


def test_evaluation_tells_which_events_to_raise() -> None:
    late = race("forget", event("late", 5), timer(2))
    never = race("forget", event("never", None), timer(2))
    after = race("forget", event("after", 99), timer(2))
    end = evaluate(one(task(event("first", 1)), late, never, after, noise=[3, 7]), "i")
    assert (end.finish, [(raised.name, raised.at) for raised in end.events]) == (
        7,
        [("first", 1), ("late", 5), ("noise", 3)],
    )


@pytest.mark.parametrize(
    "program",
    [
        one(task(compound("any", echo(1), echo(2)))),
        one(race("cancel", timer(2), timer(2))),
        one({"do": "drain", "of": [echo(1), echo(2)], "ordered": True}),
        one(race("forget", echo(1), retry(FAIL, 2))),
        one(task(compound("any", timer(2), compound("all", FAIL, timer(4))))),
        one(task(event("x", None))),
        {"entity": "e", "generations": [[task(timer(4))], [task(event("x", 1))]]},
    ],
)
def test_what_depends_on_chance_is_refused(program: Data) -> None:
    with pytest.raises(AmbiguousError):
        evaluate(program, "i")
