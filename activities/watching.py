"""The watcher's steps: what is due, reading it, and looking at whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import azure.durable_functions as df
from pydantic import Field

from activities import Client, activity
from shared.flows import QUICK, Call
from shared.metering import Stopwatch
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.standing.tick import House

blueprint = df.Blueprint()
STEP_SECONDS_MAX = 60.0
"""How long one step looks before it says where to go on; the host ends a function after 5 minutes."""
KEYS_PAGE = 50


class Due(Plain):
    """Which kind of things, and from where in the list of what is due."""

    kind: str
    after: str | None = None


class DueKeys(Plain):
    """Things to be read now, and where to go on."""

    keys: tuple[str, ...]
    after: str | None
    seconds: float


class Reading(Plain):
    """Things to be read; cursors: where to go on with those that were begun, as told in Read."""

    keys: tuple[str, ...]
    cursors: dict[str, dict[str, str | None]] = Field(default_factory=dict)


class Read(Plain):
    """What there was no time for."""

    left: Reading
    seconds: float


class Looked(Plain):
    """Where to go on with the intents that are due; None once all were looked at."""

    after: str | None
    seconds: float


@activity(blueprint, retry=QUICK)
async def list_due(deps: Deps, due: Due, call: Call) -> DueKeys:
    """A page of the things that are to be read now; with a product's stock its price is read, too."""
    from shared.records import Query  # noqa: PLC0415
    from shared.standing.intent import SUBJECTS  # noqa: PLC0415  with the first tick, not with the app

    watch = Stopwatch()
    wanted = Query({"kind": due.kind, "due_at": {"le": call.at}}, None, "due_at", KEYS_PAGE, due.after)
    page = await deps.store.query(SUBJECTS, wanted)
    keys = [stored.value.id for stored in page.items]
    if due.kind == "stock":
        keys = [other for key in keys for other in (key, f"price:{key.partition(':')[2]}")]
    return DueKeys(keys=tuple(keys), after=page.next, seconds=watch.seconds)


@activity(blueprint, retry=QUICK)
async def read_things(deps: Deps, asked: Reading, call: Call, client: Client) -> Read:
    """Read some things, each once, and look at the intents that they turn for."""
    from shared.standing.tick import read_all  # noqa: PLC0415
    from shared.standing.watcher import Cursor  # noqa: PLC0415

    watch = Stopwatch()
    house = _house(deps, client, call, watch)
    begun = {key: Cursor.model_validate(one) for key, one in asked.cursors.items()}
    left = await read_all(house.watcher(), asked.keys, begun, house.is_over)
    cursors = {key: cursor.model_dump(mode="json") for key, cursor in left.items() if cursor}
    return Read(left=Reading(keys=tuple(left), cursors=cursors), seconds=watch.seconds)


@activity(blueprint, retry=QUICK)
async def look_at_due(deps: Deps, after: str, call: Call, client: Client) -> Looked:
    """Look at the intents whose time has come, as many as there is time for; after: empty for the first."""
    watch = Stopwatch()
    left = await _house(deps, client, call, watch).watcher().look_at_due(after or None)
    return Looked(after=left, seconds=watch.seconds)


def _house(deps: Deps, client: Client, call: Call, watch: Stopwatch) -> House:
    from shared.standing.tick import House  # noqa: PLC0415

    return House(
        deps.store, deps.weather, client, call.key, call.at, lambda: watch.seconds > STEP_SECONDS_MAX
    )
