"""Services asked for by what is to be done: `someone who can play guitar` wants a guitarist."""

from __future__ import annotations

from shared.discovery.intents.drafts import UNKNOWN_SURE, Draft
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary

WORDS_MAX = 6
"""So many words may stand between `somebody` and what is to be done."""


class RoleReader:
    """Reads verb phrases behind `someone who` and names who does such things."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._somebody = vocabulary.words("items", "somebody")
        self._roles = vocabulary.group("roles")
        self._senses = vocabulary.senses

    def read(self, sentence: Sentence) -> list[Draft]:
        """The services, left to right; claims the words they were read from."""
        found: list[Draft] = []
        asked = [index for index, key in enumerate(sentence.keys) if key in self._somebody]
        for role, start, end in list(sentence.all(self._roles)) if asked else ():
            if any(0 < start - index <= WORDS_MAX for index in asked):
                senses = self._senses.at(role.split(), 0, len(role.split()))
                category = (senses[0][0].name or None) if senses else None
                sentence.claim(start, end)
                found.append(Draft(role, category, start, end, confidence=UNKNOWN_SURE))
        return found
