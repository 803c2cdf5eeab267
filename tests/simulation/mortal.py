"""A host that may die at any commit: whoever asks it meanwhile goes without an answer, and asks the next one again.

What counts of all that the app keeps changes with commits (tests/commits.py). At the commit at which the host is to
die the folders are copied, while nobody else can commit: that is what `kill -9` leaves. Whatever the host still does
after it never was: it is closed, its folders are thrown away, and a new one starts on the copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from devhost.store import Store
from devhost.testing import DevHost
from shared import wiring
from shared.adapters.weather_file import FileWeather
from shared.errors import IN_PROGRESS
from shared.logistics.forecast import Forecast
from shared.logistics.geo import Point
from shared.records import Unavailable
from tests.boundaries import KNOWLEDGE, LEASE
from tests.commits import ROOT, Boundary, Commits
from tests.conftest import House, forget

MONDAY = datetime.fromisoformat("2026-11-23T08:00:00-06:00")
"""Eight in the morning in Austin."""
TWILIO_TOKEN, EMAIL_SECRET, PUBLIC_URL = "twilio-secret", "email-secret", "https://app.example"
SETTINGS = {
    "CALLS_PER_MINUTE": "1000000",
    "ANONYMOUS_CALLS_PER_MINUTE": "1000000",
    "CITY": "tests/simulation/city",
    "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "EMAIL_SECRET": EMAIL_SECRET,
    "PUBLIC_URL": PUBLIC_URL,
}
TRIES_MAX = 10
TOKEN_LIFE = timedelta(minutes=45)


class Mortal:
    """The app on a folder; `deaths`: how many of its hosts have died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alive, self._grave = folder / "alive", folder / "grave"
        self._commits_left: int | None = None
        self._is_dead = False
        self._tokens: dict[tuple[Any, ...], tuple[str, datetime]] = {}
        self._known: dict[str, Any] = {}
        self._stack = ExitStack()
        self.deaths = 0
        self.is_forecast_there = True
        self.faults: list[str] = []

    @contextmanager
    def living(self) -> Iterator[Mortal]:
        """Start the first host; the last one is closed at the end."""
        with Commits(lambda: self._commits_left is not None, self._reached).watched():
            self._start()
            try:
                yield self
            finally:
                self._stack.close()

    def doom(self, commits: int) -> None:
        """Let the host die at its commits-th commit from now."""
        self._commits_left = commits

    def spare(self) -> None:
        """Let it live."""
        self._commits_left = None

    @property
    def now(self) -> datetime:
        """The host's time."""
        return self.house.host.now

    def ask(self, method: str, path: str, *, who: tuple[Any, ...] = (), key: str = "", **more: Any) -> httpx.Response:
        """One request, sent again by the same key where a host died over it. who: role, subject and claims."""
        for _ in range(TRIES_MAX):
            answer = self._asked(method, path, who, key, more)
            if self._buried():
                continue
            if answer.status_code >= 500:
                self.faults.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            if answer.status_code == IN_PROGRESS.status and IN_PROGRESS.code in answer.text:
                self.go_to(self.now + LEASE)
                continue
            return answer
        raise AssertionError(f"{method} {path} is never answered")

    def go_to(self, moment: datetime) -> None:
        """Move the clock forward through every due moment, whoever dies on the way."""
        while True:
            self.house.host.advance(max(moment - self.now, timedelta(0)))
            if not self._buried():
                return

    def settle(self) -> None:
        """Let everything run that can run now."""
        self.go_to(self.now)

    def sleep_until(self, moment: datetime) -> None:
        """Switch the host off, and on again then: all that was due meanwhile is due at once."""
        self._stack.close()
        store = Store(self._alive / "hub")
        store.set_meta("clock", moment.isoformat())
        store.close()
        self._start()
        self.go_to(moment)

    def token(self, role: str, subject: str, **claims: Any) -> str:
        """A token that still lives for a while."""
        name = (role, subject, repr(sorted(claims.items())))
        token, until = self._tokens.get(name, ("", self.now))
        if until <= self.now:
            token = self.house.token(role, subject, **claims)
            self._tokens[name] = (token, self.now + TOKEN_LIFE)
        return token

    def _asked(
        self, method: str, path: str, who: tuple[Any, ...], key: str, more: dict[str, Any]
    ) -> httpx.Response:
        headers = {"Host": "localhost", **more.get("headers", {})}  # by one name, whichever port a host has got
        if who:
            claims = who[2] if len(who) > 2 else {}
            headers["Authorization"] = f"Bearer {self.token(who[0], who[1], **claims)}"
        if key:
            headers["Idempotency-Key"] = key
        return self.house.http.request(method, path, **{**more, "headers": headers})

    def _forecast(self) -> Callable[..., Awaitable[Forecast]]:
        """A forecast that does not always come."""
        told = FileWeather.forecast

        async def forecast(weather: FileWeather, place: Point, start: datetime, end: datetime) -> Forecast:
            if not self.is_forecast_there:
                raise Unavailable("the sky is not to be seen")
            return await told(weather, place, start, end)

        return forecast

    def _reached(self, _: Boundary) -> None:
        assert self._commits_left is not None
        self._commits_left -= 1
        if self._commits_left <= 0:
            self._commits_left = None
            shutil.copytree(self._alive, self._grave, ignore=shutil.ignore_patterns("*-shm"))
            self._is_dead = True

    def _buried(self) -> bool:
        """Whether the host had died; then another one has taken its place."""
        if not self._is_dead:
            return False
        self._stack.close()
        shutil.rmtree(self._alive)
        self._grave.rename(self._alive)
        self._is_dead = False
        self.deaths += 1
        self._start()
        return True

    def _start(self) -> None:
        self._stack = ExitStack()
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in {"DATA_DIR": str(self._alive / "data"), **SETTINGS}.items():
            patch.setenv(name, value)
        patch.setattr(FileWeather, "forecast", self._forecast())
        forget()
        self._stack.callback(forget)
        vars(wiring.deps()).update(self._known)
        host = self._stack.enter_context(DevHost(ROOT, self._alive / "hub", start=MONDAY))
        self.house = House(host, self._stack)
        if not self._known:
            found = self.house.http.get("/api/v1/products", params={"q": "roses"})
            assert found.json()["data"]["items"], "the city is not loaded: its files have faults"
            self._known.update({name: getattr(wiring.deps(), name) for name in KNOWLEDGE})
