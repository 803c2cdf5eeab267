"""`python -m demo [--json]`: stories played over HTTP on the embedded defaults; the clock is moved where days pass."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo import discovery_to_door, limo, recovery, sunny_thursday
from demo.stage import Stage, Surprise
from demo.terminal import Voice
from devhost.testing import DevHost

ROOT = Path(__file__).parents[1]
MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
"""10 in the morning in Austin; the clock stands there until a story moves it."""
STORIES = (discovery_to_door, recovery, sunny_thursday, limo)
PLENTY = "1000000"


def main() -> int:
    """Play the stories; 0 if each ends as it should."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the facts of each story, and nothing else")
    voice = Voice(is_silent=(asked := parser.parse_args()).json)
    logging.disable(logging.WARNING)
    facts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, _environment(
        DATA_DIR=folder, CALLS_PER_MINUTE=PLENTY, ANONYMOUS_CALLS_PER_MINUTE=PLENTY
    ), DevHost(ROOT, start=MONDAY) as host:
        voice.say(f"The app runs at {host.url} on its embedded defaults: no key, no account, no network.", 0)
        voice.say("It is Monday, November 23, 10:00 in Austin. Days pass in moments: the clock is the host's.", 0)
        stage = Stage(host)
        for number, story in enumerate(STORIES, 1):
            voice.title(f"{number}. {story.TITLE}")
            facts[story.__name__.rpartition(".")[2]] = _played(story, stage, voice)
    _ended(voice, facts)
    if asked.json:
        print(json.dumps(facts, indent=2))  # noqa: T201
    return 0 if all(fact["ok"] for fact in facts.values()) else 1


def _played(story: Any, stage: Stage, voice: Voice) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = story.play(stage, voice)
    except Surprise as surprise:
        voice.done(f"It stopped: {surprise}", is_good=False)
        return {"ok": False, "stopped": str(surprise)}
    return facts


def _ended(voice: Voice, facts: dict[str, Any]) -> None:
    voice.title("Go on")
    good = sum(fact["ok"] for fact in facts.values())
    voice.done(f"{good} of {len(facts)} stories ended as they should.", is_good=good == len(facts))
    voice.say("make run                                        the app stays up, with the city and tokens to paste")
    voice.say("curl -s localhost:7071/api/v1/ready             what stands behind each port")
    chat = "curl -s localhost:7071/api/v1/chat -H 'content-type: application/json' -d '{\"text\": \"tulips today\"}'"
    voice.say(chat)
    voice.say("curl -s localhost:7071/api/openapi.json         every route;  README.md has the rest")


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
    sys.exit(main())
