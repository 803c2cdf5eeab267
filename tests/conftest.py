"""A running app for whoever wants to call it: on the embedded defaults, in a folder of its own."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import activities
import entities
import orchestrators
import shared
import triggers
from devhost import index
from devhost.testing import DevHost

if TYPE_CHECKING:
    from tests.boundaries import Left

ROOT = Path(__file__).parents[1]

# Two apps that share these packages run in one process: both are to see the same classes, whichever starts first.
for package in (activities, entities, orchestrators, shared, triggers):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


class House:
    """An app on a host; `as_` gives a client that speaks for somebody, closed with the host at the latest."""

    def __init__(self, host: DevHost, stack: ExitStack) -> None:
        self.host = host
        self.http = host.http
        self._stack = stack

    def token(self, role: str, subject: str, **more: Any) -> str:
        answer = self.http.post("/api/v1/dev/token", json={"role": role, "subject": subject, **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["token"])

    def as_(self, role: str, subject: str, **more: Any) -> httpx.Client:
        token = self.token(role, subject, **more)
        client = httpx.Client(base_url=self.host.url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._stack.callback(client.close)
        return client


def forget() -> None:
    """Let go of the parts of the app that ran last."""
    from shared import wiring

    if wiring.deps.cache_info().currsize:
        parts = vars(wiring.deps())
        if "store" in parts:
            asyncio.run(parts["store"].close())
    wiring.deps.cache_clear()


@contextmanager
def house(folder: Path, app: Path, start: datetime | None = None, **settings: str) -> Iterator[House]:
    """Run an app with its data in a folder, without a city; start: where its clock begins and stands."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        usual = {"CALLS_PER_MINUTE": "1000000", "ANONYMOUS_CALLS_PER_MINUTE": "1000000", "CITY": ""}
        for name, value in {"DATA_DIR": str(folder / "data"), **usual, **settings}.items():
            patch.setenv(name, value)
        forget()
        stack.callback(forget)
        if "IDENTITY" in settings:  # which routes there are is settled when the app is imported
            index._forget()
            stack.callback(index._forget)
        yield House(stack.enter_context(DevHost(app, start=start)), stack)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The example app."""
    with house(tmp_path_factory.mktemp("example"), ROOT / "tests" / "example") as running:
        yield running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app with the demo city, on a Monday at 10 in the morning."""
    monday = datetime(2026, 11, 23, 16, tzinfo=UTC)
    with house(tmp_path_factory.mktemp("town"), ROOT, monday, CITY="data/austin") as running:
        yield running


@pytest.fixture
def run_app(tmp_path: Path) -> Callable[..., Any]:
    """Run an app with settings of one's own."""
    return lambda app=ROOT, **settings: house(tmp_path, app, **settings)


@pytest.fixture(scope="module")
def begin() -> Iterator[Left]:
    """A host's folders with the city opened, where every scenario of tests/boundaries.py begins."""
    from tests import boundaries

    with boundaries.scratch() as folder:
        yield boundaries.opened(folder)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder for what hosts leave."""
    from tests import boundaries

    with boundaries.scratch() as folder:
        yield folder
