"""Category, capability tags and attributes from what a shop says of its product, with how sure that is.

Names come from the taxonomy alone. What a person could be harmed by (diets) is taken from lists, tags and titles only,
never from a sentence, which might say the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.discovery.manifests.words import Found, Lexicon
from shared.discovery.products import TAGS_MAX, VALUES_MAX
from shared.discovery.taxonomy import Taxonomy

REVIEW_BELOW = 0.6
"""With a category less sure than this a person looks at the product first."""
SURE = {"given": 1.0, "named": 0.95, "head": 0.85, "default": 0.8, "title": 0.7, "text": 0.5, "none": 0.2}
ANYTHING = "gift"
"""The category of what may be anything; its names say nothing."""

_HEAD_ENDS = re.compile(r"\s(?:with|for|in|of|on|from|and|by|&|[-\u2013\u2014+])\s|[,(:;/|]", re.IGNORECASE)
_FROM_SENTENCES = {"customization", "packaging"}


@dataclass(frozen=True)
class Tagging:
    """What was found; confidence: of the category, 0 to 1."""

    category: str
    confidence: float
    tags: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def needs_review(self) -> bool:
        """Whether a person should look at it before customers do."""
        return self.confidence < REVIEW_BELOW


@dataclass(frozen=True)
class Said:
    """What a shop says: its title, text, the categories it names (nearest last), its tags, and its usual category."""

    title: str
    text: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    default: str = ""


def tagging_of(said: Said, taxonomy: Taxonomy, lexicon: Lexicon) -> Tagging:
    """Category, tags and attributes of one product."""
    category, confidence = category_of(said, taxonomy, lexicon)
    return Tagging(
        category, confidence, capabilities_in(said, category, taxonomy, lexicon), attributes_in(said, lexicon)
    )


def category_of(said: Said, taxonomy: Taxonomy, lexicon: Lexicon) -> tuple[str, float]:
    """The category, and how sure: given by id, named, the title's head noun, usual, in the title, in the text."""
    for given in reversed(said.categories):
        if given in taxonomy.categories:
            return given, SURE["given"]
        named = [name.value for name in lexicon.exactly(given, "category")]
        found = next(
            (
                name
                for name in (*named, "-".join(given.lower().split()))
                if name in taxonomy.categories and name != ANYTHING
            ),
            "",
        )
        if found:
            return _nearest(found, said, taxonomy, lexicon), SURE["named"]
    guesses = [
        ("head", _last(lexicon.things(_head(said.title)))),
        ("named", next((hit for one in reversed(said.categories) if (hit := _last(lexicon.things(one)))), "")),
        ("default", said.default if said.default in taxonomy.categories else ""),
        ("title", _last(lexicon.things(said.title))),
        ("named", next((hit for one in said.tags if (hit := _last(lexicon.things(one)))), "")),
        ("text", _first(lexicon.things(said.text))),
    ]
    return next(((found, SURE[how]) for how, found in guesses if found), (ANYTHING, SURE["none"]))


def capabilities_in(said: Said, category: str, taxonomy: Taxonomy, lexicon: Lexicon) -> tuple[str, ...]:
    """Capabilities of the category, then those that tags and title name, then work and wrapping that the text names."""
    found = list(taxonomy.capabilities_of(category))
    for text in (*said.tags, said.title):
        found += [hit.name.value for hit in lexicon.doings(text) if not hit.is_denied]
    for hit in lexicon.doings(said.text):
        if not hit.is_denied and taxonomy.capabilities[hit.name.value].kind in _FROM_SENTENCES:
            found.append(hit.name.value)
    return tuple(dict.fromkeys(found))[:TAGS_MAX]


def attributes_in(said: Said, lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Colours, sizes and so on in title and tags; occasions and recipients also in the text."""
    hits: list[Found] = []
    for text in (said.title, *said.tags):
        hits += lexicon.things(text) + lexicon.people(text)
    hits += lexicon.people(said.text)
    return gathered(
        (hit.name.kind, hit.name.value) for hit in hits if not hit.is_denied and hit.name.kind != "category"
    )


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Attribute → its values, each once, at most VALUES_MAX."""
    values: dict[str, dict[str, None]] = {}
    for kind, value in pairs:
        values.setdefault(kind, {})[value] = None
    return {kind: tuple(one)[:VALUES_MAX] for kind, one in values.items()}


def _nearest(category: str, said: Said, taxonomy: Taxonomy, lexicon: Lexicon) -> str:
    """A category, or the one below it that the title's head names: `Flowers` for a `Spring Bouquet` is a bouquet."""
    below = taxonomy.descendants[category]
    return next((hit for hit in _categories(lexicon.things(_head(said.title)))[::-1] if hit in below), category)


def _head(title: str) -> str:
    """What stands before `with`, `for`, `in` …: there a title names its thing."""
    found = _HEAD_ENDS.search(title)
    return title[: found.start()] if found and found.start() > 2 else title


def _categories(hits: Iterable[Found]) -> list[str]:
    named = (hit.name for hit in hits if hit.name.group == "category" and not hit.is_denied)
    return [name.value for name in named if name.value != ANYTHING]


def _last(hits: Iterable[Found]) -> str:
    return (_categories(hits) or [""])[-1]


def _first(hits: Iterable[Found]) -> str:
    return (_categories(hits) or [""])[0]
