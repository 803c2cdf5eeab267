"""Answers that people give in a simulated partner's name: kept to be used again, or made once."""

from __future__ import annotations

from typing import Literal

from shared.discovery.partners import Line, Partner
from shared.records import Container, Record
from shared.simulator.asked import Asked
from shared.simulator.deciding import offered, values_of
from shared.simulator.scenarios import WORDS, Counter, Response
from shared.simulator.templates import Template, filled
from shared.wire import Plain

ByHand = Literal["accept", "reject", "counter", "unavailable", "price_change"]
"""What a person can decide; to let a request lie is no answer."""


class Words(Plain):
    """A decision in words that are said as they stand, or with their places filled."""

    decision: ByHand
    text: str
    has_places: bool
    counter: Counter | None = None

    def said(self, asked: Asked, partner: Partner) -> tuple[str, Counter | None]:
        """The sentence for one request, and what it offers."""
        counter = offered(self.counter, asked, partner)
        values = values_of(asked, partner, counter)
        return (filled(self.text, values) if self.has_places else self.text), counter


class ResponseTemplate(Record):
    """An answer with places for the facts of a request."""

    name: Line
    decision: ByHand
    text: Template
    counter: Counter | None = None

    @property
    def words(self) -> Words:
        """What is said with it."""
        return Words(decision=self.decision, text=self.text, has_places=True, counter=self.counter)


RESPONSE_TEMPLATES = Container("simulator_templates", ResponseTemplate, "id")


def checked(decision: ByHand, counter: Counter | None) -> Response:
    """The decision as a scenario would have it; raises ValueError where an offer or a price is missing."""
    return Response(decision=decision, counter=counter)


def typed(decision: ByHand, text: str | None, counter: Counter | None) -> Words:
    """What somebody has typed, braces and all; without a text the usual sentence. Raises ValueError."""
    checked(decision, counter)
    return Words(decision=decision, text=text or WORDS[decision], has_places=text is None, counter=counter)
