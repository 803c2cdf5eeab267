"""What a simulated partner answers to a request: the same for the same scenarios, request and time, always."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from shared.discovery.partners import Partner
from shared.money.amounts import Money
from shared.simulator.asked import Asked
from shared.simulator.conditions import contradictions, holds
from shared.simulator.scenarios import Counter, DecisionKind, Response, Scenario, Step
from shared.simulator.templates import filled
from shared.wire import Plain

_WHOLE = 2**64


class Decision(Plain):
    """What is answered, after how many seconds; scenario: None where none fits. steps_left: after this one.

    is_usual: the text is the usual sentence for this decision, so that a button says as much.
    """

    kind: DecisionKind
    text: str = ""
    is_usual: bool = False
    after_seconds: int = Field(default=0, ge=0)
    counter: Counter | None = None
    scenario: str | None = None
    step: int = 0
    steps_left: int = 0


BY_HAND = Decision(kind="manual")
"""What no scenario answers waits for a person."""


class _Turn(NamedTuple):
    scenario: Scenario
    number: int
    step: Step


def decide(
    scenarios: Sequence[Scenario],
    asked: Asked,
    now: datetime,
    partner: Partner,
    *,
    taken: Mapping[str, int] | None = None,
    seed: int | None = None,
) -> Decision:
    """The answer of the first active scenario that fits, else BY_HAND.

    now: by the partner's own clock; taken: scenario → how many of its steps this conversation has had; seed: in place
    of the scenario's own.
    """
    turn = next(_turns(scenarios, asked, now, taken or {}), None)
    if turn is None:
        return BY_HAND
    chosen = chance(turn.scenario.seed if seed is None else seed, asked.id, turn.number)
    response = _drawn(turn.step.responses, chosen)
    counter = offered(response.counter, asked, partner)
    return Decision(
        kind=response.decision,
        text=filled(response.words, values_of(asked, partner, counter)),
        is_usual=response.text is None,
        after_seconds=turn.step.delay.total_seconds,
        counter=counter,
        scenario=turn.scenario.id,
        step=turn.number,
        steps_left=len(turn.scenario.steps) - 1 - turn.number,
    )


def ordered(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The active ones, in the order in which they are tried."""
    return sorted((one for one in scenarios if one.is_active), key=lambda one: (-one.priority, one.created_at, one.id))


def chance(seed: int, request: str, step: int) -> float:
    """From 0 up to 1, evenly: the same for the same seed, request and step."""
    digest = hashlib.sha256(f"{seed}:{request}:{step}".encode()).digest()
    return int.from_bytes(digest[:8]) / _WHOLE


def values_of(asked: Asked, partner: Partner, counter: Counter | None) -> dict[str, str]:
    """Variable → what stands for it in a sentence; empty where it was not said."""
    facts = asked.facts
    price = counter.price_minor if counter else None
    return {
        "requested_item": facts.requested_item or facts.product,
        "customer": facts.customer,
        "order_value": str(facts.order_value) if facts.order_value else "",
        "product": facts.product,
        "partner": partner.name,
        "offer": counter.item if counter else "",
        "price": str(Money(minor=price, currency=partner.currency)) if price is not None else "",
    }


def offered(counter: Counter | None, asked: Asked, partner: Partner) -> Counter | None:
    """A counter-offer with the places in its item filled."""
    if counter is None:
        return None
    return counter.model_copy(update={"item": filled(counter.item, values_of(asked, partner, None))})


def warnings_of(scenario: Scenario, others: Sequence[Scenario]) -> list[str]:
    """Why a scenario might never answer, or not as it is meant; a sentence each."""
    said = [] if scenario.partners else ["it is assigned to no partner"]
    said += [] if scenario.is_active else ["it is not active"]
    said += [f"when: {problem}" for problem in contradictions(scenario.when)]
    for number, step in enumerate(scenario.steps):
        said += [f"steps[{number}].when: {problem}" for problem in contradictions(step.when)]
    for one in _before(scenario, others):
        shared = sorted(set(one.partners) & set(scenario.partners))
        if shared and one.when is None and one.steps[0].when is None:
            said.append(f"{one.name} ({one.id}) comes first with {', '.join(shared)} and answers everything")
    return said


def _before(scenario: Scenario, others: Sequence[Scenario]) -> list[Scenario]:
    """Those that are tried before it, were it active."""
    rivals = [one for one in others if one.id != scenario.id]
    tried = ordered([*rivals, scenario.model_copy(update={"is_active": True})])
    return tried[: next(number for number, one in enumerate(tried) if one.id == scenario.id)]


def _turns(
    scenarios: Sequence[Scenario], asked: Asked, now: datetime, taken: Mapping[str, int]
) -> Iterator[_Turn]:
    """Of each scenario that fits, the step whose turn it is: the next one whose own condition holds."""
    for scenario in ordered(scenarios):
        begins = min(taken.get(scenario.id, 0), len(scenario.steps) - 1)
        if begins == 0 and not holds(scenario.when, asked, now):
            continue
        for number, step in enumerate(scenario.steps[begins:], begins):
            if holds(step.when, asked, now):
                yield _Turn(scenario, number, step)
                break


def _drawn(responses: Sequence[Response], chosen: float) -> Response:
    """The response that a number from 0 up to 1 falls on."""
    point = chosen * sum(one.weight for one in responses)
    for one in responses:
        point -= one.weight
        if point < 0:
            return one
    return responses[-1]
