"""Templates of what is said: each with the flags that must hold and the facts that must be known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import NamedTuple


class Template(NamedTuple):
    """One way to say something. flags: what must hold; facts: what must be known."""

    text: str
    flags: frozenset[str]
    facts: frozenset[str]


def template(text: str) -> Template:
    """`[in_time,delayed] It comes {arrives}.` with its flags and facts."""
    flags, words = frozenset[str](), text
    if text.startswith("["):
        named, _, words = text[1:].partition("] ")
        flags = frozenset(named.split(","))
    facts = frozenset(name for _, name, _, _ in Formatter().parse(words) if name)
    return Template(words.strip(), flags, facts)


def said(alternatives: Sequence[Template], facts: Mapping[str, str], flags: frozenset[str]) -> str:
    """The first alternative that fits, with its facts; nothing where none does."""
    fits = (one for one in alternatives if one.flags <= flags and one.facts <= facts.keys())
    found = next(fits, None)
    return found.text.format(**facts) if found else ""
