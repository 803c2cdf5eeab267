"""A thing that a partner names, found among its products: by every word of the name, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.dialogue.reply.model import Offered
from shared.discovery.intents.vocabulary import keys_of
from shared.discovery.intents.words import is_one_slip
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy

PRODUCTS_MAX = 5_000
SLIP_LETTERS_MIN = 5
TITLE, PROPERTY, KIND, DESCRIPTION = 3.0, 2.0, 1.5, 0.5
"""What a word is worth, by where it stands."""
_SMALL = frozenset({
    "a", "an", "the", "some", "in", "of", "with", "and", "or", "&", "+", "for", "one", "deep", "dark", "light", "pale",
    "bright", "soft", "dusty", "hot", "baby",
})  # fmt: skip
"""Words that no product need have in its name: articles, and how light or dark a colour is."""
_CHOICE = re.compile(r"\s+(?:or|and|y|o|u)\s+|\s*[/&+,]\s*")


class _Words:
    """The words of a product, by where they stand; those of its description are only read where they are needed."""

    def __init__(self, product: Product, kind: frozenset[str]) -> None:
        self._product = product
        values = {key for group in product.attributes.values() for value in group for key in keys_of(value)}
        self._worths = ((frozenset(keys_of(product.title)), TITLE), (frozenset(values), PROPERTY), (kind, KIND))

    def worth(self, key: str) -> float:
        """What it is worth that a word is one of these, 0 where it is none."""
        for words, worth in self._worths:
            if key in words or _is_misspelt(key, words):
                return worth
        return DESCRIPTION if key in self._description else 0.0

    @cached_property
    def _description(self) -> frozenset[str]:
        return frozenset(keys_of(self._product.description))


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up. named: each possibility by itself, as written; matches: so many products fit as well."""

    named: tuple[str, ...] = ()
    product: Product | None = None
    matches: int = 0


def found_in(products: Sequence[Product], item: Offered, ordered: str | None, taxonomy: Taxonomy) -> Found:
    """The product that an offered thing is; of several possibilities the first that is there.

    ordered: the id of the product that was ordered; a colour alone means things of the same kind.
    """
    active = [one for one in products[:PRODUCTS_MAX] if one.status == "active"]
    like = next((one for one in products if one.id == ordered), None)
    fits = _fitting(active, item.words, like, taxonomy)
    if fits:
        return Found((item.name,), fits[0], len(fits))
    named = tuple(part for part in _CHOICE.split(item.name) if part)
    for words in filter(None, _CHOICE.split(item.words)) if len(named) > 1 else ():
        if fits := _fitting(active, words, like, taxonomy):
            return Found(named, fits[0], len(fits))
    return Found(named if len(named) > 1 else (item.name,))


def _fitting(products: Iterable[Product], words: str, like: Product | None, taxonomy: Taxonomy) -> list[Product]:
    """The products that a name fits, best first."""
    keys = [key for key in keys_of(words) if key not in _SMALL and not key.isdigit()]
    values = {key: taxonomy.value_of("colour", key) for key in keys}
    colours = {key: value for key, value in values.items() if value in taxonomy.attributes["colour"]}
    kinds: dict[str, frozenset[str]] = {}
    ranked: list[tuple[float, str, Product]] = []
    for product in products:
        if product is like or (len(colours) == len(keys) and not _is_alike(product, like, taxonomy)):
            continue
        if product.category not in kinds:
            kinds[product.category] = _kind(product.category, taxonomy)
        score = _score(product, keys, colours, _Words(product, kinds[product.category]))
        if score > 0:
            ranked.append((-score - _nearness(product, words, like, taxonomy), product.id, product))
    return [product for _, _, product in sorted(ranked, key=lambda one: one[:2])]


def _score(product: Product, keys: Sequence[str], colours: Mapping[str, str], words: _Words) -> float:
    """How well the words fit; 0 where one of them is nowhere to be found, or none but in the description."""
    worths: list[float] = []
    for key in keys:
        has_colour = colours.get(key) in product.attributes.get("colour", ())
        worths.append(PROPERTY if has_colour else words.worth(key))
        if worths[-1] == 0:
            return 0.0
    return sum(worths) / len(worths) if worths and max(worths) > DESCRIPTION else 0.0


def _nearness(product: Product, words: str, like: Product | None, taxonomy: Taxonomy) -> float:
    """What decides between products that fit alike: the very name, the same kind, there to be had, a like price."""
    exact = 2.0 * (words.lower() in product.title.lower())
    is_there = 0.3 * (product.stock is None or product.stock > 0)
    if like is None:
        return exact + is_there
    kin = 1.0 * (product.category == like.category) + 0.5 * _is_alike(product, like, taxonomy)
    higher, lower = sorted((product.price.minor, like.price.minor), reverse=True)
    return exact + is_there + kin + 0.2 * lower / max(higher, 1)


def _is_alike(product: Product, like: Product | None, taxonomy: Taxonomy) -> bool:
    """Whether two products are of one family, such as flowers."""
    if like is None:
        return True
    above = [taxonomy.ancestors.get(one.category, (one.category,))[-1] for one in (product, like)]
    return above[0] == above[1]


def _kind(category: str, taxonomy: Taxonomy) -> frozenset[str]:
    """The words for a category."""
    known = taxonomy.categories.get(category)
    named = [key for name in (known.names if known else ()) for key in keys_of(name)]
    return frozenset((*named, *keys_of(category.replace("-", " "))))


def _is_misspelt(key: str, words: frozenset[str]) -> bool:
    if len(key) < SLIP_LETTERS_MIN:
        return False
    return any(word[:1] == key[:1] and len(word) >= SLIP_LETTERS_MIN and is_one_slip(key, word) for word in words)
