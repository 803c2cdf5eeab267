"""Which of the things that were read are wanted: not what was taken back, who makes it, or a wider word for it."""

from __future__ import annotations

import re
from itertools import pairwise

from shared.discovery.intents.drafts import Draft
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.intents.words import key_of

_TITLE = re.compile(r"(?!.*(?:need|want|requir|please))(?: [\w-]+){0,2} ?:")
_ATTENDS = frozenset({"see", "watch", "attend", "carry", "put", "do", "make", "set", "keep", "wear", "play"})
_PREPOSITIONS = frozenset({"with", "for", "of", "to", "and", "in", "on", "at", "or", "plus", "from"})
_BESIDE = frozenset({"with", "w"})
_BROKEN = frozenset(
    {"broken", "broke", "overflowing", "leaking", "leak", "flooded", "flooding", "clogged", "cracked", "dead", "burst"}
)
_THEME = frozenset({"theme", "themed"})
_OWNERS = frozenset({"my", "our", "his", "her", "their"})
WITH_WORDS_MAX, BROKEN_WORDS_MAX = 3, 2
LED_WORDS_MAX = 4
"""So many words before a thing may say that it is an example or a correction."""


class Choices:
    """Drops what was named but is not wanted by itself, and gives to the rest what belongs to it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = vocabulary.words
        self._taxonomy = vocabulary.taxonomy
        self._real = words("items", "real_services")
        self._never = words("items", "never_things")
        self._makers = words("items", "makers")
        self._making = words("items", "making")
        self._wishes = words("items", "verbs") | {"with", "for", "of", "to"}
        self._acts = vocabulary.common("verbs") - self._wishes
        self._broad = words("items", "broad")
        self._examples = words("items", "examples")
        self._taken_back = vocabulary.group("items", "taken_back")

    def made(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """What is wanted, each once: the weak ones (`gift`) only where nothing more exact is said."""
        drafts = [draft for draft in drafts if key_of(draft.name) not in self._never]
        drafts = self._stood_by(drafts, sentence)
        drafts = self._untitled(drafts, sentence)
        drafts = self._asked_for(drafts, sentence)
        drafts = self._without_makers(drafts, sentence)
        drafts = self._carried(drafts)
        drafts = _themed(_unbroken(drafts, sentence), sentence)
        drafts = self._accompanied(drafts, sentence)
        drafts = self._narrowed(drafts, sentence)
        return _each_once(_exact(self._served(drafts)))

    def _untitled(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """`grocery run: oat milk, 6 eggs`: what stands before the colon only says what the list is."""
        if len(drafts) < 2 or sentence.key(drafts[1].start - 1) == "with":
            return drafts
        between = sentence.reading.plain[
            sentence.span(drafts[0].start, drafts[0].end)[1] : sentence.span(drafts[1].start, drafts[1].end)[0]
        ]
        return drafts[1:] if _TITLE.match(between) else drafts

    def _asked_for(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """Without what is told of by the way: `my goldfish died`, `a calligrapher to address 85 envelopes`."""
        kept: list[Draft] = []
        for draft in drafts:
            if kept and self._is_purpose(kept[-1], draft, sentence):
                continue
            if kept and draft.name.startswith("ribbon") and kept[-1].category in self._taxonomy.descendants["flowers"]:
                continue
            if sentence.key(draft.start) == "cap" and sentence.key(draft.start - 1).isdigit():
                continue
            kept.append(draft)
        others = [draft for draft in kept if not self._is_owned(draft, sentence)]
        return others or kept or drafts

    def _is_purpose(self, draft: Draft, behind: Draft, sentence: Sentence) -> bool:
        """`tickets to see the ballet`, `a kit for making candles`."""
        if sentence.ends[draft.end - 1] <= behind.start or self._makes(draft, sentence):
            return False
        between = sentence.keys[draft.end : behind.start + 1]
        if "and" in between or draft.is_weak:
            return False
        if sentence.key(draft.end - 1) == "ticket" and {"to", "for"} & {*between}:
            return True
        return any(
            (first == "to" and (second in self._acts or second in _ATTENDS))
            or (first == "for" and second in self._acts and second.endswith("ing"))
            for first, second in pairwise(between)
        )

    def _is_owned(self, draft: Draft, sentence: Sentence) -> bool:
        """Whether somebody has it already, and nobody is asked to bring it: `lost my luggage`, `fill the fridge`."""
        first = draft.start
        while first > max(0, draft.start - LED_WORDS_MAX) and not sentence.tokens[first].is_after_pause:
            first -= 1
            key, before = sentence.keys[first], sentence.key(first - 1)
            if key in _OWNERS or sentence.tokens[first].text.endswith("'s"):
                return before not in self._wishes and before != "and"
            if key == "the":
                return before in self._acts and before not in self._wishes
            if key in {"a", "an", "some"} or key in _PREPOSITIONS or sentence.taken[first] or sentence.number(first):
                return False
        return False

    def _stood_by(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """`a clown? no, a magician`: what stands before the last correction is dropped if something follows it."""
        kept = drafts
        for _, start, end in sentence.all(self._taken_back):
            is_bare = end - start == 1
            if is_bare and not (sentence.tokens[start].is_after_pause and self._is_pause(sentence, end)):
                continue
            kept = [draft for draft in kept if draft.start >= end] or kept
        return kept

    def _is_pause(self, sentence: Sentence, index: int) -> bool:
        return index < sentence.length and (
            sentence.tokens[index].is_after_pause or sentence.key(index) in {"need", "just", "only", "rather"}
        )

    def _without_makers(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """`a florist who does bridal bouquets`: the bouquets are wanted."""
        kept = [draft for at, draft in enumerate(drafts) if not (drafts[at + 1 :] and self._makes(draft, sentence))]
        return kept or drafts

    def _makes(self, draft: Draft, sentence: Sentence) -> bool:
        if sentence.key(draft.end - 1) not in self._makers:
            return False
        behind = sentence.keys[draft.end : draft.end + LED_WORDS_MAX]
        return any(
            who in {"who", "that", "which", "to"} and verb in self._making
            for who, verb in pairwise(behind)
        )

    def _accompanied(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """`a pub with a roast`: a part of it; `flowers with chocolates` are two things that can be brought together."""
        kept: list[Draft] = []
        for draft in drafts:
            before = sentence.keys[max(draft.start - WITH_WORDS_MAX, 0) : draft.start]
            is_beside = bool(kept) and kept[-1].end <= draft.start and bool(_BESIDE & {*before}) and "and" not in before
            if is_beside and not (self._is_brought(kept[-1]) and self._is_brought(draft)):
                kept[-1].attributes.setdefault("contents", []).append(draft.name)
            else:
                kept.append(draft)
        return kept

    def _is_brought(self, draft: Draft) -> bool:
        """Whether it is a thing that comes to the door."""
        category = self._taxonomy.categories.get(draft.category or "")
        return category is not None and category.node == "product" and category.delivery in {"courier", "cold"}

    def _carried(self, drafts: list[Draft]) -> list[Draft]:
        """`a courier: documents from …`: what nobody sells is what is carried."""
        if not drafts or "courier" not in self._taxonomy.ancestors.get(drafts[0].category or "", ()):
            return drafts
        return [drafts[0], *(draft for draft in drafts[1:] if draft.category is not None)]

    def _narrowed(self, drafts: list[Draft], sentence: Sentence) -> list[Draft]:
        """`sympathy flowers, white lilies`; `breakfast, maybe pancakes`: the narrower word says it all."""
        kept: list[Draft] = []
        for at, draft in enumerate(drafts):
            behind = drafts[at + 1] if at + 1 < len(drafts) else None
            if behind and (self._is_apposed(draft, behind, sentence) or self._is_example(draft, behind, sentence)):
                for name, values in draft.attributes.items():
                    behind.attributes.setdefault(name, []).extend(values)
                continue
            is_told = sentence.key(draft.end) == "only" and sentence.tokens[draft.start].is_after_pause
            if is_told and kept:  # `centerpieces, wildflowers only`
                kept[-1].attributes.setdefault("contents", []).append(draft.name)
                continue
            kept.append(draft)
        return kept

    def _is_apposed(self, draft: Draft, behind: Draft, sentence: Sentence) -> bool:
        above = self._taxonomy.ancestors.get(behind.category or "", ())[1:]
        between = sentence.keys[draft.end : behind.start]
        is_list = {"and", "&", "plus", "+", "or", "a", "an", "some", "with"} & {*between, sentence.key(behind.end)}
        return draft.category in above and not is_list and len(between) <= LED_WORDS_MAX

    def _is_example(self, draft: Draft, behind: Draft, sentence: Sentence) -> bool:
        if sentence.key(draft.end - 1) not in self._broad:
            return False
        first = max(draft.end, behind.start - LED_WORDS_MAX)
        return any(sentence.keys[at] in self._examples for at in range(first, behind.start))

    def _served(self, drafts: list[Draft]) -> list[Draft]:
        """`a locket, engraving: …`: a service named beside a thing is what is to be done to it."""
        categories = self._taxonomy.categories
        kept: list[Draft] = []
        for draft in drafts:
            category = categories.get(draft.category or "")
            kind = category.node if category else "product"
            others = [other for other in drafts if other is not draft and not self._is_service(other)]
            if not others or not self._is_service(draft):
                kept.append(draft)
            elif category and category.capabilities and kind != "delivery":
                others[-1].attributes.setdefault(kind, []).append(category.capabilities[0])
        return kept

    def _is_service(self, draft: Draft) -> bool:
        category = self._taxonomy.categories.get(draft.category or "")
        is_tool = category is not None and category.node in {"customization", "packaging", "delivery"}
        return is_tool and key_of(draft.name.split()[-1]) not in self._real


def _unbroken(drafts: list[Draft], sentence: Sentence) -> list[Draft]:
    """`the heater's broken, send a technician`: what is broken is not what is wanted, if something else is named."""
    whole = [draft for draft in drafts if not _BROKEN & {*sentence.keys[draft.start : draft.end + BROKEN_WORDS_MAX]}]
    return whole or drafts


def _themed(drafts: list[Draft], sentence: Sentence) -> list[Draft]:
    """`a cake, unicorn theme`: what it is to look like, if something else is named."""
    themes = [draft for draft in drafts if sentence.key(draft.end) in _THEME]
    things = [draft for draft in drafts if draft not in themes]
    for theme in themes if things else ():
        things[0].attributes.setdefault("theme", []).append(theme.name)
    return things or drafts


def _exact(drafts: list[Draft]) -> list[Draft]:
    """Drop `something` beside a real thing; what was said of it goes to the real one."""
    exact = [draft for draft in drafts if not draft.is_weak]
    for weak in (draft for draft in drafts if draft.is_weak and exact):
        for name, values in weak.attributes.items():
            exact[0].attributes.setdefault(name, []).extend(values)
    return exact or drafts[:1]


def _each_once(drafts: list[Draft]) -> list[Draft]:
    held: dict[str, Draft] = {}
    for draft in drafts:
        known = held.setdefault(key_of(draft.name), draft)
        if known is not draft:
            known.quantity = max(known.quantity, draft.quantity)
            for name, values in draft.attributes.items():
                known.attributes.setdefault(name, []).extend(values)
    return list(held.values())
