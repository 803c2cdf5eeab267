"""Hybrid response: who answers a customer's message, and what, where the record answers it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.phrasebook import Phrasebook
from shared.dialogue.support_answers import Answers
from shared.dialogue.support_topics import NO_ANSWER, Routing, SupportReader
from shared.dialogue.tongues import Tongues
from shared.discovery.intents.vocabulary import Vocabulary
from shared.orders.order import Order
from shared.wire import Plain


class Response(Plain):
    """What becomes of a message; text: the answer, None where somebody or something else answers."""

    routing: Routing
    text: str | None = None


class HybridResponse:
    """Answers what is routine, and routes the rest; made once."""

    def __init__(self, vocabulary: Vocabulary, words: Phrasebook) -> None:
        self._reader = SupportReader(vocabulary, words.support)
        self._answers = Answers(Tongues(words.tongues), words.support.answers)

    def respond(self, text: str, order: Order, now: datetime, zone: ZoneInfo, language: str = "en") -> Response:
        """Who answers a message, and the answer; a question that the record does not answer goes to a person."""
        routing = self.route_message(text, order)
        if routing.question is None:
            return Response(routing=routing)
        said = self.answer(routing.question, order, now, zone, language, routing.leg)
        if said is None:
            return Response(routing=routing.model_copy(update={"who": "person", "why": NO_ANSWER}))
        return Response(routing=routing, text=said)

    def route_message(self, text: str, order: Order) -> Routing:
        """What a message is about, and who answers it."""
        return self._reader.route(text, order)

    def answer(
        self, question: str, order: Order, now: datetime, zone: ZoneInfo, language: str, leg: str | None = None
    ) -> str | None:
        """The answer to a question as Routing names it, from the order's record; None where it has none."""
        return self._answers.answer(question, order, order.leg(leg) if leg else None, now, zone, language)
