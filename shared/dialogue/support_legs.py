"""Which part of an order a message speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from shared.discovery.intents.reading import Reading
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.vocabulary import Vocabulary
from shared.orders.legs import is_courier, live
from shared.orders.order import Order, OrderLeg

WORD, KIND, FAMILY = 2.0, 1.5, 0.5
"""What it is worth that a word of the message is in the leg's titles, is its kind of thing, or one of its family."""


class LegFinder:
    """Finds the legs; made once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._common = vocabulary.nameless | vocabulary.words("items", "determiners")

    def named(self, sentence: Sentence, order: Order) -> OrderLeg | None:
        """The leg whose things are named, None where none or several alike are."""
        makers = [leg for leg in live(order) if leg.lines and not is_courier(leg)]
        scores = sorted(((self._score(sentence, leg), leg.id, leg) for leg in makers), key=lambda one: -one[0])
        if not scores or scores[0][0] <= 0 or (len(scores) > 1 and scores[0][0] == scores[1][0]):
            return None
        return scores[0][2]

    def _score(self, sentence: Sentence, leg: OrderLeg) -> float:
        titles = [leg.title, *(line.title for line in leg.lines)]
        own = self._vocabulary.sentence(Reading(" , ".join(titles)))
        words = {key for key in own.keys if key.isalpha() and len(key) > 2 and key not in self._common}
        kinds = {*self._kinds(own), *(line.category for line in leg.lines if line.category)}
        said = set(self._kinds(sentence))
        score = WORD * len(words & {*sentence.keys})
        score += KIND * bool(self._above(kinds) & said or kinds & self._above(said))
        return score + FAMILY * bool(self._families(kinds) & self._families(said))

    def _kinds(self, sentence: Sentence) -> Iterable[str]:
        """The categories of the things that are named."""
        for senses, _, _ in sentence.all(self._vocabulary.senses):
            yield from (sense.name for sense in senses if sense.kind == "thing" and sense.name)

    def _above(self, kinds: Iterable[str]) -> set[str]:
        return {above for kind in kinds for above in self._vocabulary.taxonomy.ancestors.get(kind, (kind,))}

    def _families(self, kinds: Iterable[str]) -> set[str]:
        return {self._vocabulary.taxonomy.ancestors.get(kind, (kind,))[-1] for kind in kinds}


def sole_maker(order: Order) -> OrderLeg | None:
    """The only leg that makes or sells something, None where there are several."""
    makers = [leg for leg in live(order) if leg.lines and leg.role == "product"]
    return makers[0] if len(makers) == 1 else None


def courier_of(order: Order) -> OrderLeg | None:
    """The last leg that brings it."""
    couriers = [leg for leg in live(order) if is_courier(leg) or leg.role == "delivery"]
    return couriers[-1] if couriers else None


def hub_of(order: Order) -> OrderLeg | None:
    """The leg that puts it together."""
    return next((leg for leg in live(order) if leg.party == "hub" or leg.role in {"assembly", "packaging"}), None)
