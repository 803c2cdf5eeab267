"""What somebody wants, as everybody reads it: the model behind `data.intent`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from shared.discovery.conditions import Condition
from shared.discovery.terms import NodeKind
from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.wire import Plain

IntentKind = Literal["immediate", "standing", "change", "track", "support", "other"]
SURE = 0.8
"""Below this confidence a question is asked."""

Confidence = Annotated[float, Field(ge=0, le=1)]
Span = tuple[int, int]
"""Where in the text, from and to, in characters."""


class Item(Plain):
    """One wanted thing. name: its head noun in lower case, as said; attributes: colour, size, material … → values.

    text: what is to be written on it. category: where it stands in the taxonomy, if it is known there.
    """

    name: str
    quantity: int = 1
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    text: str | None = None
    category: str | None = None


class Budget(Plain):
    """At least, at most; around: both are the ± 20 % of an amount named; per: what the amount is for."""

    max: Money | None = None
    min: Money | None = None
    around: Money | None = None
    per: Literal["total", "person", "item"] = "total"


class Location(Plain):
    """Where it is to be: in words, near the caller, or at a point."""

    text: str | None = None
    is_near_me: bool = False
    point: Point | None = None


class Entities(Plain):
    """All that was found; deliver_by, earliest: aware, in the caller's zone; party_size: people."""

    items: tuple[Item, ...] = ()
    occasion: str | None = None
    recipient: str | None = None
    party_size: int | None = None
    deliver_by: AwareDatetime | None = None
    earliest: AwareDatetime | None = None
    duration_minutes: int | None = None
    daypart: str | None = None
    recurrence: str | None = None
    location: Location | None = None
    budget: Budget | None = None
    style: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    target: str | None = None


class Node(Plain):
    """One part of what is needed; inferred: nobody said it, it comes with the rest."""

    id: str
    kind: NodeKind
    what: str
    inferred: bool
    quantity: int = 1
    category: str | None = None


class Edge(Plain):
    """`from` must be done before `to` can be."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from", serialization_alias="from")
    to: str


class Needs(Plain):
    """The Graph of Needs; it has no cycle."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


class Clarification(Plain):
    """The one question to ask now, and the field that its answer fills."""

    question: str
    field: str


class Intent(Plain):
    """What was understood. confidences and spans: by field name, how sure, and the text it came from."""

    kind: IntentKind
    entities: Entities = Entities()
    conditions: Condition | None = None
    confidence: Confidence
    confidences: dict[str, Confidence] = Field(default_factory=dict)
    spans: dict[str, tuple[Span, ...]] = Field(default_factory=dict)
    needs: Needs = Needs()
    clarification: Clarification | None = None
