"""Which words make a noun phrase, and whether it names something wanted or only a purpose, a place, a part."""

from __future__ import annotations

import re

from shared.discovery.intents.drafts import Draft, Run
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import FOOD, Sense, Senses, Vocabulary
from shared.discovery.intents.words import is_plural

_GIBBERISH = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|^[^aeiouy]{4,}$")


# A preposition and the word before it → whether they lead to no thing that is wanted.
_FIXED = {
    ("as", "soon"): False,
    **{("after", be): False for be in ("am", "are", "is")},  # `I'm after a shirt`
    **{("on", look): False for look in ("eye", "look", "watch", "tab", "tabs", "lookout")},
    **{("like", form): True for form in ("shaped", "look", "looks", "looking", "tastes", "sounds")},
}


# What is to be met with at these belongs to them: `a tasting with a sommelier`.
_LED = ("classes", "wine-tour", "beer-tour", "city-tour", "entertainer", "musician", "photographer")
_OF_HALF = frozenset({"a", "an", "dozen", "case", "of", "the"})
_COLOURED = frozenset({"coloured", "colored", "tone", "toned", "tinted"})


class Nouns:
    """The grammar of noun phrases, as far as items need it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = vocabulary.words
        self._vocabulary = vocabulary
        self._senses = vocabulary.senses
        self._gift_like = vocabulary.words("items", "gift_like")
        self._determiners = words("items", "determiners")
        self._adjectives = vocabulary.adjectives
        self._stops = vocabulary.nameless
        self._acts = vocabulary.common("verbs")
        self._after_be = words("items", "be")
        self._also_verbs = words("items", "also_verbs")
        self._purpose = words("items", "purpose")
        self._wish_for = words("items", "wish_for")
        self._go_to = words("items", "go_to")
        self._measures = words("party", "measures")

    def is_gift(self, sentence: Sentence, start: int, end: int) -> bool:
        """Whether a noun leaves the choice to us."""
        if sentence.keys[start] == "something":
            return True
        return sentence.keys[end - 1] in self._gift_like | {"surprise", "voucher"} and self._vocabulary.is_within(
            (sentence.at(self._senses, start) or (((Sense("thing", "gift"),)), 0))[0][0].name, "gift"
        )

    def noun_behind(self, sentence: Sentence, index: int) -> bool:
        """Whether a thing, known or not, follows past numbers and properties."""
        while index < sentence.length and not sentence.taken[index]:
            found = sentence.at(self._senses, index)
            if found:
                if any(sense.kind == "thing" for sense in found[0]):
                    return True
                index = found[1]
            elif sentence.keys[index] in self._adjectives | self._determiners or sentence.number(index):
                index += 1
            else:
                return sentence.keys[index] not in self._stops
        return False

    def compound(self, sentence: Sentence, start: int, end: int) -> tuple[int, int, str] | None:
        """`rose bouquet`, `chocolate cake`: a noun right behind a singular one takes over as the head."""
        if end >= sentence.length or sentence.tokens[end].is_after_pause or sentence.taken[end]:
            return None
        if is_plural(sentence.tokens[end - 1].text):
            return None
        found = sentence.at(self._senses, end)
        if not found and self._is_head(sentence, end):
            return (start, end + 1, "")
        if not found or self.is_verb(sentence, end):
            return None
        thing = next((sense for sense in found[0] if sense.kind == "thing"), None)
        return (start, found[1], thing.name) if thing else None

    def _is_head(self, sentence: Sentence, index: int) -> bool:
        """`watch strap`: an unknown noun right behind a known one, where the phrase ends."""
        token = sentence.tokens[index]
        is_new = self.is_unknown(sentence, index) and token.key not in self._acts and len(token.key) > 3
        is_done = token.text.endswith("ed") and len(token.text) > 5  # `my suit pressed`
        return is_new and not is_done and not token.is_capital and self.stands_well(sentence, index + 1)

    def is_unknown(self, sentence: Sentence, index: int) -> bool:
        """Whether a word is one that nobody knows, and may be a thing."""
        key = sentence.keys[index]
        return (
            not sentence.taken[index]
            and key not in self._stops
            and key not in self._determiners
            and (key not in self._adjectives)
            and sentence.tokens[index].text.replace("'", "").isalpha()
            and len(key) > 1
            and not _GIBBERISH.search(key)
            and not sentence.at(self._senses, index)
            and not self._is_act(sentence, index)
            and not self._vocabulary.occasions.at(sentence.keys, index, sentence.length)
        )

    def _is_act(self, sentence: Sentence, index: int) -> bool:
        """A verb, unless it stands where a noun does: `quote 40 umbrellas`, but `a drill`, `a tree stand`."""
        if sentence.keys[index] not in self._acts:
            return False
        before = sentence.key(index - 1)
        is_joined = sentence.tokens[index].is_joined
        if not index or (sentence.tokens[index].is_after_pause and not is_joined) or before in {"i", "we", "you", "to"}:
            return True
        if before in self._determiners or before in self._adjectives or sentence.number(index - 1) or is_joined:
            return False
        is_named = before not in self._stops and before not in self._acts and not sentence.taken[index - 1]
        if sentence.tokens[index].text.endswith("s"):
            return not (is_named and self.stands_well(sentence, index + 1))
        return not is_named or sentence.tokens[index].text.endswith("ed")

    def is_indefinite(self, sentence: Sentence, first: int) -> bool:
        """`a telescope`: named for the first time, or waited for; unless somebody is said to be one."""
        if sentence.key(first) in {"the", "that", "this", "those", "these"}:
            return sentence.key(first - 1) in {"when", "if", "once", "whenever", "until", "moment", "second", "minute"}
        if sentence.key(first) not in {"a", "an", "some", "another"}:
            return False
        return sentence.tokens[first].is_after_pause or sentence.key(first - 1) not in self._after_be

    def stands_well(self, sentence: Sentence, end: int) -> bool:
        """Whether an unknown noun may end here."""
        if end >= sentence.length or sentence.tokens[end].is_after_pause or sentence.taken[end]:
            return True
        return sentence.keys[end] in {
            "for",
            "to",
            "in",
            "by",
            "and",
            "with",
            "please",
            "on",
            "at",
            "near",
            "under",
            "from",
            "&",
            "+",
            "this",
            "that",
            "delivered",
            "or",
            "around",
        }

    def is_verb(self, sentence: Sentence, index: int) -> bool:
        """`book a limo`, `watch for`, `ring me`: a noun by its looks, but somebody is told to do it."""
        if sentence.keys[index] not in self._also_verbs or is_plural(sentence.tokens[index].text):
            return False
        before, after = sentence.key(index - 1), sentence.key(index + 1)
        if before in self._determiners or before in self._adjectives or (index and sentence.number(index - 1)):
            return False
        is_told = after in {"a", "an", "me", "us", "the", "my", "some"}
        if (
            not is_told
            and index
            and not sentence.tokens[index].is_after_pause
            and before
            not in {
                "to",
                "you",
                "please",
                "and",
                "then",
                "i",
                "we",
                "can",
                "could",
                "would",
                "help",
                "me",
                "will",
                "ll",
                "not",
                "just",
                "kindly",
                "or",
                "auto",
            }
        ):
            return False
        if is_told:
            return True
        return (
            (
                after
                in self._determiners
                | {"me", "us", "it", "for", "him", "them", "your", "up", "out", "my", "that", "to", "on"}
                and not (index == 0 and after in {"for", "to", "on", "that"} and sentence.keys[index] != "watch")
            )
            or (index == 0 and sentence.keys[index] in {"book", "rent", "hire", "ship", "deliver"} and bool(after))
            or (
                before in {"to", "please", "then", "and"}
                and sentence.keys[index] in {"book", "hire", "rent", "ship", "deliver", "watch", "gift"}
            )
        )

    def is_blocked(self, sentence: Sentence, first: int, run: Run, drafts: list[Draft], category: str = "") -> bool:
        """Whether the noun phrase that begins here is a purpose, a place, a part: `for the table`, `in a vase`."""
        at = first
        while (
            at > 0
            and not sentence.tokens[at].is_after_pause
            and sentence.keys[at - 1] in self._determiners | self._adjectives
            and not sentence.taken[at - 1]
        ):
            at -= 1
        if at == 0 or sentence.tokens[at].is_after_pause:
            return False
        before, second = sentence.key(at - 1), sentence.key(at - 2)
        if before == "with":
            return self._is_part(second, run, drafts, category)
        if before in {"and", "&", "+"} and drafts and sentence.key(drafts[-1].start - 1) == "of":
            return False
        if before in {"and", "or", ","} and run.is_part:
            return True
        if (before not in self._purpose and before != "love") or (before == "after" and sentence.keys[at] == "that"):
            return False
        if before == "for":
            return self._is_purpose(sentence, at, drafts)
        if before == "to":
            return not (any(key in self._go_to for key in sentence.keys[max(0, at - 9) : at - 1]))
        if before == "of":
            return bool(drafts) and drafts[-1].end == at - 1
        if (before, second) in _FIXED:
            return _FIXED[before, second]
        if before in {"like", "about", "love"}:
            is_taste = before == "about" or second in {"she", "he", "they", "who", "really", "also", "both"}
            return bool(drafts) and is_taste
        return True

    def is_half(self, sentence: Sentence, first: int) -> bool:
        """`half pork half cheese`: what the thing before is made of; `half a dozen eggs` is a number."""
        return sentence.keys[first] == "half" and sentence.key(first + 1) not in _OF_HALF

    def _is_part(self, second: str, run: Run, drafts: list[Draft], category: str) -> bool:
        """Behind `with`, which stands behind second: what a container holds, a tasting offers, people carry."""
        if not drafts:
            return second in {"us", "people", "guest", "person", "passenger", "adult", "kid"}
        if self._vocabulary.is_within(drafts[-1].category or "", *_LED):
            return True
        is_same = bool(category) and drafts[-1].category in {category, *self._above(category)}
        run.is_part = drafts[-1].is_container or is_same
        return run.is_part

    def _is_purpose(self, sentence: Sentence, at: int, drafts: list[Draft]) -> bool:
        """Behind `for`, which stands before at: not in `looking for`, nor where nothing else is wanted yet."""
        if any(key in {"swap", "trade", "exchange"} for key in sentence.keys[:at]):
            return False
        second = sentence.key(at - 2)
        is_measured = second in self._measures and not (drafts and drafts[-1].end == at - 1)
        return not (second in self._wish_for or is_measured or at == 1 or not drafts)

    def _above(self, category: str) -> tuple[str, ...]:
        taxonomy = self._vocabulary.taxonomy
        return tuple(one for name in taxonomy.ancestors.get(category, ()) for one in taxonomy.descendants[name])

    def chosen(self, sentence: Sentence, senses: Senses, index: int, end: int, last: Draft | None) -> Sense:
        """The sense that fits: a property in front of a noun that can have it, the thing itself elsewhere."""
        if len(senses) == 1:
            return senses[0]
        things = [sense for sense in senses if sense.kind == "thing"]
        others = [sense for sense in senses if sense.kind != "thing"]
        head = self.head(sentence, end)
        if head is None and others and self._is_shade(sentence, index, end, last):
            return others[0]
        if sentence.key(index - 1) in {"half", "in"} and others:
            return others[0]
        if head is None:
            return things[0] if things else others[0]
        is_food = self._vocabulary.is_within(head, *FOOD)
        wanted = "flavour" if is_food else "colour"
        for sense in others:
            if sense.name == wanted:
                return sense
        rest = [sense for sense in others if sense.name not in {"flavour", "colour"}] or others
        return things[0] if things and not rest else (rest or things)[0]

    def _is_shade(self, sentence: Sentence, index: int, end: int, last: Draft | None) -> bool:
        """`a scarf, grey or cream`: said of the thing before; `bread, cream and eggs` are three things."""
        before = sentence.key(index - 1)
        if sentence.key(end) in _COLOURED or before in {"colour", "color"}:
            return True
        if last is None or is_plural(sentence.tokens[end - 1].text) or self._vocabulary.is_within(
            last.category or "", *FOOD
        ):
            return False
        is_led = before in {"or", "and", "&", "/"} or sentence.tokens[index].is_after_pause
        return is_led and end - index == 1

    def head(self, sentence: Sentence, index: int) -> str | None:
        """The category of the noun that follows without a break, past properties."""
        while index < sentence.length and not sentence.tokens[index].is_after_pause and not sentence.taken[index]:
            found = sentence.at(self._senses, index)
            if not found:
                if sentence.keys[index] not in self._adjectives:
                    return None
                index += 1
                continue
            for sense in found[0]:
                if sense.kind == "thing":
                    return sense.name
            index = found[1]
        return None
