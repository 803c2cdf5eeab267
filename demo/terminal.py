"""How the demo speaks: plain words, a pause to read them, colours where the terminal has them, times drawn as bars."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

WIDTH = 100
BAR = 44
SECONDS_A_LINE = 0.35
_ESCROW, _DEPTH = "escrow:", 3


class Voice:
    """Speaks to whoever watches; silent where only facts are wanted."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self._is_silent = is_silent
        self._is_watched = sys.stdout.isatty() and not is_silent

    def say(self, text: str = "", indent: int = 2) -> None:
        """A line, wrapped where it is long, with time to read it."""
        if self._is_silent:
            return
        space = " " * indent
        lines = textwrap.wrap(text, WIDTH - indent) if len(text) > WIDTH and "\033" not in text else [text]
        for line in lines:
            print(f"{space}{line}".rstrip(), flush=True)  # noqa: T201
        if self._is_watched:
            time.sleep(SECONDS_A_LINE)

    def title(self, text: str) -> None:
        """The head of a story."""
        self.say()
        self.say(bold(text), 0)

    def asks(self, who: str, text: str) -> None:
        """What a person says."""
        self.say(f"{colour(f'{who}:', 36)} “{text}”")

    def answers(self, text: str) -> None:
        """What the platform says."""
        self.say(f"{colour('»', 35)} {text}")

    def done(self, text: str, *, is_good: bool = True) -> bool:
        """Something that has come to pass, or has not."""
        self.say(f"{mark(is_good=is_good)} {text}")
        return is_good

    def times(self, legs: Sequence[dict[str, Any]], zone: ZoneInfo) -> None:
        """An order's legs along the time: one bar each."""
        live = [leg for leg in legs if leg["status"] != "cancelled"]
        shown = sorted(live, key=lambda leg: (leg["starts"], leg["id"]))
        spans = [(_moment(leg["starts"]), _moment(leg["ends"])) for leg in shown]
        first, last = min(start for start, _ in spans), max(end for _, end in spans)
        whole = max((last - first).total_seconds(), 60)
        for leg, (start, end) in zip(shown, spans, strict=True):
            before = int((start - first).total_seconds() / whole * BAR)
            length = max(1, round((end - start).total_seconds() / whole * BAR))
            bar = " " * min(before, BAR - 1) + "█" * min(length, BAR - min(before, BAR - 1))
            when = f"{start.astimezone(zone):%a %H:%M} to {end.astimezone(zone):%H:%M}"
            title = textwrap.shorten(leg["title"], 30, placeholder="…")
            self.say(f"{title:<31}{colour(f'{bar:<{BAR}}', 34)} {dim(when)}", 4)

    def money(self, before: dict[str, int], after: dict[str, int]) -> None:
        """Where the money was and where it is."""
        for name in dict.fromkeys([*_grouped(before), *_grouped(after)]):
            was, now = _grouped(before).get(name, 0), _grouped(after).get(name, 0)
            if was or now:
                self.say(f"{name:<34}{dollars(was):>12}  →  {dollars(now):>10}", 4)


def _grouped(balances: dict[str, int]) -> dict[str, int]:
    """Balances as people think of them; all of escrow is one."""
    found: dict[str, int] = {}
    for account, minor in balances.items():
        name = "held in escrow" if account.startswith(_ESCROW) else _NAMES.get(account, account.replace(":", " "))
        found[name] = found.get(name, 0) + minor
    return found


_NAMES = {
    "provider:clearing": "at the payment provider (owed)",
    "platform:fees": "platform fees",
    "customer:ann": "Ann's credit with us",
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def mark(*, is_good: bool) -> str:
    """A tick, or a cross."""
    return colour("✓", 32) if is_good else colour("✗", 31)


def dim(text: str) -> str:
    """What is said aside."""
    return colour(text, 2)


def bold(text: str) -> str:
    """What is to be seen first."""
    return colour(text, 1)


def colour(text: str, code: int) -> str:
    """In an ANSI colour, where somebody looks."""
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def dollars(minor: int) -> str:
    """`-$5.00`"""
    return f"{'-' if minor < 0 else ''}${abs(minor) // 100:,}.{abs(minor) % 100:02}"
