"""The things that are wanted, each with what was said of it: noun phrases of known names, and of unknown ones."""

from __future__ import annotations

from dataclasses import dataclass

from shared.discovery.intent import Item, Span
from shared.discovery.intents.choices import Choices
from shared.discovery.intents.drafts import (
    KNOWN_SURE,
    MENDED_SURE,
    UNKNOWN_SURE,
    Draft,
    Run,
    attach,
    clear,
    counted,
    write,
)
from shared.discovery.intents.nouns import Nouns
from shared.discovery.intents.roles import RoleReader
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary, keys_of
from shared.discovery.intents.words import is_plural
from shared.discovery.intents.writing import Writing

ITEMS_MAX = 12
ORDER_MIN = 100
"""Numbers of orders begin here: `order 3 cakes` counts, `order 1042` names."""
UNKNOWN_WORDS_MAX = 3


@dataclass(frozen=True, slots=True)
class Things:
    """The items, and by place in the same order their spans and confidences; styles said anywhere."""

    items: tuple[Item, ...]
    spans: tuple[Span, ...]
    confidences: tuple[float, ...]
    styles: tuple[str, ...]


class ItemReader:
    """Reads items and styles out of what nobody else has claimed."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = vocabulary.words
        self._vocabulary = vocabulary
        self._nouns = Nouns(vocabulary)
        self._senses = vocabulary.senses
        self._weak = vocabulary.group("items", "weak")
        self._verbs = words("items", "verbs")
        self._determiners = words("items", "determiners")
        self._adjectives = vocabulary.adjectives
        self._stops = vocabulary.nameless
        self._wish_for = words("items", "wish_for")
        self._measures = words("party", "measures")
        self._counted = words("party", "counted")
        self._weights = words("party", "weights")
        self._not_counts = words("items", "not_counts")
        self._qualified = words("items", "qualified")
        self._choices = Choices(vocabulary)
        self._roles = RoleReader(vocabulary)
        self._paired = words("items", "paired")
        self._containers = {"".join(keys_of(phrase)) for phrase in vocabulary.cues("items", "containers")}

    def read(self, sentence: Sentence, writings: list[Writing]) -> Things:
        """All items, left to right; the weak ones (`gift`, `something`) only where nothing more exact is said."""
        roles = self._roles.read(sentence)
        drafts: list[Draft] = []
        run, styles = Run(), dict[str, None]()
        index = 0
        while index < sentence.length and len(drafts) < ITEMS_MAX:
            index = self._step(sentence, index, run, drafts, styles)
        self._flush(run, drafts)
        drafts = self._choices.made(sorted([*drafts, *roles], key=lambda draft: draft.start), sentence)
        write(drafts, writings, sentence)
        loose = [sense for sense in run.traits if sense.kind != "style"]
        if drafts and loose:
            attach(drafts[0], loose)
        return Things(
            tuple(draft.item() for draft in drafts),
            tuple(sentence.span(draft.start, draft.end) for draft in drafts),
            tuple(draft.confidence for draft in drafts),
            tuple(styles),
        )

    def _step(self, sentence: Sentence, index: int, run: Run, drafts: list[Draft], styles: dict[str, None]) -> int:
        """Read one word or phrase; gives back where the next begins."""
        if sentence.taken[index]:
            self._flush(run, drafts)
            return index + 1
        if sentence.tokens[index].is_after_pause:
            self._pause(run, drafts)
        if self._nouns.is_verb(sentence, index):
            self._flush(run, drafts)
            return index + 1
        if (
            sentence.keys[index] in self._measures
            and sentence.key(index + 1) == "of"
            and self._nouns.noun_behind(sentence, index + 2)
        ):
            run.start = index if run.start is None else run.start
            run.has_article = True
            return index + 2
        number = sentence.number(index)
        if number and sentence.key(number[1]) in {"x", "by"} and sentence.key(number[1] + 1).isdigit():
            return number[1] + 2  # `10x10 tents`
        if number:
            return self._number(sentence, index, number, run, drafts)
        found = sentence.at(self._senses, index)
        if found:
            senses, end = found
            sense = self._nouns.chosen(sentence, senses, index, end, drafts[-1] if drafts else None)
            if sense.kind == "thing":
                return self._thing(sentence, index, end, sense.name, run, drafts)
            if sense.kind == "style":
                styles.setdefault(sense.value)
            else:
                run.traits.append(sense)
            run.start = index if run.start is None else run.start
            return end
        return self._plain(sentence, index, run, drafts)

    def _plain(self, sentence: Sentence, index: int, run: Run, drafts: list[Draft]) -> int:
        key = sentence.keys[index]
        if key in {"and", "or", "&", "+", "/"} and run.traits:
            return index + 1
        weak = sentence.at(self._weak, index)
        if weak and not self._nouns.is_blocked(sentence, run.start if run.start is not None else index, run, drafts):
            self._add(sentence, index, weak[1], None, run, drafts, is_weak=True)
            return weak[1]
        if key == "all" and (trait := sentence.at(self._senses, index + 1)) and trait[0][0].kind != "thing":
            return index + 1
        if key in self._determiners:
            self._flush(run, drafts)
            run.start, run.has_article = index, True
            return index + 1
        if key in self._adjectives:
            run.start = index if run.start is None else run.start
            return index + 1
        occasion = self._vocabulary.occasions.at(sentence.keys, index, sentence.ends[index])
        if occasion and occasion[1] < sentence.ends[index] and self._nouns.is_unknown(sentence, occasion[1]):
            run.start = index if run.start is None else run.start  # `graduation stoles`
            return occasion[1]
        if key not in self._stops and sentence.tokens[index].text.replace("'", "").isalpha():
            return self._unknown(sentence, index, run, drafts)
        if key == "x" and (number := sentence.number(index + 1)) and drafts:
            drafts[-1].quantity = counted(number[0])
            return number[1]
        self._flush(run, drafts)
        run.is_part = run.is_part and key in {"and", "or", "a"}
        return index + 1

    def _number(self, sentence: Sentence, index: int, number: tuple[float, int], run: Run, drafts: list[Draft]) -> int:
        """A quantity in front of a thing or behind it (`18 of them`); not `5-tier`, `size 10`, `30th`."""
        value, end = number
        if any(key == "pair" for key in sentence.keys[index:end]):
            value = self._pairs(sentence, value, end)
        if sentence.keys[index] in self._determiners and end == index + 1:
            value = 1
        after = sentence.key(end)
        joined = end < sentence.length and sentence.tokens[end].is_joined
        if (
            joined
            or (after in self._counted and value != int(value))
            or (after in self._counted - self._measures and after != "x")
        ):
            return end + 1 if end < sentence.length else end
        if sentence.key(index - 1) in self._not_counts:
            return end
        if sentence.key(index - 1) == "order" and value >= ORDER_MIN and not self._nouns.noun_behind(sentence, end):
            return end
        if after in self._weights:
            self._flush(run, drafts)
            run.start, run.has_article, run.quantity = index, True, 1
            return end + (2 if sentence.key(end + 1) == "of" else 1)
        is_of_them = after == "of" and sentence.key(end + 1) in {"them", "those", "these", "which", "em"}
        if drafts and is_of_them and sentence.at(self._senses, end + 2) is None:
            drafts[-1].quantity = counted(value)
            return end + 2
        if sentence.key(end - 1) == "of" and sentence.key(end) in {"those", "these", "the", "your"}:
            end += 1
        elif after == "of" and sentence.key(end + 1) in {"those", "these", "the", "your"}:
            end += 2
        if self._is_said_after(sentence, index, end, drafts):
            if drafts:
                drafts[-1].quantity = counted(value)
            return end
        if after in {"x", "time"}:
            end += 1
        self._flush(run, drafts)
        run.start, run.quantity = index, counted(value)
        return end

    def _is_said_after(self, sentence: Sentence, index: int, end: int, drafts: list[Draft]) -> bool:
        """`cupcakes x6`; `cupcakes, 3 dozen`; `kolaches 3 dozen for pick up`."""
        if drafts and sentence.key(index - 1) in {"x", "qty", "quantity"}:
            return True
        if drafts and drafts[-1].end == index and self._ends(sentence, end, "for"):
            return True
        return sentence.tokens[index].is_after_pause and self._ends(sentence, end)

    def _pairs(self, sentence: Sentence, value: float, end: int) -> float:
        """Pairs are counted as pairs; one pair of what does not come in pairs is two."""
        return value / 2 if value > 2 or end >= sentence.length or sentence.keys[end] in self._paired else value

    def _ends(self, sentence: Sentence, index: int, *more: str) -> bool:
        """Whether a clause ends here, a `pieces` or `pairs` before it; more: words that end it too."""
        if index < sentence.length and sentence.keys[index] in self._measures | {"total", "pc", "pcs"}:
            index += 1
        return index >= sentence.length or sentence.tokens[index].is_after_pause or sentence.keys[index] in more

    def _thing(self, sentence: Sentence, index: int, end: int, category: str, run: Run, drafts: list[Draft]) -> int:
        """A known noun: measured by what stands before it, or the head of a compound, or part of a purpose."""
        start = index
        if sentence.keys[end - 1] in self._measures and sentence.key(end) == "of":
            follows = self._nouns.noun_behind(sentence, end + 1)
            if follows:
                return end + 1
        while (more := self._nouns.compound(sentence, index, end)) is not None:
            index, end, category = more
        first = run.start if run.start is not None else start
        if drafts and self._nouns.is_half(sentence, first):
            clear(run)
            return end
        if self._nouns.is_blocked(sentence, first, run, drafts, category):
            if drafts and sentence.key(first - 1) == "of":
                drafts[-1].attributes.setdefault("contents", []).append(sentence.text(start, end))
                attach(drafts[-1], run.traits)
            clear(run)
            return end
        is_qualified = sentence.key(end) in self._qualified and sentence.ends[start] > end
        if is_qualified and sentence.key(end + 1) not in {"to", "like"}:
            return end + 1  # `microwave safe`
        is_weak = bool(category) and self._nouns.is_gift(sentence, start, end)
        self._add(sentence, start, end, category or None, run, drafts, is_weak=is_weak)
        return end

    def _add(
        self,
        sentence: Sentence,
        start: int,
        end: int,
        category: str | None,
        run: Run,
        drafts: list[Draft],
        *,
        is_weak: bool = False,
    ) -> None:
        name = sentence.text(start, end)
        quantity = run.quantity or 1
        sure = MENDED_SURE if any(token.is_mended for token in sentence.tokens[start:end]) else KNOWN_SURE
        if is_weak and (category is None or sentence.keys[start] in {"something", "surprise"}):
            name, category = "gift", "gift"
        elif category is None:
            sure = UNKNOWN_SURE
        draft = Draft(name, category, start, end, quantity, confidence=sure, is_weak=is_weak)
        draft.is_container = (
            "".join(sentence.keys[start:end]) in self._containers or sentence.keys[end - 1] in self._containers
        )
        attach(draft, run.traits)
        drafts.append(draft)
        clear(run)

    def _unknown(self, sentence: Sentence, index: int, run: Run, drafts: list[Draft]) -> int:
        """Words nobody knows: a name in front of a known noun, or a thing by itself where one is asked for."""
        end = index
        while end < sentence.ends[index] and end - index < UNKNOWN_WORDS_MAX and self._nouns.is_unknown(sentence, end):
            end += 1
        if end == index:
            self._flush(run, drafts)
            return index + 1
        found = sentence.at(self._senses, end) if end < sentence.ends[index] else None
        if (
            found
            and any(sense.kind == "thing" for sense in found[0])
            and not self._nouns.is_verb(sentence, end)
            and not is_plural(sentence.tokens[end - 1].text)
        ):
            run.start = index if run.start is None else run.start
            return end
        first = run.start if run.start is not None else index
        if not self._is_asked(sentence, first, end, run, drafts) or self._nouns.is_blocked(
            sentence, first, run, drafts
        ):
            if run.has_article:
                run.traits = []
            self._flush(run, drafts)
            return end
        self._add(sentence, index, end, None, run, drafts)
        return end

    def _is_asked(self, sentence: Sentence, first: int, end: int, run: Run, drafts: list[Draft]) -> bool:
        """Behind a verb of wishing, a number, an `and` after an item; or the first words of a fragment."""
        before = sentence.key(first - 1)
        if (run.quantity and not sentence.tokens[first].is_after_pause) or self._nouns.is_indefinite(sentence, first):
            return True
        if before in self._verbs or (before == "for" and sentence.key(first - 2) in self._wish_for):
            return True
        if before in {"and", "+", "&", "plus"} and drafts and not sentence.taken[first - 1]:
            return self._nouns.stands_well(sentence, end)
        if first == 0 or (sentence.tokens[first].is_after_pause and drafts and run.has_article):
            return self._nouns.stands_well(sentence, end) and (
                end < sentence.length or run.has_article or bool(drafts) or end - first == 1
            )
        return bool(sentence.tokens[first].is_after_pause and run.has_article)

    def _pause(self, run: Run, drafts: list[Draft]) -> None:
        self._flush(run, drafts)

    def _flush(self, run: Run, drafts: list[Draft]) -> None:
        """No noun came: what was said belongs to the item before, or waits for the first one."""
        if drafts and run.traits:
            if not run.has_article:  # else they are those of a noun that is none of the things wanted
                attach(drafts[-1], run.traits)
            run.traits = []
        run.start, run.quantity, run.has_article = None, None, False
