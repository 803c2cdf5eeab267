"""Flows in the words of orchestrators/steps.py, each showing a few of them; tests start them with plain JSON."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import date, timedelta
from typing import Any

import acts
import azure.durable_functions as df
import azure.functions as func
from pydantic import BaseModel, JsonValue

from activities import inbox as inbox_activities
from entities import capacity
from orchestrators.steps import (
    Context,
    UndoStack,
    all_of,
    asking,
    call_entity,
    call_flow,
    child,
    continue_as_new,
    doing,
    event_name,
    input_of,
    must,
    must_all,
    next_round,
    step,
    step_key,
    wait_for,
    wait_for_any,
)
from shared.flows import Refusal, Stopped, TimedOut
from shared.inbox import deliver, receive
from shared.logistics.capacity import Outcome
from shared.wire import pack
from shared.wiring import deps
from triggers import timer_inbox_sweeper

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in (acts.blueprint, inbox_activities.blueprint, capacity.blueprint, timer_inbox_sweeper.blueprint):
    app.register_functions(blueprint)

Body = Generator[Any, Any, Any]
TYPES: dict[str, Any] = {"str": str, "int": int, "bool": bool, "Work": acts.Work, "date": date, "any": JsonValue}


class Wait(BaseModel):
    """Wait for these events one after the other; pause_minutes: before each."""

    events: list[str]
    kind: str = "any"
    minutes: int = 60
    pause_minutes: int = 0


@app.orchestration_trigger(context_name="context")
def one(context: Context) -> Body:
    """One step; its answer as it comes."""
    answer = yield from step(context, acts.do, input_of(context, acts.Work))
    return {"refusal": answer._asdict()} if isinstance(answer, Refusal) else pack(answer)


@app.orchestration_trigger(context_name="context")
def saga(context: Context) -> Body:
    """Undo each before it is done; take all back at the first that stops. An undo is at fault where `undo` says so."""
    works, faults = input_of(context, tuple[list[acts.Work], dict[str, int]])
    undo = UndoStack(context)
    try:
        for work in works:
            undo.add(acts.take_back, acts.Work(what=f"undo {work.what}", faults=faults.get(work.what, 0)))
            yield from must(step(context, acts.do_once, work))
    except Stopped as stopped:
        failed = yield from undo.run()
        return [stopped.reason, stopped.detail, [[one.step, one.given["what"], one.reason] for one in failed]]
    return "all done"


@app.orchestration_trigger(context_name="context")
def saga_refused_undo(context: Context) -> Body:
    """An undo that answers no counts as failed."""
    undo = UndoStack(context)
    undo.add(acts.take_back, acts.Work(what="a"))
    undo.add(acts.take_back, acts.Work(what="b", refuse="too_late"))
    failed = yield from undo.run()
    again = yield from undo.run()
    return [[one.reason for one in failed], again]


@app.orchestration_trigger(context_name="context")
def plain(context: Context) -> Body:
    """A step without a model."""
    return (yield from step(context, acts.count, input_of(context, list[str])))


@app.orchestration_trigger(context_name="context")
def loud(context: Context) -> Body:
    """A step that fails at length, or answers at length."""
    name, length = input_of(context, tuple[str, int])
    try:
        yield from step(context, acts.shout if name == "shout" else acts.overflow, length)
    except Stopped as stopped:
        return [len(stopped.detail), stopped.detail[:300]]
    return None


@app.orchestration_trigger(context_name="context")
def fan(context: Context) -> Body:
    """Several at once; then one more step, so that nothing may have stayed open."""
    works = input_of(context, list[acts.Work])
    try:
        done = yield from must_all(all_of(context, [doing(context, acts.do, work) for work in works]))
        said = [one.what for one in done]
    except Stopped as stopped:
        said = [stopped.reason]
    last = yield from must(step(context, acts.do, acts.Work(what="last")))
    return [*said, last.what]


@app.orchestration_trigger(context_name="context")
def parent(context: Context) -> Body:
    """Two children at once, one alone, one that fails."""
    both = yield from all_of(context, [child(context, "plain", ["a"] * n, int) for n in (1, 2)])
    alone = yield from call_flow(context, "plain", ["a"] * 3, int)
    try:
        yield from call_flow(context, "plain", {"not": "a list"}, int)
    except Stopped as stopped:
        return [*both, alone, stopped.reason]
    return None


@app.orchestration_trigger(context_name="context")
def keys(context: Context) -> Body:
    """Keys within a round and across rounds."""
    seen = input_of(context, list[str])
    seen += [step_key(context, "a"), step_key(context, "a"), step_key(context, "b")]
    done = yield from must(step(context, acts.do, acts.Work(what="x")))
    seen.append(done.key)
    if len(seen) < 8:
        return continue_as_new(context, seen)
    return seen


@app.orchestration_trigger(context_name="context")
def waits(context: Context) -> Body:
    """Wait for events in turn."""
    asked = input_of(context, Wait)
    got: list[Any] = []
    for event in asked.events:
        if asked.pause_minutes:
            yield context.create_timer(context.current_utc_datetime + timedelta(minutes=asked.pause_minutes))
        name = event_name(context, event)
        try:
            data = yield from wait_for(context, event, timedelta(minutes=asked.minutes), TYPES[asked.kind])
        except Stopped as stopped:
            data = stopped.reason
        got.append([name, "timed out" if isinstance(data, TimedOut) else pack(data)])
    return got


@app.orchestration_trigger(context_name="context")
def races(context: Context) -> Body:
    """Rounds of the first of two events, with a step between."""
    got: list[Any] = []
    for _ in range(input_of(context, int)):
        happened = yield from wait_for_any(context, {"reply": str, "cancel": int}, timedelta(hours=1))
        got.append("timed out" if isinstance(happened, TimedOut) else list(happened))
        yield from step(context, acts.do, acts.Work(what="between"))
        if isinstance(happened, TimedOut):
            next_round(context, "reply")
    return got


@app.orchestration_trigger(context_name="context")
def rounds(context: Context) -> Body:
    """Wait, continue as new, three times."""
    got = input_of(context, list[str])
    data = yield from wait_for(context, "reply", timedelta(hours=1), str)
    got.append("timed out" if isinstance(data, TimedOut) else data)
    return continue_as_new(context, got) if len(got) < 3 else got


@app.orchestration_trigger(context_name="context")
def long_wait(context: Context) -> Body:
    """Wait longer than is allowed."""
    yield from wait_for(context, "reply", timedelta(days=400), str)


@app.orchestration_trigger(context_name="context")
def ask(context: Context) -> Body:
    """Commands to a capacity, in turn: [key, operation, fields]."""
    said = []
    for key, operation, given in input_of(context, list[tuple[str, str, dict[str, JsonValue]]]):
        given.setdefault("at", context.current_utc_datetime.isoformat())
        try:
            outcome = yield from call_entity(context, "capacity", key, operation, given, Outcome)
        except Stopped as stopped:
            said.append(stopped.detail)
        else:
            said.append(outcome.reason or outcome.status)
    return said


@app.orchestration_trigger(context_name="context")
def rush(context: Context) -> Body:
    """Reserve one slot under each of many ids at once, every command sent twice; how many got one."""
    key, ids = input_of(context, tuple[str, list[str]])
    at = context.current_utc_datetime
    commands = [asking(context, "capacity", key, "reserve", {"id": one, "at": at}, Outcome) for one in ids * 2]
    outcomes = yield from all_of(context, commands)
    first, second = outcomes[: len(ids)], outcomes[len(ids) :]
    return [outcome.status for outcome in first], first == second


@app.route(route="receive/{instance}/{name}/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def webhook(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Store an event, then raise it; with ?lose=1 the raise is lost."""
    house = deps()
    given = req.route_params
    received = await receive(
        house.store,
        instance=given["instance"],
        name=given["name"],
        sender_id=given["id"],
        data=json.loads(req.get_body() or b"null"),
        now=house.clock.now(),
    )
    if received.is_new and "lose" not in req.params:
        await deliver(house.store, client, received.event, house.clock.now())
    return func.HttpResponse(json.dumps({"is_new": received.is_new}))
