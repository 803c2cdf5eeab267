"""Who is frustrated, who is only brief; and that nobody is because they say no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.reply.sentiment import Earlier, SentimentReader

SENTENCES = Path(__file__).parents[1] / "sentences"
NO = Earlier(text="no pink, sorry", kind="no")


@pytest.mark.parametrize(
    "text",
    [
        "I already told you no pink!", "STOP ASKING ME!!!", "how many times do i have to say it, NO PINK",
        "This is ridiculous, I already said no", "ya le dije que no hay rosa!", "Are you people idiots?? No pink!!",
        "For the last time: we do not have pink.", "What part of no do you not understand", "wtf stop texting me",
        "waste of my time honestly", "do you people read? NO PINK", "fed up with these messages",
        "\U0001f621\U0001f92c no",
    ],
)  # fmt: skip
def test_frustration(moods: SentimentReader, text: str) -> None:
    found = moods.read(text, (), "no")
    assert found.mood == "frustrated"
    assert found.why


ANNOYED = ["NO PINK!!!", "oh great, another change \U0001f644", "ugh, again?", "NO WE DON'T HAVE IT!"]


@pytest.mark.parametrize("text", ANNOYED)
def test_annoyance(moods: SentimentReader, text: str) -> None:
    assert moods.read(text, (), "no").mood == "annoyed"


@pytest.mark.parametrize(
    "text",
    [
        "no", "No", "NO", "No!", "no extra cost", "No, we don't have pink flowers", "sold out \U0001f614", "OK",
        "YES!!",
        "no problem!", "we already have pink ready", "Already baked, too late to change", "impossible", "Hell yes",
        "no way, traffic is crazy", "WE CAN DO IT", "sorry again, no pink",
        "can't do it sorry, already cut the red ones",
    ],
)  # fmt: skip
def test_a_plain_no_is_calm(moods: SentimentReader, text: str) -> None:
    assert moods.read(text, (), "no").mood == "calm"


def test_a_thread_remembers_what_was_refused(moods: SentimentReader) -> None:
    assert moods.read("no", (), "no").mood == "calm"
    assert moods.read("not today", (NO,), "no").mood == "calm"
    assert moods.read("no, still not", (NO, NO), "no").mood == "annoyed"
    assert moods.read("I said no", (NO,), "no").mood == "frustrated"
    assert moods.read("no pink, sorry", (NO, NO), "no").mood == "annoyed"
    assert moods.read("yes, now we have it", (NO, NO, NO), "yes").mood == "calm"


def test_hardly_any_of_a_thousand_replies_is_taken_for_frustration(moods: SentimentReader) -> None:
    cases = [
        json.loads(line)
        for path in SENTENCES.glob("replies_*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    upset = [case["text"] for case in cases if moods.read(case["text"], (), case["kind"]).mood == "frustrated"]
    assert all(any(word in text for word in ("told", "said", "stop", "how many times")) for text in upset), upset
    assert len(upset) < 10


@given(st.text(max_size=200))
def test_any_text_has_a_mood(moods: SentimentReader, text: str) -> None:
    assert 0 <= moods.read(text, (NO,), "no").score <= 1
