"""Sentences with places for the facts of a request: `Sorry, I don't have {requested_item}.`"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

TEMPLATE_LENGTH_MAX = 1_000
FILLED_LENGTH_MAX = 1_600
"""What the shortest channel takes."""
VARIABLES: Mapping[str, str] = {
    "requested_item": "that",
    "customer": "the customer",
    "order_value": "the order",
    "product": "it",
    "partner": "we",
    "offer": "something else",
    "price": "the same price",
}
"""Each variable, and what stands there when nobody has said it; offer and price are those of a counter-offer."""

_PLACE = re.compile(r"{([^{}]*)}")


def checked(text: str) -> str:
    """The text, if all its places have names that we know; raises ValueError."""
    unknown = [name for name in _PLACE.findall(text) if name not in VARIABLES]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        raise ValueError(f"{{{unknown[0]}}} is no variable: there are {known}")
    if re.search("[{}]", _PLACE.sub("", text)):
        raise ValueError("a brace stands alone: write {requested_item}, or no braces")
    return text


Template = Annotated[str, Field(min_length=1, max_length=TEMPLATE_LENGTH_MAX), AfterValidator(checked)]


def variables_in(texts: Iterable[str]) -> set[str]:
    """The variables that stand in templates."""
    return {name for text in texts for name in _PLACE.findall(text)}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The sentence with its places filled; values are words, never templates themselves."""
    said = _PLACE.sub(lambda place: values.get(place[1]) or VARIABLES[place[1]], text)
    return said if len(said) <= FILLED_LENGTH_MAX else f"{said[: FILLED_LENGTH_MAX - 1]}\u2026"
