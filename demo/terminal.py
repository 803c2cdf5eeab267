"""How the demo speaks: plain words, colours where the terminal has them."""

from __future__ import annotations

import os
import sys


def say(text: str = "") -> None:
    """A line, at once."""
    print(text, flush=True)  # noqa: T201


def mark(*, is_good: bool) -> str:
    """A tick, or a cross."""
    return colour("✓", 32) if is_good else colour("✗", 33)


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
    return f"{'-' if minor < 0 else ''}${abs(minor) // 100}.{abs(minor) % 100:02}"
