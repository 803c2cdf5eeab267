"""The app of these tests on a host whose clock stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devhost.testing import DevHost

APP = Path(__file__).parent / "app"


class Flows:
    """A host, and what its activities wrote down."""

    def __init__(self, host: DevHost, folder: Path) -> None:
        self.host = host
        self.folder = folder

    def run(self, name: str, data: Any = None, **more: Any) -> Any:
        return self.host.result(self.host.start(name, data, **more))

    def log(self) -> list[str]:
        """What was attempted, in order."""
        path = self.folder / "data" / "log.txt"
        return [line.split(" ", 1)[1] for line in path.read_text().splitlines()] if path.exists() else []

    def post(self, instance: str, name: str, sender_id: str, data: Any, *, lose: bool = False) -> bool:
        """Send an event to the webhook; whether it was new."""
        path = f"/receive/{instance}/{name}/{sender_id}{'?lose=1' if lose else ''}"
        answer = self.host.http.post(path, json=data)
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["is_new"])


@pytest.fixture
def flows(run_app: Callable[..., Any], tmp_path: Path) -> Iterator[Flows]:
    with run_app(APP) as house:
        yield Flows(house.host, tmp_path)
