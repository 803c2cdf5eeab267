"""How a simulated partner answers: scenarios with their triggers, steps, delays and chances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from shared.discovery.partners import Line, PartnerId
from shared.records import Container, Record
from shared.simulator.conditions import Trigger
from shared.simulator.templates import Template, checked, variables_in
from shared.wire import Plain

ScenarioType = Literal[
    "rejection", "unavailable", "slow", "counter_offer", "price_change", "acceptance", "custom"
]  # fmt: skip
DecisionKind = Literal["accept", "reject", "counter", "unavailable", "price_change", "silent", "manual"]
STEPS_MAX, RESPONSES_MAX, PARTNERS_MAX, SCENARIOS_MAX = 10, 5, 50, 500
DELAY_HOURS_MAX = 72
SLOW_MINUTES = 20
"""How long a slow partner takes unless it is said: longer than one waits for a partner that is asked at once."""
SEED_MAX = 2**31 - 1
PRIORITY_USUAL = 100

WORDS: Mapping[DecisionKind, str] = {
    "accept": "Yes, we can do {requested_item}.",
    "reject": "No, we cannot do {requested_item}.",
    "counter": "We don't have {requested_item}, but we can offer {offer} for {price}.",
    "unavailable": "Sorry, {requested_item} is out of stock.",
    "price_change": "Yes, but the price of {requested_item} is {price} now.",
}
"""What is said where a scenario has no sentence of its own."""
_OF_TYPE: Mapping[ScenarioType, DecisionKind] = {
    "rejection": "reject", "unavailable": "unavailable", "slow": "accept", "counter_offer": "counter",
    "price_change": "price_change", "acceptance": "accept",
}  # fmt: skip
_QUIET = frozenset({"silent", "manual"})


class Delay(Plain):
    """How long an answer takes, all parts added up."""

    hours: int = Field(default=0, ge=0, le=DELAY_HOURS_MAX)
    minutes: int = Field(default=0, ge=0, le=DELAY_HOURS_MAX * 60)
    seconds: int = Field(default=0, ge=0, le=DELAY_HOURS_MAX * 3_600)

    @model_validator(mode="after")
    def _not_too_long(self) -> Self:
        if self.total_seconds > DELAY_HOURS_MAX * 3_600:
            raise ValueError(f"an answer takes {DELAY_HOURS_MAX} hours at most; for none at all there is `silent`")
        return self

    @property
    def total_seconds(self) -> int:
        """All of it in seconds."""
        return self.hours * 3_600 + self.minutes * 60 + self.seconds


class Counter(Plain):
    """What is offered instead, and at which price, in minor units of the partner's currency; None: at the same."""

    item: Annotated[str, Field(max_length=200), AfterValidator(checked)] = ""
    price_minor: int | None = Field(default=None, ge=0, le=100_000_000)


class Response(Plain):
    """One way to answer; text: None for the usual sentence. weight: how often, beside the others of its step."""

    decision: DecisionKind
    text: Template | None = None
    counter: Counter | None = None
    weight: int = Field(default=1, ge=1, le=1_000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.decision == "counter" and not (self.counter and self.counter.item):
            raise ValueError("a counter-offer needs counter.item, what is offered instead")
        if self.decision == "price_change" and (self.counter is None or self.counter.price_minor is None):
            raise ValueError("a price change needs counter.price_minor, the new price")
        if self.decision in _QUIET and self.text is not None:
            raise ValueError(f"nothing is said with {self.decision}: leave the text out")
        if self.counter is None and {"offer", "price"} & variables_in([self.text or ""]):
            raise ValueError("{offer} and {price} belong to a counter-offer: say counter")
        return self

    @property
    def words(self) -> str:
        """The sentence before its places are filled; empty where nothing is said."""
        return self.text if self.text is not None else WORDS.get(self.decision, "")


class Step(Plain):
    """One turn: what the follow-up must be (the first step goes by the scenario's own trigger), and the answers."""

    when: Trigger | None = None
    delay: Delay = Field(default_factory=Delay)
    responses: Annotated[tuple[Response, ...], Field(min_length=1, max_length=RESPONSES_MAX)]


class Scenario(Record):
    """One scenario. partners: to whom it is assigned; when: None for every request.

    Of those that fit, the one with the highest priority answers, then the oldest. Each request of a conversation takes
    the next step; the last one stays. seed: by which, with the request's id, chance goes.
    """

    id: PartnerId
    name: Line
    type: ScenarioType = "custom"
    partners: Annotated[tuple[PartnerId, ...], Field(max_length=PARTNERS_MAX)] = ()
    when: Trigger | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_MAX)]
    priority: int = Field(default=PRIORITY_USUAL, ge=0, le=1_000)
    seed: int = Field(default=0, ge=0, le=SEED_MAX)
    is_active: bool = True
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @model_validator(mode="after")
    def _is_of_its_type(self) -> Self:
        expected = _OF_TYPE.get(self.type)
        kinds = {response.decision for response in self.steps[0].responses}
        if expected is not None and expected not in kinds:
            raise ValueError(f"a scenario of type {self.type} begins with {expected}; else its type is custom")
        if self.type == "slow" and not self.steps[0].delay.total_seconds:
            raise ValueError("a slow scenario needs a delay in its first step")
        return self


SCENARIOS = Container("simulator_scenarios", Scenario, "id", indexes=("is_active", "type"))


def steps_of(kind: ScenarioType, counter: Counter | None = None) -> tuple[Step, ...]:
    """The steps of a predefined type; raises ValueError for custom, and where an offer or a price is missing."""
    if kind not in _OF_TYPE:
        raise ValueError("a custom scenario says its steps")
    delay = Delay(minutes=SLOW_MINUTES) if kind == "slow" else Delay()
    return (Step(delay=delay, responses=(Response(decision=_OF_TYPE[kind], counter=counter),)),)
