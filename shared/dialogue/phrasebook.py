"""The words of the dialogue, as data: how partners and customers say things, and how they are told."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from shared.wire import Plain

Words = tuple[str, ...]
Groups = dict[str, Words]
_NARRATION = "narration_"


class Spanish(Plain):
    """Spanish for short replies. marks: by which a text is known; words, phrases: English → what it stands for."""

    marks: Words
    words: Groups
    phrases: Groups


class ReplyWords(Plain):
    """data/dialogue/replies.toml: signs by what they say, slips and pictures by what is meant, alone: what is meant by
    a reply of that letter."""

    signs: Groups
    words: Groups
    slips: Groups
    alone: Groups
    pictures: Groups
    spanish: Spanish


class SupportWords(Plain):
    """data/dialogue/support.toml: cues by what they tell, answers by language and question, words to a decision."""

    person: Groups
    asks: Groups
    topics: Groups
    answers: dict[str, Groups]
    decisions: dict[str, dict[str, str]]


class Phrasebook(Plain):
    """All of data/dialogue, one field a file; narration: language → event → part → alternatives."""

    replies: ReplyWords
    moods: Groups
    support: SupportWords
    tongues: dict[str, dict[str, str | Words]]
    narration: dict[str, dict[str, Groups]]

    @model_validator(mode="before")
    @classmethod
    def _languages(cls, given: Any) -> Any:
        """The file `narration_es` is a language of `narration`."""
        told = {name for name in given if name.startswith(_NARRATION)}
        if not told:
            return given
        narration = {name.removeprefix(_NARRATION): given[name] for name in told}
        return {**{name: table for name, table in given.items() if name not in told}, "narration": narration}
