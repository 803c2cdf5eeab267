"""A scenario stopped dead at every step boundary, and what a new host makes of what was left.

What counts of all that this app keeps changes with the commits of two SQLite files: the host's and the records. A
boundary is such a commit: behind it a host may die with something done and nothing of what follows. So a scenario is
played once, and at each boundary, while nobody else can commit, the folders are copied: that is what `kill -9` leaves
there (`killed_at` kills a real process, to compare). Then, for any boundary, a new host starts on its copy and the
scenario goes on: what had been answered by then is not asked again; the rest is, with the same keys.

A new scenario is a function over a `Stage`: it may call the app, move the clock, and read the answers; nothing else.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from devhost.testing import DevHost
from shared import wiring
from shared.errors import IN_PROGRESS
from tests.commits import BEGIN, ROOT, Boundary, Commits
from tests.conftest import House, forget

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
"""Ten in the morning in Austin."""
LEASE = timedelta(seconds=61)
"""After this, a request whose first sending died half-way may be sent again."""
SETTINGS = {"CALLS_PER_MINUTE": "1000000", "ANONYMOUS_CALLS_PER_MINUTE": "1000000", "CITY": "tests/corner"}
KNOWLEDGE = ("taxonomy", "embeddings", "understanding")
"""What every process reads from the same files and nobody changes; read once here, for it takes longest."""
TRIES_MAX = 20
BOOT_SECONDS_MAX = 60
CLOCK = "/admin/host/clock"
CONTENTS = {
    "data/records.db": {"records_*": "partition, id, length(record)"},
    "hub/devhost.db": {
        "instance": "id, name, status, output", "history": "instance, turn", "message": "instance, kind, task",
        "activity": "instance, task, name, input", "alarm": "instance, task, fire_at", "entity": "id, state",
        "operation": "entity, name, input",
    },
}  # fmt: skip

# --- playing a scenario


class Answered(NamedTuple):
    """What a request came to; since: how many boundaries had been reached when its answer was there."""

    status: int
    body: Any
    since: int

    @property
    def data(self) -> Any:
        """The data of a success; AssertionError for anything else."""
        assert self.status < 300, self.body
        return self.body["data"]


class HostDied(Exception):
    """The host of a stage is gone; what was asked last was not answered."""


@dataclass
class Stage:
    """The app for a scenario; what a Stage before it had answered is not asked again.

    reached: how many boundaries there have been so far.
    """

    http: httpx.Client
    answers: list[Answered] = field(default_factory=list)
    reached: Callable[[], int] = lambda: 0
    _asked: int = 0

    def ask(self, method: str, path: str, *, token: str = "", key: str = "", json: Any = None) -> Answered:
        """One request; raises HostDied. One that is still under way by its key is sent again later."""
        self._asked += 1
        if self._asked <= len(self.answers):
            return self.answers[self._asked - 1]
        headers = {"Host": "localhost"}  # by one name, whichever port a host after another has got
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        for _ in range(TRIES_MAX):
            answer = self._sent(method, path, headers, json)
            if not (isinstance(answer.body, dict) and answer.body.get("code") == IN_PROGRESS.code):
                break
            self._sent("POST", CLOCK, {}, {"advance": LEASE.total_seconds()})
        self.answers.append(answer)
        return answer

    def as_(self, role: str, subject: str, **more: Any) -> Speaker:
        """Somebody who speaks to the app."""
        asked = {"role": role, "subject": subject, **more}
        return Speaker(self, self.ask("POST", "/api/v1/dev/token", json=asked).data["token"])

    def settle(self) -> None:
        """Wait until nothing runs and nothing could run now."""
        self.ask("POST", CLOCK, json={"advance": 0})

    def advance(self, span: timedelta) -> None:
        """Move the clock forward, through every due moment; where a host died on the way, no farther than that."""
        now = datetime.fromisoformat(self.ask("GET", CLOCK).body["now"])
        self.ask("POST", CLOCK, json={"to": (now + span).isoformat()})  # 409: it stands there or later already
        self.settle()

    def _sent(self, method: str, path: str, headers: dict[str, str], json: Any) -> Answered:
        try:
            answer = self.http.request(method, path, headers=headers, json=json)
        except httpx.TransportError as error:
            raise HostDied(f"{method} {path}: {error}") from error
        return Answered(answer.status_code, answer.json(), self.reached())


@dataclass(frozen=True)
class Speaker:
    """Somebody with a token."""

    stage: Stage
    token: str

    def get(self, path: str) -> Any:
        """The data of a success."""
        return self.stage.ask("GET", path, token=self.token).data

    def post(self, path: str, json: Any, *, key: str = "") -> Answered:
        """What it came to."""
        return self.stage.ask("POST", path, token=self.token, key=key, json=json)


Check = Callable[[House, str], None]
"""What must hold of a house and an order; raises AssertionError."""


@dataclass(frozen=True)
class Scenario:
    """play: drives the app and returns the id of its order; ends: the one status that this may have then."""

    play: Callable[[Stage], str]
    ends: str

    @property
    def name(self) -> str:
        return self.play.__name__


# --- hosts


class Left(NamedTuple):
    """What a dead host has left, and what it had answered; or where to begin."""

    folder: Path
    answers: Sequence[Answered] = ()


@contextmanager
def on_disk(folder: Path) -> Iterator[House]:
    """The app on what lies in a folder, the records in `data` and the host's own in `hub`."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in {"DATA_DIR": str(folder / "data"), **SETTINGS}.items():
            patch.setenv(name, value)
        forget()
        stack.callback(forget)
        vars(wiring.deps()).update(_known)
        host = stack.enter_context(DevHost(ROOT, folder / "hub", start=MONDAY))
        yield House(host, stack)


_known: dict[str, Any] = {}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory, where there is such a thing: nobody loses power here, so nobody need wait for a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def opened(folder: Path) -> Left:
    """A folder in which the corner is loaded, to begin from."""
    _known.clear()  # who has learnt from one corner does not open another
    with on_disk(folder) as house:
        found = house.http.get("/api/v1/products", params={"q": "roses"})
        assert found.json()["data"]["items"], "the corner is not loaded: its files have faults"
        _known.update({name: getattr(wiring.deps(), name) for name in KNOWLEDGE})
        house.host.advance(timedelta(0))  # and the clock is kept, which a process of its own does not set
    return Left(folder)


@dataclass(frozen=True)
class Recording:
    """A scenario as it was played undisturbed, and what kill -9 would have left at each boundary (`folder`/number)."""

    folder: Path
    boundaries: tuple[Boundary, ...]
    answers: tuple[Answered, ...]

    def left_at(self, number: int) -> Left:
        """What a host leaves that dies at a boundary."""
        answered = [one._replace(since=0) for one in self.answers if one.since < number]
        return Left(self.folder / str(number), answered)


def record(scenario: Scenario, begin: Left, folder: Path, check: Check) -> Recording:
    """Play a scenario on a copy of `begin`, copying what is there at each boundary; check: of how it ends."""
    alive = folder / "alive"
    shutil.copytree(begin.folder, alive)
    playing = threading.Event()
    commits = Commits(playing.is_set, lambda boundary: _copy(alive, folder / str(boundary.number)))
    if begin.answers:
        playing.set()  # what a new host takes up by itself is part of the play
    with commits.watched(), on_disk(alive) as house:
        house.http.get("/api/v1/products", params={"q": "roses", "limit": 1})  # what every process does once
        stage = Stage(house.http, list(begin.answers), reached=lambda: len(commits.boundaries))
        playing.set()
        order = scenario.play(stage)
        playing.clear()
        check(house, order)
    return Recording(folder, tuple(commits.boundaries), tuple(stage.answers))


def resume(scenario: Scenario, left: Left, check: Check) -> None:
    """Start a host on what a dead one has left, play on, and check how it ends; the folder is gone then."""
    with on_disk(left.folder) as house:
        order = scenario.play(Stage(house.http, list(left.answers)))
        check(house, order)
    shutil.rmtree(left.folder)


def _copy(source: Path, target: Path) -> None:
    """The files as they are; SQLite's shared memory is made anew from its log, as after any death."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm"))


# --- the same with a real process


class Process:
    """The app in a process of its own that kills itself with SIGKILL at a boundary, on a folder."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.commits", str(number), str(folder), str(port)]
        environment = {**os.environ, **SETTINGS, "DATA_DIR": str(folder / "data")}
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)

    def __enter__(self) -> Process:
        deadline = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.url}/api/v1/products", params={"q": "roses", "limit": 1}, timeout=BOOT_SECONDS_MAX)
                (self._folder / BEGIN).touch()
                return self
            time.sleep(0.02)
        raise AssertionError("the host does not come up")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def was_killed(self) -> bool:
        """Whether it came to its boundary."""
        return self._process.wait(timeout=BOOT_SECONDS_MAX) == -signal.SIGKILL


def killed_at(scenario: Scenario, number: int, begin: Left, folder: Path) -> Left:
    """Play a scenario on a copy of `begin` until its process is killed at a boundary."""
    shutil.copytree(begin.folder, folder)
    with Process(folder, number) as process, httpx.Client(base_url=process.url, timeout=60) as http:
        stage = Stage(http, list(begin.answers))
        with pytest.raises(HostDied):
            scenario.play(stage)
        assert process.was_killed()
    return Left(folder, stage.answers)


def contents(folder: Path) -> Counter[tuple[Any, ...]]:
    """What is in a host's two files, row by row, without what chance or the clock of the wall has named."""
    found: Counter[tuple[Any, ...]] = Counter()
    for file, tables in CONTENTS.items():
        with closing(sqlite3.connect(folder / file)) as db:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table, columns in tables.items():
                for name in fnmatch.filter(names, table):
                    found.update((name, *row) for row in db.execute(f'SELECT {columns} FROM "{name}"'))
    return found
