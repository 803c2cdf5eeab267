"""Routes: how simulated partners answer: scenarios, whom they are assigned to, and trying them out."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.discovery.partners import Line, Partner, PartnerId
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.records import Query, Write
from shared.simulator.asked import Asked, Fact, Facts, RequestType
from shared.simulator.conditions import Trigger
from shared.simulator.deciding import BY_HAND, Decision, decide, warnings_of
from shared.simulator.scenarios import (
    PARTNERS_MAX,
    PRIORITY_USUAL,
    SCENARIOS,
    SCENARIOS_MAX,
    SEED_MAX,
    STEPS_MAX,
    Counter,
    Scenario,
    ScenarioType,
    Step,
    steps_of,
)
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging, When
from triggers.simulating import STAFF, made, partner_of, refused

routes = Routes("simulator")
SCENARIOS_PATH = "/api/v1/simulator/scenarios"
ONE = f"{SCENARIOS_PATH}/{{scenario_id}}"
SAMPLES_MAX = 20
Partners = Annotated[list[PartnerId], Field(max_length=PARTNERS_MAX)]
Steps = Annotated[list[Step], Field(min_length=1, max_length=STEPS_MAX)]


class ScenarioBody(Input):
    """A scenario. steps: needed for custom; a predefined type has its own, with what `counter` offers.

    seed: by which chance goes; else one of the scenario's own.
    """

    name: Line
    type: ScenarioType = "custom"
    partners: Partners = Field(default_factory=list)
    when: Trigger | None = None
    steps: Steps | None = None
    counter: Counter | None = Field(default=None, description="What a predefined counter-offer or price change offers.")
    priority: int = Field(default=PRIORITY_USUAL, ge=0, le=1_000)
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)
    is_active: bool = True


class ScenarioChange(Input):
    """What becomes of a scenario; what is left out stays, and `when` null means for every request."""

    name: Line | None = None
    type: ScenarioType | None = None
    when: Trigger | None = None
    steps: Steps | None = None
    priority: int | None = Field(default=None, ge=0, le=1_000)
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)
    is_active: bool | None = None


class ScenarioList(Output):
    """Scenarios."""

    items: list[Scenario]
    next: str | None


class ScenarioQuery(Paging):
    """type, is_active: those alone."""

    type: ScenarioType | None = None
    is_active: bool | None = None


class Assigned(Input):
    """The partners that a scenario speaks for, all of them."""

    partners: Partners


class Sample(Input):
    """A request to try a scenario with; samples of the same thread follow one another. at: else now."""

    id: str = Field(default="sample", min_length=1, max_length=200, description="Chance goes by it.")
    thread: str | None = Field(default=None, min_length=1, max_length=200)
    type: RequestType = "change_request"
    text: str = Field(default="", max_length=2_000)
    requested_item: Fact = ""
    product: Fact = ""
    order_value: Money | None = None
    customer: Fact = ""
    at: When | None = None


class TryBody(Input):
    """Samples; partner: as whom it answers, else the first it is assigned to. seed: in place of the scenario's own."""

    samples: Annotated[list[Sample], Field(min_length=1, max_length=SAMPLES_MAX)]
    partner: PartnerId | None = None
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)


class SampleResult(Output):
    """What comes of a sample: whether the scenario answers it at all, and how."""

    sample: str
    matches: bool
    at: AwareDatetime
    decision: Decision


class TryResult(Output):
    """What comes of each sample, and what seems wrong with the scenario."""

    results: list[SampleResult]
    warnings: list[str]


@routes.post(SCENARIOS_PATH, need=STAFF, status=201, errors=(CONFLICT,))
async def create_scenario(body: ScenarioBody, deps: Deps, about: About) -> Answer[Scenario]:
    """Set up a scenario; it answers from the next request on."""
    from shared.simulator.partners import slug_of  # noqa: PLC0415  with the first one, not with the app
    from shared.simulator.scenario_book import scenarios_of  # noqa: PLC0415

    await _check_partners(body.partners, deps)
    if len(await scenarios_of(deps.store)) >= SCENARIOS_MAX:
        raise AppError(CONFLICT, f"There are {SCENARIOS_MAX} scenarios; take some away first.")
    key = work_id(about, "simulator", body.name)
    given = {
        **body.model_dump(exclude={"counter"}),
        "id": f"{slug_of(body.name)}-{key[:8]}",
        "partners": list(dict.fromkeys(body.partners)),
        "steps": body.steps or _usual_steps(body),
        "seed": int(key, 16) % SEED_MAX if body.seed is None else body.seed,
        "created_at": about.now,
        "updated_at": about.now,
    }
    scenario = made(Scenario, given)
    await deps.store.apply(SCENARIOS, scenario.id, [Write("put", scenario)])
    return Answer(scenario, location=f"{SCENARIOS_PATH}/{scenario.id}")


@routes.get(SCENARIOS_PATH, need=STAFF)
async def list_scenarios(query: ScenarioQuery, deps: Deps) -> ScenarioList:
    """Scenarios."""
    where = {name: value for name in ("type", "is_active") if (value := getattr(query, name)) is not None}
    page = await deps.store.query(SCENARIOS, Query(where, limit=query.limit, after=query.after))
    return ScenarioList(items=[stored.value for stored in page.items], next=page.next)


@routes.get(ONE, need=STAFF)
async def get_scenario(scenario_id: str, deps: Deps) -> Scenario:
    """A scenario."""
    return await _scenario(scenario_id, deps)


@routes.patch(ONE, need=STAFF)
async def change_scenario(scenario_id: str, body: ScenarioChange, deps: Deps, about: About) -> Scenario:
    """Change a scenario; requests that are decided stay so."""
    said = {name: getattr(body, name) for name in body.model_fields_set}
    said = {name: value for name, value in said.items() if value is not None or name == "when"}
    return await _changed(scenario_id, {**said, "updated_at": about.now}, deps)


@routes.put(f"{ONE}/partners", need=STAFF)
async def assign_scenario(scenario_id: str, body: Assigned, deps: Deps, about: About) -> Scenario:
    """Let a scenario speak for these partners, and no others."""
    await _check_partners(body.partners, deps)
    return await _changed(scenario_id, {"partners": list(dict.fromkeys(body.partners)), "updated_at": about.now}, deps)


@routes.delete(ONE, need=STAFF)
async def remove_scenario(scenario_id: str, deps: Deps) -> Scenario:
    """Take a scenario away; what it has answered, or is about to, stays."""
    from shared.simulator.scenario_book import forget  # noqa: PLC0415

    gone = await forget(deps.store, scenario_id)
    if gone is None:
        raise AppError(NOT_FOUND, "There is no such scenario.")
    return gone


@routes.post(f"{ONE}/test", need=STAFF)
async def try_scenario(scenario_id: str, body: TryBody, deps: Deps, about: About) -> TryResult:
    """Try a scenario with sample requests, active or not; nothing is kept and nobody is answered."""
    from shared.simulator.scenario_book import scenarios_of  # noqa: PLC0415

    scenario = await _scenario(scenario_id, deps)
    name = body.partner or next(iter(scenario.partners), None)
    if name is None:
        raise refused("partner", "The scenario is assigned to no partner: say as whom it is to answer.")
    partner = await partner_of(name, deps, "partner")
    return TryResult(
        results=_tried(scenario, body, partner, about),
        warnings=warnings_of(scenario, await scenarios_of(deps.store)),
    )


def _tried(scenario: Scenario, body: TryBody, partner: Partner, about: About) -> list[SampleResult]:
    """Each sample in turn; those of one thread take one step after the other."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    active, taken = scenario.model_copy(update={"is_active": True}), dict[str, int]()
    results = []
    for sample in body.samples:
        now = (sample.at or about.now).astimezone(ZoneInfo(partner.hours.time_zone))
        so_far = {scenario.id: taken.get(sample.thread, 0) if sample.thread else 0}
        decision = decide([active], _asked(sample), now, partner, taken=so_far, seed=body.seed)
        matches = decision != BY_HAND
        if matches and sample.thread:
            taken[sample.thread] = taken.get(sample.thread, 0) + 1
        results.append(SampleResult(sample=sample.id, matches=matches, at=now, decision=decision))
    return results


def _asked(sample: Sample) -> Asked:
    facts = sample.model_dump(include={"requested_item", "product", "order_value", "customer"})
    return Asked(id=sample.id, type=sample.type, text=sample.text, facts=Facts.model_validate(facts))


def _usual_steps(body: ScenarioBody) -> tuple[Step, ...]:
    try:
        return steps_of(body.type, body.counter)
    except ValueError as no:
        field = "steps" if body.type == "custom" else "counter"
        raise refused(field, _first_line(no)) from None


def _first_line(no: ValueError) -> str:
    """What a model refused, without where: that is the counter."""
    from pydantic import ValidationError  # noqa: PLC0415

    return no.errors(include_url=False)[0]["msg"] if isinstance(no, ValidationError) else str(no)


async def _check_partners(partners: list[PartnerId], deps: Deps) -> None:
    for number, name in enumerate(partners):
        await partner_of(name, deps, f"partners[{number}]")


async def _scenario(scenario_id: str, deps: Deps) -> Scenario:
    stored = await deps.store.get(SCENARIOS, scenario_id, scenario_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such scenario.")
    return stored.value


async def _changed(scenario_id: str, said: dict[str, object], deps: Deps) -> Scenario:
    from shared.simulator import scenario_book  # noqa: PLC0415

    after = await scenario_book.change_scenario(
        deps.store, scenario_id, lambda one: made(Scenario, {**dict(one), **said})
    )
    if after is None:
        raise AppError(NOT_FOUND, "There is no such scenario.")
    return after
