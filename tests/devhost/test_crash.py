"""The host as a process: `kill -9` at random moments over 40 running roots loses nothing and counts nothing twice.

`DEVHOST_SEED` chooses other moments.
"""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

import devhost

APP = Path(__file__).parent / "apps" / "crash"
SEED = os.environ.get("DEVHOST_SEED", "1")
API = "/runtime/webhooks/durabletask"
ROOTS, KILLS, STEPS = 40, 6, 6
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(devhost.__file__).parents[1])}
BOOT_SECONDS_MAX, WAIT_SECONDS_MAX = 20, 60


def command_of(port: int, data: Path) -> list[str]:
    return [sys.executable, "-m", "devhost", "--app", str(APP), "--port", str(port), "--data", str(data)]


class Process:
    """The host as its users start it, on one port and one store for the whole test."""

    def __init__(self, folder: Path, clock: str) -> None:
        self.clock = clock
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.data, self.trace, self.log = folder / "data", folder / "trace", folder / "log"
        self.trace.touch()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def boot(self) -> None:
        """Start, and wait until it answers."""
        command = [*command_of(self.port, self.data), "--clock", self.clock]
        environment = {**ENVIRONMENT, "CRASH_TRACE": str(self.trace)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.http.get(f"{API}/instances/nobody")
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
        pytest.fail(f"the host does not answer\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def kill_at(self, moments: random.Random) -> None:
        """Kill in the midst of things, and start again."""
        time.sleep(moments.uniform(0.02, 0.6))
        self.kill()
        self.boot()

    def end(self) -> int:
        """What Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=20)


@contextmanager
def process(folder: Path, clock: str = "real") -> Iterator[Process]:
    one = Process(folder, clock)
    one.boot()
    try:
        yield one
    finally:
        one.http.close()
        one.process.kill()
        one.process.wait()


def wait_for_all(host: Process, prefix: str) -> list[dict]:
    """The statuses of instances once none runs any more."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        statuses: list[dict] = host.http.get(f"{API}/instances/?instanceIdPrefix={prefix}").json()
        if all(status["runtimeStatus"] not in {"Pending", "Running"} for status in statuses):
            return statuses
        assert time.monotonic() < deadline, Counter(status["runtimeStatus"] for status in statuses)
        time.sleep(0.1)


def steps_of(root: str) -> list[str]:
    """The steps of one root in the order of its result."""
    numbered = [f"{root}/{number}" for number in range(STEPS)]
    middle = STEPS // 2 + 1
    return [*numbered[:middle], f"{root}/left", f"{root}/right", *numbered[middle:]]


def test_nothing_is_lost_by_kill_9(tmp_path: Path) -> None:
    moments = random.Random(SEED)
    with process(tmp_path) as host:
        names = [f"root-{number:02}" for number in range(ROOTS)]
        for name in names:
            assert host.http.post(f"{API}/orchestrators/root/{name}").status_code == 202
        for _ in range(KILLS):
            host.kill_at(moments)
        running = host.http.get(f"{API}/instances/?runtimeStatus=Running&instanceIdPrefix=root-").json()
        assert len(running) == ROOTS
        for name in names:
            assert host.http.post(f"{API}/instances/{name}/raiseEvent/finish").status_code == 202
        host.kill_at(moments)
        host.kill_at(moments)
        statuses = {status["instanceId"]: status for status in wait_for_all(host, "root-")}
        counted = [host.http.get(f"{API}/entities/counter/{key}").json() for key in ("signalled", "called")]
        assert host.end() == 0
    assert sorted(statuses) == names
    assert {status["runtimeStatus"] for status in statuses.values()} == {"Completed"}
    for name in names:
        assert statuses[name]["output"]["done"] == [step.upper() for step in steps_of(name)]
    assert counted == [ROOTS, ROOTS]
    ranks = sorted(status["output"]["rank"] for status in statuses.values())
    assert ranks == list(range(1, ROOTS + 1)), "every call was counted once and answered once"
    traces = Counter(host.trace.read_text(encoding="utf-8").split())
    assert set(traces) == {step for name in names for step in steps_of(name)}, "at least once each"
    check_stores(host.data)


def test_what_was_accepted_is_kept(tmp_path: Path) -> None:
    """A start that was answered survives a kill right behind the answer, and so does a signal."""
    with process(tmp_path) as host:
        for number in range(5):
            assert host.http.post(f"{API}/orchestrators/child/kept-{number}", json={}).status_code == 202
            assert host.http.post(f"{API}/entities/counter/kept?op=add", content=b'"1"').status_code == 202
            host.kill()
            host.boot()
        assert [status["runtimeStatus"] for status in wait_for_all(host, "kept-")] == ["Completed"] * 5
        assert host.http.get(f"{API}/entities/counter/kept").json() == 5
    check_stores(host.data)


def test_a_frozen_clock_stands_where_it_was_killed(tmp_path: Path) -> None:
    with process(tmp_path, clock="frozen") as host:
        assert host.http.post(f"{API}/orchestrators/root/frozen").status_code == 202
        began = host.http.get("/admin/host/clock").json()["now"]
        for _ in range(4):
            moved = host.http.post("/admin/host/clock", json={"advance": 1}).json()["now"]
            host.kill()
            host.boot()
            assert host.http.get("/admin/host/clock").json()["now"] == moved
        passed = datetime.fromisoformat(moved) - datetime.fromisoformat(began)
        assert passed == timedelta(seconds=4)
        host.http.post("/admin/host/clock", json={"advance": 10})
        host.http.post(f"{API}/instances/frozen/raiseEvent/finish")
        [status] = wait_for_all(host, "frozen")
        assert status["output"]["done"] == [step.upper() for step in steps_of("frozen")]


def test_a_store_serves_one_host_and_a_port_too(tmp_path: Path) -> None:
    with process(tmp_path) as host:
        for port, data, word in ((0, host.data, "store"), (host.port, tmp_path / "other", "port")):
            log = tmp_path / f"log-{word}"
            with log.open("wb") as said:
                rival = subprocess.Popen(command_of(port, data), env=ENVIRONMENT, stdout=said, stderr=said)
            assert rival.wait(timeout=20) == 1
            assert word in log.read_text()
            assert "Traceback" not in log.read_text()


def test_the_host_says_what_it_runs_and_does(tmp_path: Path) -> None:
    with process(tmp_path) as host:
        host.http.post(f"{API}/orchestrators/child/told", json={})
        wait_for_all(host, "told")
        assert host.end() == 0
    said = host.log.read_text(encoding="utf-8")
    for words in ("root", "orchestrationTrigger", "entityTrigger", f"http://127.0.0.1:{host.port}"):
        assert words in said
    executions = [line for line in said.splitlines() if "told" in line]
    assert sum("child" in line for line in executions) >= 3
    assert sum("step" in line for line in executions) == 2
    assert "Traceback" not in said


def check_stores(folder: Path) -> None:
    """Every SQLite file there is sound."""
    stores = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"]
    assert stores
    for path in stores:
        with closing(sqlite3.connect(path)) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
