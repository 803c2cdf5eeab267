"""What a customer was told of an order, kept beside it: each narration once, in the order of time."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.dialogue.narration.event import Event, EventKind, Narration
from shared.records import Container, Record

LINES_MAX = 40


class Narrated(Record):
    """One narration; id: the same for the same event, however often it is told. before, after: the timeline.

    is_told: it has gone out on every channel.
    """

    order: str
    at: AwareDatetime
    kind: EventKind
    leg: str | None = None
    headline: str
    text: str
    reasoning: str
    before: Annotated[tuple[str, ...], Field(max_length=LINES_MAX)] = ()
    after: Annotated[tuple[str, ...], Field(max_length=LINES_MAX)] = ()
    language: str
    is_told: bool = False


NARRATIONS = Container("narrations", Narrated, "order", indexes=("at",))


def narrated(name: str, order: str, event: Event, told: Narration) -> Narrated:
    """The record of a narration of an event."""
    return Narrated(
        id=name,
        order=order,
        at=event.at,
        kind=event.kind,
        leg=event.leg,
        headline=told.headline,
        text=told.text,
        reasoning=told.reasoning,
        before=told.before[:LINES_MAX],
        after=told.after[:LINES_MAX],
        language=told.language,
    )
