"""Where it is to be: near the caller, an address, a zip code, a town or quarter, a named house, the office."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.discovery.intent import Location, Span
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary, keys_of
from shared.discovery.intents.words import Phrases
from shared.logistics.geo import Point

NAME_WORDS_MAX = 5
ADDRESS_WORDS_MAX = 5
_ZIP = re.compile(r"(?<![\d$#.,-])\d{5}(?:-\d{4})?(?![\d,.]\d|\d)")
_WITHIN = re.compile(
    r"\bwithin (?:[\w.]+ ){1,3}?(?:of|from) (?:me|here|us|my (?:location|place|home|house|apartment))\b"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?(?: ?\d[A-Z]{2})?\b")
_HOUSE = re.compile(r"(?<![\d$#.])\d{1,5}[a-z]?$")
_UNIT = re.compile(
    r"(?:,? ?(?:apt|apartment|suite|unit|ste|floor|#)\.? ?#?\w{1,5})?(?:,? (?:austin|tx|texas))*(?:,? \d{5})?", re.I
)


@dataclass(frozen=True, slots=True)
class Where:
    """A place and where the text says so; kind tells how exact it is, the least number first."""

    location: Location | None = None
    span: Span | None = None


class PlaceReader:
    """Reads places; neighbourhoods: names of the city's quarters besides those of the vocabulary."""

    def __init__(self, vocabulary: Vocabulary, neighbourhoods: Iterable[str]) -> None:
        names = (*vocabulary.cues("places", "cities"), *vocabulary.cues("places", "quarters"), *neighbourhoods)
        self._named = Phrases({keys_of(name): name for name in names})
        self._near = vocabulary.group("places", "near_me")
        self._spots = vocabulary.group("places", "spots")
        self._directions = vocabulary.words("places", "directions")
        self._before = vocabulary.words("places", "before")
        self._hailing = vocabulary.words("places", "hailing")
        self._streets = vocabulary.words("places", "streets")
        self._not_names = vocabulary.words("people", "not_names") - {"austin", "texas", "the", "new", "mr", "dr"}
        self._recipients = vocabulary.recipients
        self._mine = vocabulary.words("people", "mine")
        self._senses = vocabulary.senses

    def read(self, sentence: Sentence, near: Point | None) -> Where:
        """The most exact place that is said: address, zip code, name, then the office or home, then near me."""
        near_me = self._near_me(sentence)
        found = self._address(sentence) or self._zip(sentence) or self._name(sentence) or self._spot(sentence)
        if found:
            return Where(Location(text=found[0], is_near_me=near_me is not None and not found), found[1])
        if near_me:
            return Where(Location(is_near_me=True, point=near), near_me)
        return Where()

    def _near_me(self, sentence: Sentence) -> Span | None:
        for match in sentence.reading.find(_WITHIN):
            span = sentence.reading.claim(*match.span())
            sentence.sync()
            return span
        for _, start, end in sentence.all(self._near):
            words = sentence.text(start, end)
            if words in {"to me", "by me", "closest", "nearest"} and not words.endswith("est"):
                continue
            return sentence.claim(start, end)
        return None

    def _address(self, sentence: Sentence) -> tuple[str, Span] | None:
        for index in range(sentence.length - 1):
            token = sentence.tokens[index]
            if not token.text.isdigit() or len(token.text) > 5 or sentence.taken[index]:
                continue
            if sentence.key(index - 1) in {"room", "table", "size", "number", "suite"}:
                continue
            for end in range(index + 2, min(index + ADDRESS_WORDS_MAX + 2, sentence.length + 1)):
                if sentence.taken[end - 1] or sentence.key(end - 1) in {"at", "in", "to", "for", "by", "on"} or (
                    sentence.tokens[end - 1].is_after_pause and sentence.key(end - 2) not in {"n", "s", "e", "w"}
                ):
                    break
                key = sentence.key(end - 1)
                is_street = key in self._streets and (end - index > 2)
                is_numbered = (
                    end - index >= 3
                    and key.isdigit()
                    and sentence.key(end - 2) in {"highway", "hwy", "route", "rd", "ih"}
                )
                if (is_street and not self._goes_on(sentence, end)) or is_numbered:
                    return self._whole_address(sentence, index, end)
        return None

    def _goes_on(self, sentence: Sentence, end: int) -> bool:
        return end < sentence.length and sentence.key(end) in self._streets and not sentence.tokens[end].is_after_pause

    def _whole_address(self, sentence: Sentence, start: int, end: int) -> tuple[str, Span]:
        first, last = sentence.span(start, end)
        more = _UNIT.match(sentence.reading.plain, last)
        if more:
            last = more.end()
        span = sentence.reading.claim(first, last)
        sentence.sync()
        return sentence.reading.text[first:last].rstrip(" ,"), span

    def _zip(self, sentence: Sentence) -> tuple[str, Span] | None:
        for match in _POSTCODE.finditer(sentence.reading.text):
            before = sentence.reading.plain[: match.start()].rstrip().rpartition(" ")[2]
            if before in self._before and sentence.reading.is_free(*match.span()):
                span = sentence.reading.claim(*match.span())
                sentence.sync()
                return match.group(), span
        for index, token in enumerate(sentence.tokens):
            if len(token.text) == 5 and token.text.isdigit() and not sentence.taken[index]:
                before = sentence.key(index - 1)
                if before in self._before | {
                    "zip",
                    "code",
                    "zipcode",
                    "area",
                    "tx",
                    "texas",
                    "is",
                } or token.text.startswith("787"):
                    return token.text, sentence.claim(index, index + 1)
        return None

    def _name(self, sentence: Sentence) -> tuple[str, Span] | None:
        """A known name anywhere, or a capital behind `in`, `at`, `near`; `to` before `from`."""
        held: list[tuple[int, str, Span, int, int]] = []
        for index in range(sentence.length):
            if sentence.taken[index]:
                continue
            before = sentence.key(index - 1)
            start = index + 1 if sentence.keys[index] == "the" else index
            known = self._known_end(sentence, start)
            is_led = before in self._before and not sentence.tokens[index].is_after_pause
            if before == "from" and sentence.key(index - 2) in self._hailing:
                continue
            if known and (is_led or self._stands_alone(sentence, start, known)):
                end = self._capitals_end(sentence, known) if is_led and not sentence.is_shouted else known
                held.append((_rank(before), sentence.said(index, end), sentence.span(index, end), index, end))
            elif is_led and not sentence.is_shouted:
                end = self._with_spot(sentence, self._capitals_end(sentence, start), start)
                if end > start and not self._is_other(sentence, start, end, before):
                    held.append((_rank(before), sentence.said(index, end), sentence.span(index, end), index, end))
                elif before == "at" and start > index and (
                    end := self._with_spot(sentence, self._plain_end(sentence, start), start)
                ) > start:
                    held.append((_rank(before) + 1, sentence.said(index, end), sentence.span(index, end), index, end))
        if not held:
            return None
        best = min(held, key=lambda one: (one[0], one[2][0]))
        for _, _, _, start, end in held:
            if sentence.is_free(start, end):
                sentence.claim(start, end)
        return best[1], best[2]

    def _known_end(self, sentence: Sentence, index: int) -> int | None:
        at = index
        while at < sentence.length and sentence.keys[at] in self._directions and at - index < 2:
            found = sentence.at(self._named, at)
            if found and found[1] - at > 1:
                return found[1]
            at += 1
        found = sentence.at(self._named, at)
        if found:
            return found[1]
        found = sentence.at(self._named, index)
        return found[1] if found else None

    def _stands_alone(self, sentence: Sentence, start: int, end: int) -> bool:
        """A place without `in`: `pizza downtown`, `…, Austin`; not a thing's name (`Austin tour`)."""
        if end < sentence.length and not sentence.tokens[end].is_after_pause and not sentence.taken[end]:
            return sentence.keys[end] in self._not_names | self._before | {
                "for",
                "on",
                "by",
                "with",
                "please",
                "and",
                "that",
                "under",
                "this",
                "tomorrow",
            }
        return start > 0

    def _capitals_end(self, sentence: Sentence, index: int) -> int:
        """The end of a run of capitalised words; `of`, `at`, `the`, `&` may join them."""
        end = index
        while end < sentence.length and end - index < NAME_WORDS_MAX and not sentence.taken[end]:
            token = sentence.tokens[end]
            if token.is_after_pause and end > index and sentence.key(end - 1) not in {"st", "mt", "dr", "ste"}:
                break
            if (token.is_capital and token.key not in self._not_names) or (
                end > index and token.key in {"of", "at", "the", "&", "on"} and self._is_capital(sentence, end + 1)
            ):
                end += 1
            else:
                break
        return end

    def _with_spot(self, sentence: Sentence, end: int, start: int) -> int:
        """`St David's hospital`: what kind of place it is belongs to its name."""
        if end > start and end < sentence.length and not sentence.tokens[end].is_after_pause:
            found = sentence.at(self._spots, end)
            return found[1] if found else end
        return end

    def _is_capital(self, sentence: Sentence, index: int) -> bool:
        return (
            index < sentence.length
            and not sentence.taken[index]
            and sentence.tokens[index].is_capital
            and sentence.keys[index] not in self._not_names
        )

    def _is_other(self, sentence: Sentence, start: int, end: int, before: str) -> bool:
        """A capital that is a colour, a person or a thing; behind `to` and `from` a single one is a person."""
        if (
            sentence.at(self._senses, start) is not None
            or sentence.at(self._recipients, start) is not None
            or sentence.at(self._recipients, end) is not None
        ):
            return True
        is_single = end - start == 1 and sentence.key(start - 1) != "the"
        return before in {"to", "by"} and is_single and sentence.key(start - 2) not in {"shipping", "shipped", "ship"}

    def _plain_end(self, sentence: Sentence, index: int) -> int:
        """`at the driskill` in small letters: one or two words nobody knows."""
        end = index
        while end < sentence.length and end - index < 2 and not sentence.taken[end]:
            token = sentence.tokens[end]
            is_plain = token.text.isalpha() and len(token.text) > 3 and not (token.is_after_pause and end > index)
            if (
                not is_plain
                or sentence.at(self._senses, end)
                or token.key
                in self._before
                | {
                    "moment",
                    "latest",
                    "earliest",
                    "same",
                    "end",
                    "time",
                    "least",
                    "most",
                    "very",
                    "usual",
                    "minute",
                    "that",
                    "with",
                    "this",
                    "next",
                    "start",
                    "beginning",
                    "party",
                    "event",
                }
            ):
                break
            end += 1
        return end

    def _spot(self, sentence: Sentence) -> tuple[str, Span] | None:
        """`to my office`, `at her house`, `at home`."""
        for spot, start, end in sentence.all(self._spots):
            first = start
            while (
                first > 0
                and start - first < 3
                and sentence.is_free(first - 1, first)
                and not sentence.tokens[first].is_after_pause
            ):
                key = sentence.key(first - 1)
                if (
                    key not in self._mine
                    and not (sentence.tokens[first - 1].text.endswith("'s"))
                    and key not in {"lake", "beach"}
                ):
                    break
                first -= 1
            before = sentence.key(first - 1)
            if (
                spot
                and before in {"at", "to", "in", "near", "for", "into", "outside", "from"}
                and not sentence.tokens[first].is_after_pause
            ):
                if before == "for" and sentence.key(start) not in {"office", "lobby", "home", "house"}:
                    continue
                if before == "to" and sentence.key(first - 2) in {"go", "going", "trip"}:
                    continue
                if end < sentence.length and sentence.at(self._senses, end) and not sentence.tokens[end].is_after_pause:
                    continue
                return sentence.said(first, end), sentence.claim(first, end)
        return None


def _rank(before: str) -> int:
    return {"from": 6, "by": 4, "around": 2}.get(before, 0)
