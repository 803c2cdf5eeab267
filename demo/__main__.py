"""`python -m demo`: what the app does so far, played over HTTP on the embedded defaults."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from demo import discovery, escrow, order
from demo.terminal import bold, say
from devhost.testing import DevHost

ROOT = Path(__file__).parents[1]
MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
"""10 in the morning in Austin; the clock stands there."""


def main() -> int:
    """Play the stories; 0 if each ends as it should."""
    with tempfile.TemporaryDirectory() as folder, _environment(DATA_DIR=folder), DevHost(ROOT, start=MONDAY) as host:
        say(f"The app runs at {host.url}, on its embedded defaults; records in a folder that goes with it.")
        say("It is Monday, November 23, 10 AM in Austin.\n")
        say(bold("1. Somebody says what they want"))
        found = discovery.play(host)
        say("\n" + bold("2. It is ordered, over three partners"))
        ordered = order.play(host)
        say("\n" + bold("3. What escrow does when not all goes well"))
        held = escrow.play(host)
    say("\nGo on with `make run` (the app stays up), `make test`, or README.md.")
    return 0 if found and ordered and held else 1


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


if __name__ == "__main__":
    raise SystemExit(main())
