"""How somebody sounds: calm, annoyed or frustrated, by what they say, how they write it, and what they said before.

A refusal is none of it: `no`, `no extra cost`, `sorry, sold out` are calm. What counts is saying it again, saying that
it was said, capitals, exclamation marks, insults.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.dialogue.phrasebook import Groups
from shared.dialogue.reply.model import Earlier, Mood, ReplyKind, Sentiment
from shared.dialogue.reply.own_text import own_text
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import keys_of
from shared.discovery.intents.words import Phrases
from shared.discovery.taxonomy import Taxonomy

__all__ = ["Earlier", "Mood", "Sentiment", "SentimentReader"]

ANNOYED_FROM, FRUSTRATED_FROM = 0.3, 0.6
WEIGHTS = {"repeated": 0.6, "wearied": 0.3, "angry": 0.6, "rude": 0.45}
WEARIED_MAX = 0.5
"""So much is all that is only weary worth together."""
CAPITALS, MARKS, MARK, SAME_AGAIN, SECOND_NO, THIRD_NO, SMILE = 0.2, 0.2, 0.1, 0.25, 0.15, 0.25, -0.15
EARLIER_MAX = 50
CAPITALS_SHARE_MIN, CAPITAL_LETTERS_MIN, CAPITAL_WORDS_MIN = 0.7, 6, 2
_WORD = re.compile(r"[^\W\d_]+")
_MANY_MARKS = re.compile(r"[!?]{2,}")


class SentimentReader:
    """Tells moods; made once."""

    def __init__(self, moods: Groups, taxonomy: Taxonomy) -> None:
        names = ("calm", "rude", "angry", "repeated", "wearied")
        meanings: dict[tuple[str, ...], str] = {}
        for name in names:
            for phrase in moods[name]:
                meanings.setdefault(keys_of(phrase), name)
        self._phrases = Phrases(meanings)
        self._pictures = {
            picture: name for name in ("angry", "wearied", "calm") for picture in moods[f"pictures_{name}"]
        }
        self._contractions = {word: tuple(said[0].split()) for word, said in taxonomy.phrases["contractions"].items()}

    def read(self, text: str, earlier: Sequence[Earlier] = (), kind: ReplyKind = "unclear") -> Sentiment:
        """The mood of a text; earlier: oldest first; kind: what it was read as. A first plain no is calm."""
        own = own_text(text)
        before = earlier[-EARLIER_MAX:]
        said = self._said(own)
        weary = sum(weight for weight, _ in said if weight == WEIGHTS["wearied"])
        found = [*said, (min(WEARIED_MAX - weary, 0.0), ""), *_written(own), *_again(own, before, kind)]
        score = round(min(max(sum(weight for weight, _ in found), 0.0), 1.0), 2)
        mood: Mood = "frustrated" if score >= FRUSTRATED_FROM else "annoyed" if score >= ANNOYED_FROM else "calm"
        return Sentiment(mood=mood, score=score, why=tuple(dict.fromkeys(why for weight, why in found if weight > 0)))

    def _said(self, text: str) -> list[tuple[float, str]]:
        sentence = Sentence(Reading(text), self._contractions, str)
        found: list[tuple[float, str]] = []
        at = 0
        while at < sentence.length:
            phrase = self._phrases.at(sentence.keys, at, sentence.ends[at])
            if phrase and phrase[0] != "calm":
                found.append((WEIGHTS[phrase[0]], f"says “{sentence.said(at, phrase[1])}”"))
            at = phrase[1] if phrase else at + 1
        pictures = [(sign, name) for sign, name in self._pictures.items() if sign in text]
        found += [(WEIGHTS[name], f"sends {sign}") for sign, name in pictures if name != "calm"]
        if any(name == "calm" for _, name in pictures):
            found.append((SMILE, ""))
        return found


def _written(text: str) -> list[tuple[float, str]]:
    """Capitals and marks; they tell little by themselves."""
    found: list[tuple[float, str]] = []
    words = _WORD.findall(text)
    letters = [letter for word in words for letter in word]
    shouted = [word for word in words if len(word) > 1 and word.isupper()]
    is_loud = len(letters) >= CAPITAL_LETTERS_MIN and len(shouted) >= CAPITAL_WORDS_MIN
    if is_loud and sum(letter.isupper() for letter in letters) >= CAPITALS_SHARE_MIN * len(letters):
        found.append((CAPITALS, "writes in capitals"))
    if _MANY_MARKS.search(text):
        found.append((MARKS, "many exclamation or question marks"))
    elif "!" in text:
        found.append((MARK, "an exclamation mark"))
    return found


def _again(text: str, earlier: Sequence[Earlier], kind: ReplyKind) -> list[tuple[float, str]]:
    """What the thread remembers: the same words once more, another refusal after refusals."""
    found: list[tuple[float, str]] = []
    said = _WORD.findall(text.lower())
    is_told_before = bool(said) and any(said == _WORD.findall(one.text.lower()) for one in earlier)
    if is_told_before and kind in {"no", "question"}:
        found.append((SAME_AGAIN, "says the same again"))
    refusals = sum(one.kind == "no" for one in earlier)
    if kind == "no" and refusals:
        weight = THIRD_NO if refusals > 1 else SECOND_NO
        found.append((weight, f"has refused {refusals + 1} times in this conversation"))
    return found
