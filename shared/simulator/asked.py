"""What a simulated partner is asked, as far as whoever asks has said it in facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue, ValidationError

from shared.money.amounts import Money
from shared.wire import Plain

RequestType = Literal["change_request", "order_request", "question", "notice"]
FACT_LENGTH_MAX = 200
Fact = Annotated[str, Field(max_length=FACT_LENGTH_MAX)]
_INSTEAD = " instead of "


class Facts(Plain):
    """The facts of a request, none of which need be said.

    request_type: else it is guessed from the text; requested_item: what is wanted now; product: what it is about, by
    its title; order_value: of the whole order; customer: by name or id.
    """

    request_type: RequestType | None = None
    requested_item: Fact = ""
    product: Fact = ""
    order_value: Money | None = None
    customer: Fact = ""


class Asked(Plain):
    """One request as conditions and templates see it; id: the message's, which chance goes by."""

    id: str
    type: RequestType
    text: str = ""
    facts: Facts = Field(default_factory=Facts)

    @property
    def wanted(self) -> str:
        """What is asked for, in words: the requested item, else the product, else the text up to `instead of`."""
        text = self.text.lower().partition(_INSTEAD)[0]
        return self.facts.requested_item or self.facts.product or text


def facts_of(given: Mapping[str, JsonValue] | None) -> Facts:
    """The facts among what was sent along; what is no such fact is left out, and what is too long is cut."""
    kept: dict[str, JsonValue] = {}
    for name in Facts.model_fields.keys() & (given or {}).keys():
        value = (given or {})[name]
        shorter = value[:FACT_LENGTH_MAX] if isinstance(value, str) else value
        try:
            Facts.model_validate({name: shorter})
        except ValidationError:
            continue  # a fact of another kind is none: the text still says all
        kept[name] = shorter
    return Facts.model_validate(kept)


def type_of(facts: Facts, text: str, *, has_buttons: bool) -> RequestType:
    """What kind of request it is: as said, else a question where an answer is looked for."""
    if facts.request_type is not None:
        return facts.request_type
    return "question" if has_buttons or text.rstrip().endswith("?") else "notice"
