"""Whatever is typed, an intent comes out: spans lie in the text, and no two fields claim the same words."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.discovery.intent import Intent
from shared.discovery.intents.reading import TEXT_LENGTH_MAX
from shared.discovery.intents.resolver import Resolver

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)
WORDS = [
    "flowers",
    "a",
    "the",
    "for",
    "my",
    "mom",
    "$",
    "50",
    "under",
    "no",
    "not",
    "and",
    "or",
    "without",
    "between",
    "to",
    "dozen",
    "two",
    "of",
    "in",
    "Austin",
    "at",
    "pink",
    "gold",
    "engraved",
    "with",
    '"',
    "'",
    "if",
    "when",
    "sunny",
    "every",
    "Friday",
    "cancel",
    "order",
    "people",
    "per",
    "person",
    "%",
    "off",
    "below",
    "degrees",
    "half",
    "x",
    "123",
    "Main",
    "St",
    ",",
    ".",
    "-",
    "gift",
    "box",
    "pair",
    "says",
    "allergic",
    "nuts",
    "free",
    "instead",
    "near",
    "me",
    "size",
    "#",
    "k",
]


def is_sound(intent: Intent, text: str) -> bool:
    length = min(len(text), TEXT_LENGTH_MAX)
    spans = [
        span
        for name, held in intent.spans.items()
        if name not in {"occasion", "deliver_by", "conditions"}
        for span in held
    ]
    inside = all(0 <= start < end <= length for held in intent.spans.values() for start, end in held)
    ordered = sorted(set(spans))
    return inside and all(a[1] <= b[0] for a, b in pairwise(ordered))


@settings(deadline=None, max_examples=300)
@given(text=st.one_of(st.text(max_size=300), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)))
def test_any_text_is_read_and_no_two_fields_claim_the_same_words(text: str, resolver: Resolver) -> None:
    intent = resolver.resolve(text, NOW, ZONE)
    assert is_sound(intent, text)
    assert intent == resolver.resolve(text, NOW, ZONE)
    assert intent == Intent.model_validate(intent.model_dump(mode="json"))


HOSTILE = [
    "",
    " ",
    "\x00",
    "\x00flowers\x00",
    "\U0001f339" * 200,
    "\u202eflowers\u202c",
    "ورود للأم",
    "a" * 100_000,
    "no " * 30_000,
    "$" * 5_000,
    "1" * 5_000,
    "'" * 3_000,
    "flowers and " * 8_000,
    "between 1 and 2 " * 500,
    "İ" * 500,
    "1,000,000,000,000,000 dollars",
    "under $99999999999999999999",
    "((((((((((",
    "\\u0000",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "that says " * 500,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(text: str, resolver: Resolver) -> None:
    assert is_sound(resolver.resolve(text, NOW, ZONE), text)
