"""The scenarios as they are kept: read for a partner, and taken from partners that are closed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from shared import changing
from shared.ports import Store
from shared.records import PAGE_MAX, NotThere, Query, Write
from shared.simulator.scenarios import SCENARIOS, SCENARIOS_MAX, Scenario


async def scenarios_of(store: Store, partner: str | None = None) -> list[Scenario]:
    """The active scenarios that are assigned to a partner; with None all there are."""
    found: list[Scenario] = []
    after: str | None = None
    while len(found) < SCENARIOS_MAX:
        page = await store.query(SCENARIOS, Query({}, None, None, PAGE_MAX, after))
        found += [stored.value for stored in page.items]
        after = page.next
        if after is None:
            break
    return [one for one in found if partner is None or (one.is_active and partner in one.partners)]


async def change_scenario(store: Store, scenario: str, changed: Callable[[Scenario], Scenario]) -> Scenario | None:
    """Change a scenario as it stands; None where there is none."""
    return await changing.changed(store, SCENARIOS, scenario, scenario, changed)


async def unassign(
    store: Store, partners: Collection[str], at: datetime, *, but: Collection[str] = ()
) -> None:
    """Let no scenario speak for these partners but those."""
    gone = set(partners)

    def without(scenario: Scenario) -> Scenario:
        rest = tuple(one for one in scenario.partners if one not in gone)
        return scenario.model_copy(update={"partners": rest, "updated_at": at})

    for scenario in await scenarios_of(store):
        if scenario.id not in but and gone.intersection(scenario.partners):
            await change_scenario(store, scenario.id, without)


async def forget(store: Store, scenario: str) -> Scenario | None:
    """Take a scenario away; None where there is none."""
    stored = await store.get(SCENARIOS, scenario, scenario)
    if stored is None:
        return None
    try:
        await store.apply(SCENARIOS, scenario, [Write("delete", stored.value)])
    except NotThere:
        return None
    return stored.value
