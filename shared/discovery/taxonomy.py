"""The words of the trade, as data: categories, capabilities, attributes, occasions, people, and what they imply."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from shared.discovery.partners import Tag
from shared.discovery.terms import NodeKind
from shared.wire import Plain

Words = tuple[str, ...]
OTHER = "other"
"""In more_names.toml: what is to be had, though no category holds it."""


class Category(Plain):
    """A kind of thing to be had. names: what people call it; node: what part of an order it is.

    delivery: by courier, cold, the partner comes to the site, the guest goes there, or none.
    """

    parent: Tag | None = None
    names: Words
    node: NodeKind = "product"
    delivery: Literal["courier", "cold", "site", "guest", "none"] = "courier"
    capabilities: tuple[Tag, ...] = ()
    perishable: bool = False


class CapabilityWord(Plain):
    """A capability, the words for it, and what part of an order it is."""

    names: Words
    kind: NodeKind


class Occasion(Plain):
    """What is celebrated, and the words for it."""

    names: Words


class NeedRules(Plain):
    """What belongs to a wish though nobody says so.

    written: the customization that a text needs; assembly_from: so many products are put together as one gift;
    delivery: how it comes, by what the category says, and how that is called; gift_occasions: then it is wrapped.
    """

    written: Tag
    packaging: str
    assembly: str
    assembly_from: int
    gift_occasions: Words
    delivery: dict[str, str]


class Taxonomy(Plain):
    """All of data/taxonomy; every name a category refers to exists, and the parents form no circle.

    more_names: further words for categories, and under OTHER for what none of them holds.
    phrases: what sentences are read by, group → name → phrases.
    common_words: everyday English by part of speech (verbs, adjectives, adverbs, nouns), with spaces between.
    """

    # The tables that are derived from it are kept once made.
    model_config = ConfigDict(ignored_types=(cached_property,))

    categories: dict[Tag, Category]
    capabilities: dict[Tag, CapabilityWord]
    attributes: dict[Tag, dict[str, Words]]
    occasions: dict[Tag, Occasion]
    recipients: dict[Tag, Words]
    more_names: dict[Tag, Words] = Field(default_factory=dict)
    needs: NeedRules | None = None
    phrases: dict[str, dict[str, Words]] = Field(default_factory=dict)
    common_words: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _people(cls, given: Any) -> Any:
        """recipients.toml keeps its words in one table, `people`."""
        if isinstance(given, dict) and "people" in given.get("recipients", {}):
            return {**given, "recipients": given["recipients"]["people"]}
        return given

    @model_validator(mode="after")
    def _whole(self) -> Taxonomy:
        for name, category in self.categories.items():
            for tag in category.capabilities:
                if tag not in self.capabilities:
                    raise ValueError(f"categories.toml: {name} has {tag!r}, which is not in capabilities.toml")
            self._climb(name)
        unknown = self.more_names.keys() - self.categories.keys() - {OTHER}
        if unknown:
            raise ValueError(f"more_names.toml: {min(unknown)!r} is not in categories.toml")
        return self

    def _climb(self, name: str) -> tuple[str, ...]:
        path: tuple[str, ...] = ()
        at: str | None = name
        while at is not None:
            if at in path:
                raise ValueError(f"categories.toml: {name} is its own ancestor")
            if at not in self.categories:
                raise ValueError(f"categories.toml: {path[-1]} has the parent {at!r}, which is not there")
            path += (at,)
            at = self.categories[at].parent
        return path

    @cached_property
    def ancestors(self) -> dict[str, tuple[str, ...]]:
        """Category → itself and everything above it, nearest first."""
        return {name: self._climb(name) for name in self.categories}

    @cached_property
    def descendants(self) -> dict[str, frozenset[str]]:
        """Category → itself and everything below it."""
        below: dict[str, set[str]] = {name: set() for name in self.categories}
        for name, path in self.ancestors.items():
            for above in path:
                below[above].add(name)
        return {name: frozenset(names) for name, names in below.items()}

    @cached_property
    def _values(self) -> dict[tuple[str, str], str]:
        """Attribute and word → the value that the word means."""
        return {
            (name, word): value
            for name, values in self.attributes.items()
            for value, words in values.items()
            for word in (*words, value)
        }

    def value_of(self, attribute: str, said: str) -> str:
        """The value that a word for an attribute means, `crimson` → `red`; the word itself if it is not known."""
        return self._values.get((attribute, said), said)

    def capabilities_of(self, category: str) -> tuple[str, ...]:
        """What everything of a category can do, inherited from above."""
        found = (tag for name in self.ancestors.get(category, ()) for tag in self.categories[name].capabilities)
        return tuple(dict.fromkeys(found))

    def is_perishable(self, category: str) -> bool:
        """Whether a thing of this category is made as late as it can be."""
        return any(self.categories[name].perishable for name in self.ancestors.get(category, ()))
