"""What a customer's message about an order is about, and who answers it: the AI, a vendor, the hub, a worker, a person.

Routine goes to the AI; damage, what never came, disputes, complaints and the wish for a person go to a person, always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from shared.dialogue.phrasebook import SupportWords
from shared.dialogue.reply.own_text import own_text
from shared.dialogue.support_legs import LegFinder, courier_of, hub_of, sole_maker
from shared.discovery.intents.cues import Cues
from shared.discovery.intents.kinds import KindReader, Signs
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary
from shared.orders.order import Order
from shared.wire import Plain

Topic = Literal["product", "delivery", "payment", "change", "general"]
Who = Literal["vendor", "hub", "worker", "ai", "person"]
Urgency = Literal["normal", "high"]


class Routing(Plain):
    """Who answers a message. leg: whose partner is asked, for vendor, hub and worker; question: one that the record
    answers, as `Support.answer` takes it; why: for staff, in plain words."""

    topic: Topic
    who: Who
    why: str
    leg: str | None = None
    urgency: Urgency = "normal"
    question: str | None = None


ASKS_FOR_A_PERSON = "They ask for a person."
NOT_ROUTINE = "It is nothing that is routine."
NO_ANSWER = "The record has no answer."
"""Why a person answers, where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class _Person:
    topic: Topic
    urgency: Urgency
    why: str


_PERSON: dict[str, _Person] = {
    "human": _Person("general", "normal", ASKS_FOR_A_PERSON),
    "danger": _Person("product", "high", "Somebody may be hurt, ill or threatened."),
    "accident": _Person("delivery", "high", "Whoever delivered did some damage."),
    "overcharged": _Person("payment", "high", "They may have been charged what they do not owe."),
    "missing": _Person("delivery", "high", "It never came, or came elsewhere."),
    "damage": _Person("product", "high", "Something arrived damaged."),
    "driver": _Person("delivery", "normal", "They complain of whoever delivered."),
    "money": _Person("payment", "normal", "They dispute what was charged, or want it back."),
    "faulty": _Person("product", "normal", "Something is not as it was ordered."),
    "complaint": _Person("general", "normal", "They are unhappy."),
}
"""Groups of cues for which a person answers, the most pressing first."""
_ASKED: dict[str, Topic] = {
    "number": "general", "who_brings": "delivery", "who_makes": "product", "address": "delivery", "what": "product",
    "charged": "payment", "escrow": "payment", "cost": "payment", "begun": "product", "when": "delivery",
    "where": "delivery",
}  # fmt: skip
"""Questions that the record answers, the more exact ones first; _SAME: those that have the same answer."""
_SAME = {"begun": "where"}
_QUESTION = re.compile(
    r"(?:(?:hi|hey|hello|so|and|but|please|sorry|ok|also|quick question)\b[ ,]*)*"
    r"(?:is|are|do|does|can|could|will|would|should|how|what|which|when|where|who|may)\b"
)
_NOTHING_FOUND = Signs(
    has_items=False, has_person=False, has_condition=False, has_recurrence=False, has_details=False
)


class SupportReader:
    """Routes messages; made once."""

    def __init__(self, vocabulary: Vocabulary, words: SupportWords) -> None:
        self._contractions = {
            word: tuple(said[0].split()) for word, said in vocabulary.taxonomy.phrases["contractions"].items()
        }
        self._person = {name: _cues(cues) for name, cues in words.person.items()}
        self._asks = {name: _cues(cues) for name, cues in words.asks.items()}
        self._topics = {name: _cues(cues) for name, cues in words.topics.items()}
        self._kinds = KindReader(vocabulary)
        self._legs = LegFinder(vocabulary)

    def route(self, text: str, order: Order) -> Routing:
        """Who answers a message."""
        sentence = Sentence(Reading(own_text(text)), self._contractions, str)
        words = sentence.without(())
        return (
            self._to_person(words)
            or self._to_record(words, sentence, order)
            or self._to_partner(words, sentence, order)
            or self._by_kind(sentence)
        )

    def _to_person(self, words: str) -> Routing | None:
        left = self._person["not_damage"].cut(words)
        for name, person in _PERSON.items():
            if name == "faulty" and _QUESTION.match(words):
                continue
            if self._person[name].search(left):
                return Routing(topic=person.topic, who="person", urgency=person.urgency, why=person.why)
        return None

    def _to_record(self, words: str, sentence: Sentence, order: Order) -> Routing | None:
        """Greetings, changes, and questions that the record answers."""
        if self._topics["small_talk"].search(words):
            return Routing(topic="general", who="ai", why="A greeting or thanks.")
        if self._topics["hub"].search(words):
            return None
        if self._topics["change"].search(words):
            return Routing(topic="change", who="ai", why="They want something changed.")
        if self._topics["tips"].search(words):
            return Routing(topic="payment", who="ai", why="A question about paying in general.")
        if self._topics["notes"].search(words):
            return None
        for name, topic in _ASKED.items():
            is_other = name == "when" and self._asks["not_when"].search(words)
            if not is_other and self._asks[name].search(words):
                leg = self._legs.named(sentence, order)
                part, question = leg.id if leg else None, _SAME.get(name, name)
                return Routing(topic=topic, who="ai", why="The record answers it.", leg=part, question=question)
        if self._topics["policy"].search(words):
            return Routing(topic="payment", who="ai", why="A question about paying in general.")
        return None

    def _to_partner(self, words: str, sentence: Sentence, order: Order) -> Routing | None:
        """What only those who work on it know, or need to know."""
        named = self._legs.named(sentence, order)
        courier, hub = courier_of(order), hub_of(order)
        if hub and self._topics["hub"].search(words):
            return Routing(topic="delivery", who="hub", leg=hub.id, why="It is packed and put together at the hub.")
        is_of_thing = named is not None and self._topics["product"].search(words)
        if courier and self._topics["driver_notes"].search(words) and not is_of_thing:
            who: Who = "worker" if courier.party == "worker" else "vendor"
            return Routing(topic="delivery", who=who, leg=courier.id, why="Whoever delivers needs to know it.")
        if hub and self._topics["packing"].search(words):
            return Routing(topic="product", who="hub", leg=hub.id, why="It is packed and put together at the hub.")
        maker = named or sole_maker(order)
        if maker and (named is not None or self._topics["product"].search(words)):
            return Routing(topic="product", who="vendor", leg=maker.id, why="Whoever makes it knows.")
        if courier and self._topics["delivery"].search(words):
            who = "worker" if courier.party == "worker" else "vendor"
            return Routing(topic="delivery", who=who, leg=courier.id, why="Whoever delivers knows.")
        return None

    def _by_kind(self, sentence: Sentence) -> Routing:
        """What is left, by what kind of sentence it is."""
        kind = self._kinds.read(sentence, _NOTHING_FOUND, ()).name
        if kind == "support":
            return Routing(topic="general", who="person", why="It sounds like a complaint.")
        if kind == "change":
            return Routing(topic="change", who="ai", why="They want something changed.")
        if kind == "track":
            return Routing(topic="delivery", who="ai", question="where", why="They ask after the order.")
        topic: Topic = "payment" if self._topics["payment"].search(sentence.without(())) else "general"
        return Routing(topic=topic, who="person", why=NOT_ROUTINE)


def _cues(cues: tuple[str, ...]) -> Cues:
    return Cues(cues, str)
