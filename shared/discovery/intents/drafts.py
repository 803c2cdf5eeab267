"""Items while they are read: the drafts, and what stands before a noun until it comes."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.discovery.intent import Item
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Sense
from shared.discovery.intents.writing import Writing

QUANTITY_MAX = 1_000_000
KNOWN_SURE, UNKNOWN_SURE, MENDED_SURE = 1.0, 0.85, 0.9


@dataclass
class Draft:
    """An item while it is read; at: its words, from and to; noun: where its own name begins."""

    name: str
    category: str | None
    start: int
    end: int
    quantity: int = 1
    attributes: dict[str, list[str]] = field(default_factory=dict)
    text: str | None = None
    confidence: float = KNOWN_SURE
    is_weak: bool = False
    is_container: bool = False

    def item(self) -> Item:
        """The item as it is told."""
        attributes = {name: tuple(dict.fromkeys(values)) for name, values in self.attributes.items()}
        return Item(
            name=self.name, quantity=self.quantity, attributes=attributes, text=self.text, category=self.category
        )


@dataclass
class Run:
    """What stands before a noun: its number, its properties, where it began, and the words in front."""

    start: int | None = None
    quantity: int | None = None
    traits: list[Sense] = field(default_factory=list)
    has_article: bool = False
    is_part: bool = False
    """Whether what is listed belongs to the item before, as in `a basket with wine and cheese`."""


def attach(draft: Draft, traits: list[Sense]) -> None:
    """Give an item its properties."""
    for sense in traits:
        if sense.kind in {"trait", "work", "brand"}:
            draft.attributes.setdefault(sense.name, []).append(sense.value)


def clear(run: Run) -> None:
    """Forget what stood before a noun."""
    run.start, run.quantity, run.has_article, run.traits = None, None, False, []


def counted(value: float) -> int:
    """A quantity: whole, at least one, at most QUANTITY_MAX."""
    return max(1, min(int(value), QUANTITY_MAX))


def write(drafts: list[Draft], writings: list[Writing], sentence: Sentence) -> None:
    """Give each text to the last item before it, else to the first."""
    for writing in writings:
        before = [
            draft
            for draft in drafts
            if sentence.span(draft.start, draft.end)[0] < writing.span[0] and draft.text is None
        ]
        chosen = before[-1] if before else next((draft for draft in drafts if draft.text is None), None)
        if chosen:
            chosen.text = writing.text
