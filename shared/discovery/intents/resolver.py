"""From a sentence to an intent by rules, in under a millisecond: no key, no model, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.discovery.conditions import CalendarLeaf, Condition, InventoryLeaf, PriceLeaf
from shared.discovery.intent import Entities, Intent, Item, Span
from shared.discovery.intents import triggers, weather
from shared.discovery.intents.clarify import question
from shared.discovery.intents.conditions import tree
from shared.discovery.intents.exclusions import ExclusionReader, Exclusions
from shared.discovery.intents.items import ItemReader, Things
from shared.discovery.intents.kinds import Kind, KindReader, Signs
from shared.discovery.intents.money import MoneyReader, Price
from shared.discovery.intents.needs import needs_of
from shared.discovery.intents.people import OccasionReader, PeopleReader, Said
from shared.discovery.intents.places import PlaceReader, Where
from shared.discovery.intents.quantities import Party, PartyReader
from shared.discovery.intents.reading import TEXT_LENGTH_MAX, Reading
from shared.discovery.intents.sentence import Sentence
from shared.discovery.intents.times import Times, read_times
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.intents.writing import Writing, WritingReader
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point


@dataclass(frozen=True, slots=True)
class _Read:
    """What the readers found in one sentence."""

    writings: list[Writing]
    weather: list[weather.Found]
    triggers: list[triggers.Trigger]
    price: Price
    times: Times
    party: Party
    exclusions: Exclusions
    where: Where
    recipient: Said
    occasion: Said
    things: Things


class Resolver:
    """Understands sentences about this taxonomy. names: titles of the catalog; neighbourhoods: of the city.

    Building it takes some milliseconds; it keeps nothing of what it reads and may be shared between threads.
    """

    def __init__(self, taxonomy: Taxonomy, names: Iterable[str] = (), neighbourhoods: Iterable[str] = ()) -> None:
        self._taxonomy = taxonomy
        self._vocabulary = vocabulary = Vocabulary(taxonomy, names)
        self._idioms = vocabulary.group("idioms", "of")
        self._writing = WritingReader(vocabulary)
        self._money = MoneyReader(vocabulary)
        self._party = PartyReader(vocabulary)
        self._exclusions = ExclusionReader(vocabulary)
        self._places = PlaceReader(vocabulary, neighbourhoods)
        self._people = PeopleReader(vocabulary)
        self._occasions = OccasionReader(vocabulary)
        self._items = ItemReader(vocabulary)
        self._kinds = KindReader(vocabulary)

    def resolve(self, text: str, now: datetime, zone: ZoneInfo, near: Point | None = None) -> Intent:
        """What a text says, its first TEXT_LENGTH_MAX characters; now: aware. Never raises for what is written."""
        sentence = self._vocabulary.sentence(Reading(text[:TEXT_LENGTH_MAX]))
        found = self._read(sentence, now, zone, near)
        has_condition = bool(found.weather or found.triggers)
        quoted = [writing.span for writing in found.writings]
        kind = self._kinds.read(sentence, _signs(found, has_condition=has_condition), quoted)
        condition = self._condition(sentence, found) if kind.name == "standing" else None
        entities = _entities(kind, found, is_conditional=condition is not None and has_condition)
        confidences = _confidences(kind, found, entities)
        return Intent(
            kind=kind.name,
            entities=entities,
            conditions=condition,
            confidence=min(confidences.values()),
            confidences=confidences,
            spans=_spans(found, entities),
            needs=needs_of(entities, self._taxonomy)
            if kind.name in {"immediate", "standing"}
            else needs_of(Entities(), self._taxonomy),
            clarification=question(
                kind.name, entities, confidences, found.times.problem, has_condition=condition is not None
            ),
        )

    def _read(self, sentence: Sentence, now: datetime, zone: ZoneInfo, near: Point | None) -> _Read:
        """Every reader in its turn: what would be misread by a later one is claimed by an earlier one."""
        for _, start, end in list(sentence.all(self._idioms)):
            sentence.claim(start, end)
        reading = sentence.reading
        writings = self._writing.read(sentence)
        is_waiting = (
            triggers.is_waiting(reading)
            or "next" in sentence.keys
            or "first" in sentence.keys
            or "on a" in sentence.normal
            or weather.is_awaited(reading)
        )
        measured = weather.measures(reading)
        prices = triggers.prices(sentence, self._money)
        stocks = triggers.stocks(sentence)
        sentence.sync()
        price = self._money.read(sentence)
        skies = weather.skies(reading) if is_waiting or measured else []
        times = read_times(reading, now, zone)
        for one in skies:
            if reading.is_free(*one.span):
                reading.claim(*one.span)
        sentence.sync()
        party = self._party.read(sentence)
        exclusions = self._exclusions.read(sentence)
        where = self._places.read(sentence, near)
        recipient = self._people.read(sentence)
        blocked = (*exclusions.spans, *(writing.span for writing in writings))
        occasion = self._occasions.read(sentence, blocked)
        things = self._items.read(sentence, writings)
        return _Read(
            writings,
            [*skies, *measured],
            [*prices, *stocks],
            price,
            times,
            party,
            exclusions,
            where,
            recipient,
            occasion,
            things,
        )

    @staticmethod
    def _condition(sentence: Sentence, found: _Read) -> Condition | None:
        named = list(zip(found.things.items, found.things.spans, strict=True))
        whole = tree(sentence.reading.plain, found.weather, found.triggers, found.times.calendar, named)
        return whole or _awaited(sentence, found)


def _awaited(sentence: Sentence, found: _Read) -> Condition | None:
    """What `watch for concert tickets under $80` waits for, though it names no event: a price, or that it is there."""
    if not found.things.items:
        return None
    if found.occasion.name and {"each", "every"} & set(sentence.keys):  # `each birthday`
        return CalendarLeaf(recurrence="FREQ=YEARLY", text=sentence.reading.text)
    item, budget = found.things.items[0], found.price.budget
    if budget and budget.max:
        return PriceLeaf(item=item.name, below=budget.max, text=sentence.reading.text)
    return InventoryLeaf(item=item.name, text=sentence.reading.text)


def _signs(found: _Read, *, has_condition: bool) -> Signs:
    times = found.times
    return Signs(
        has_items=bool(found.things.items),
        has_person=bool(found.recipient.name or found.occasion.name),
        has_condition=has_condition,
        has_recurrence=times.recurrence is not None,
        has_details=bool(
            found.price.budget
            or times.deliver_by
            or times.earliest
            or found.party.size
            or found.things.styles
            or found.exclusions.names
        ),
        has_budget=found.price.budget is not None,
        item=found.things.items[0].name if found.things.items else None,
    )


def _entities(kind: Kind, found: _Read, *, is_conditional: bool) -> Entities:
    is_wish = kind.name in {"immediate", "standing", "change"}
    times, things = found.times, found.things
    items = _wanted(kind, things.items) if is_wish else ()
    if kind.name == "immediate" and not items and _is_gift(kind, found):
        items = (Item(name="gift", category="gift"),)
    return Entities(
        items=items,
        occasion=found.occasion.name if is_wish else None,
        recipient=found.recipient.name if is_wish else None,
        party_size=found.party.size if is_wish else None,
        deliver_by=None if is_conditional or not is_wish else times.deliver_by,
        earliest=None if is_conditional or not is_wish else times.earliest,
        duration_minutes=times.duration_minutes if is_wish else None,
        daypart=times.daypart if is_wish else None,
        recurrence=times.recurrence if is_wish else None,
        location=found.where.location,
        budget=found.price.budget if is_wish else None,
        style=things.styles if is_wish else (),
        exclude=found.exclusions.names if is_wish else (),
        target=kind.target,
    )


def _wanted(kind: Kind, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """In a change only what is new: nothing is wanted by cancelling, and what is replaced is the target."""
    if kind.is_ending:
        return ()
    if kind.is_swap:
        return items[-1:]
    others = tuple(item for item in items if item.name != kind.target)
    return others if kind.name == "change" and others else items


def _is_gift(kind: Kind, found: _Read) -> bool:
    """A wish for somebody or some occasion that names no thing is one for a gift."""
    return bool(found.recipient.name or found.occasion.name or found.things.styles) or (
        kind.has_wish and bool(found.price.budget or found.exclusions.names)
    )


def _confidences(kind: Kind, found: _Read, entities: Entities) -> dict[str, float]:
    held = {"kind": kind.confidence}
    if entities.deliver_by or entities.earliest:
        held["deliver_by"] = found.times.confidence
    if entities.recurrence:
        held["recurrence"] = found.times.confidence
    if entities.budget:
        held["budget"] = found.price.confidence
    for index, sure in enumerate(found.things.confidences[: len(entities.items)]):
        held[f"items[{index}]"] = sure
    return held


def _spans(found: _Read, entities: Entities) -> dict[str, tuple[Span, ...]]:
    held: dict[str, Sequence[Span]] = {
        "budget": found.price.spans if entities.budget else (),
        "party_size": (found.party.span,) if found.party.span and entities.party_size else (),
        "exclude": found.exclusions.spans if entities.exclude else (),
        "location": (found.where.span,) if found.where.span else (),
        "recipient": (found.recipient.span,) if found.recipient.span and entities.recipient else (),
        "occasion": (found.occasion.span,) if found.occasion.span and entities.occasion else (),
        "text": tuple(writing.span for writing in found.writings),
        "deliver_by": found.times.spans if entities.deliver_by or entities.earliest or entities.recurrence else (),
        "conditions": (*(one.span for one in found.weather), *(one.span for one in found.triggers)),
    }
    for index, span in enumerate(found.things.spans[: len(entities.items)]):
        held[f"items[{index}]"] = (span,)
    return {name: tuple(spans) for name, spans in held.items() if spans}
