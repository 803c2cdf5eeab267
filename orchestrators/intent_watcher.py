"""A run of the watcher: everything that is due is read once, and whom it concerns is looked at.

1. At the same time: forecasts, stocks and prices that are due are read; intents whose own time has come are looked at.
2. Once more the intents that are due: those that had waited for the new forecasts.
3. What it has cost is shared out among all that wait.

A source that is slow or silent keeps up nothing but its own part. With keys, as after a change in the catalog, only
these things are read. Each part goes on as new after every page, so its history stays short however much there is.
"""

from __future__ import annotations

from typing import Any, Literal

import azure.durable_functions as df
from pydantic import Field

from activities.costs import EXECUTIONS, Tick, note_cost
from activities.watching import Due, Reading, list_due, look_at_due, read_things
from orchestrators.steps import (
    Context,
    Flow,
    all_of,
    child,
    continue_as_new,
    doing,
    input_of,
    step,
)
from shared.flows import StepFailed
from shared.wire import Plain, pack

blueprint = df.Blueprint()
BATCH = 25
BATCHES_MAX = 8
Part = Literal["weather", "stock", "price", "due", "keys"]
TICK: tuple[Part, ...] = ("weather", "stock", "price", "due")


class Run(Plain):
    """What is to be read; no keys: everything that is due."""

    keys: tuple[str, ...] = Field(default=(), max_length=BATCH * BATCHES_MAX)


class Work(Plain):
    """One part of a run, and how far it has come; left: what was begun, with where to go on."""

    part: Part
    after: str | None = None
    is_listed: bool = False
    left: tuple[Reading, ...] = ()
    used: Tick = Tick(executions=0, seconds=0.0)


@blueprint.orchestration_trigger(context_name="context")
def intent_watcher(context: Context) -> Flow[Any]:
    """Watch once; what it has used as plain JSON."""
    run = input_of(context, Run)
    if run.keys:
        left = tuple(Reading(keys=run.keys[at : at + BATCH]) for at in range(0, len(run.keys), BATCH))
        used = yield from _all_parts(context, [Work(part="keys", is_listed=True, left=left)])
    else:
        used = yield from _all_parts(context, [Work(part=part) for part in TICK])
        used += yield from _all_parts(context, [Work(part="due")])
    total = _sum(used)
    yield from step(context, note_cost, total)
    return pack(total)


@blueprint.orchestration_trigger(context_name="context")
def watch_part(context: Context) -> Flow[Any]:
    """One part, a page of things after the other; what it has used as plain JSON."""
    work = input_of(context, Work)
    done = yield from (_due_looked_at(context, work) if work.part == "due" else _things_read(context, work))
    if not done.left and done.is_listed and done.after is None:
        return pack(done.used)
    continue_as_new(context, done)
    return None


def _all_parts(context: Context, parts: list[Work]) -> Flow[list[Tick]]:
    """All at once; one that fails is made up for by the next run, and costs the others nothing."""
    try:
        used: list[Tick] = yield from all_of(context, [child(context, "watch_part", part, Tick) for part in parts])
    except StepFailed:
        return []
    return used


def _due_looked_at(context: Context, work: Work) -> Flow[Work]:
    looked = yield from step(context, look_at_due, work.after or "")
    return _went_on(work, [looked.seconds], after=looked.after, is_listed=True)


def _things_read(context: Context, work: Work) -> Flow[Work]:
    """What was left over, else the next page of the list."""
    if work.left:
        batches = work.left[:BATCHES_MAX]
        read = yield from _read(context, batches)
        left = tuple(one.left for one in read if one.left.keys)
        return _went_on(work, [one.seconds for one in read], left=(*left, *work.left[BATCHES_MAX:]))
    due = yield from step(context, list_due, Due(kind=work.part, after=work.after))
    left = tuple(Reading(keys=due.keys[at : at + BATCH]) for at in range(0, len(due.keys), BATCH))
    return _went_on(work, [due.seconds], after=due.after, is_listed=True, left=left)


def _read(context: Context, batches: tuple[Reading, ...]) -> Flow[list[Any]]:
    """All batches at once; a batch that fails stays due, and is read with the next run."""
    try:
        read = yield from all_of(context, [doing(context, read_things, batch) for batch in batches])
    except StepFailed:
        return []
    return read


def _went_on(work: Work, seconds: list[float], **more: Any) -> Work:
    used = Tick(
        executions=work.used.executions + EXECUTIONS * max(1, len(seconds)),
        seconds=work.used.seconds + sum(seconds),
    )
    return work.model_copy(update={"used": used, **more})


def _sum(used: list[Tick]) -> Tick:
    return Tick(executions=EXECUTIONS + sum(one.executions for one in used), seconds=sum(one.seconds for one in used))
