"""One orchestrator that runs any program of `programs.py`, given as plain data, and what it calls.

The input is `{program, generation, out, start, run}`; the result is `out`: a note and a tick for every step.
"""

import re
from collections import Counter
from datetime import datetime, timedelta

import azure.durable_functions as df

app = df.DFApp()
TICK = timedelta(seconds=30)
ATTEMPTS: Counter[str] = Counter()


class BoomError(Exception):
    """The failure of a step, with the token by which it is known."""

    def __init__(self, token: str) -> None:
        super().__init__(f"boom-{token}")
        self.token = token


@app.orchestration_trigger(context_name="context")
def program(context: df.DurableOrchestrationContext):
    """Run one generation; then continue as new with the next, or return what all of them noted."""
    state = context.get_input()
    generations = state["program"]["generations"]
    yield from run_steps(context, state, generations[state["generation"]], state["out"])
    if state["generation"] + 1 < len(generations):
        context.continue_as_new({**state, "generation": state["generation"] + 1})
        return None
    return state["out"]


def run_steps(context, state, steps, out):
    for step in steps:
        note = yield from STEPS[step["do"]](context, state, step)
        passed = context.current_utc_datetime - datetime.fromisoformat(state["start"])
        out.append([note, round(passed / TICK)])


def run_task(context, state, step):
    """Yield one task, single or compound; a failure is noted if the step catches, else it goes on."""
    task = begin(context, state, step["task"])
    try:
        yield task
    except Exception as error:
        token = token_of(step["task"], error)
        if step["catch"]:
            return {"error": token}
        raise BoomError(token) from None
    return value_of(step["task"], task)


def run_race(context, state, step):
    """Yield whichever of several tasks is first; then cancel, forget, await or join the losers."""
    specs = step["of"]
    tasks = [begin(context, state, spec) for spec in specs]
    winner = yield context.task_any(tasks)
    first = tasks.index(winner)
    notes = [first, outcome_of(specs[first], winner)]
    losers = [(spec, task) for spec, task in zip(specs, tasks, strict=True) if task is not winner]
    match step["losers"]:
        case "cancel":
            for timer in (task for spec, task in losers if spec["is"] == "timer"):
                timer.cancel()
        case "await":
            for spec, task in losers:
                notes.append((yield from caught(spec, task)))
        case "join":
            latecomer = {"is": "echo", "value": "joined"}
            whole = {"is": "all", "of": [*(spec for spec, _ in losers), latecomer]}
            joined = context.task_all([*(task for _, task in losers), begin(context, state, latecomer)])
            notes.append((yield from caught(whole, joined)))
    return notes


def caught(spec, task):
    """Yield a task; its value, or its failure as a value."""
    try:
        yield task
    except Exception as error:
        return {"error": token_of(spec, error)}
    return value_of(spec, task)


def run_drain(context, state, step):
    """Yield the first of what is left until nothing is; the order counts only if the step says so."""
    left = [(spec, begin(context, state, spec)) for spec in step["of"]]
    notes = []
    while left:
        winner = yield context.task_any([task for _, task in left])
        spec = next(spec for spec, task in left if task is winner)
        left = [pair for pair in left if pair[1] is not winner]
        notes.append(outcome_of(spec, winner))
    return notes if step["ordered"] else sorted(notes, key=repr)


def run_try(context, state, step):
    """Run steps until one fails, and note how far they came and why they stopped."""
    inner: list = []
    try:
        yield from run_steps(context, state, step["steps"], inner)
    except BoomError as boom:
        return [inner, boom.token]
    return [inner, None]


def run_uuid(context, state, step):
    """Ids must be the same at every replay: an activity gets them and gives them back later."""
    made = [context.new_uuid(), str(context.new_guid())]
    given = yield context.call_activity("echo", made)
    return given == made and len(set(made)) == 2


def run_signal(context, state, step):
    entity = df.EntityId("ledger", state["program"]["entity"])
    context.signal_entity(entity, step["op"], {"value": step["value"], "token": step["token"]})
    return "signalled"
    yield


def run_status(context, state, step):
    context.set_custom_status(step["value"])
    return "status"
    yield


def run_raise(context, state, step):
    raise BoomError(step["token"])
    yield


STEPS = {
    "task": run_task,
    "race": run_race,
    "drain": run_drain,
    "try": run_try,
    "uuid": run_uuid,
    "signal": run_signal,
    "status": run_status,
    "raise": run_raise,
}


def begin(context, state, spec):
    """The SDK's task for a task of the program."""
    match spec["is"]:
        case "echo" | "fail" | "flaky" as name:
            return context.call_activity(name, given_to(state, spec))
        case "timer":
            return context.create_timer(context.current_utc_datetime + spec["ticks"] * TICK)
        case "event":
            return context.wait_for_external_event(spec["name"])
        case "entity":
            entity = df.EntityId("ledger", state["program"]["entity"])
            return context.call_entity(entity, spec["op"], {"value": spec["value"], "token": spec["token"]})
        case "sub":
            return context.call_sub_orchestrator("program", child_state(state, spec), spec["id"])
        case "retry":
            return begin_retry(context, state, spec)
        case "all":
            return context.task_all([begin(context, state, child) for child in spec["of"]])
        case "any":
            return context.task_any([begin(context, state, child) for child in spec["of"]])
        case other:
            raise NotImplementedError(other)


def begin_retry(context, state, spec):
    options = df.RetryOptions(round(spec["ticks"] * TICK / timedelta(milliseconds=1)), spec["attempts"])
    inner = spec["of"]
    if inner["is"] == "sub":
        return context.call_sub_orchestrator_with_retry("program", options, child_state(state, inner))
    return context.call_activity_with_retry(inner["is"], options, given_to(state, inner))


def given_to(state, spec):
    return {**spec, "run": state["run"]} if spec["is"] == "flaky" else spec["value"]


def child_state(state, spec):
    return {**state, "program": spec["program"], "generation": 0, "out": []}


def value_of(spec, task):
    """The plain value of a task that succeeded."""
    match spec["is"]:
        case "all":
            if task.result is None:
                return None
            return [value_of(inner, child) for inner, child in zip(spec["of"], task.children, strict=True)]
        case "any":
            first = task.children.index(task.result)
            return [first, outcome_of(spec["of"][first], task.result)]
        case "sub":
            return {"child": task.result}
        case _:
            return task.result


def outcome_of(spec, task):
    """The plain value of a completed task, or its failure."""
    if isinstance(task.result, Exception):
        return {"error": token_of(spec, task.result)}
    return value_of(spec, task)


def token_of(spec, error):
    """Which failure this is; of several in one task_all any may be the first."""
    if isinstance(error, BoomError):
        return error.token
    found = re.search(r"boom-(\w+)", str(error))
    if found is None:
        return f"no token in: {error}"
    return "all" if spec["is"] == "all" else found[1]


@app.activity_trigger(input_name="value")
def echo(value):
    return value


@app.activity_trigger(input_name="token")
async def fail(token: str):
    raise RuntimeError(f"boom-{token}")


@app.activity_trigger(input_name="spec")
def flaky(spec: dict):
    """Fail at the first `failures` attempts of this run."""
    key = f"{spec['run']}/{spec['key']}"
    ATTEMPTS[key] += 1
    if ATTEMPTS[key] <= spec["failures"]:
        raise RuntimeError(f"boom-{spec['token']}")
    return spec["value"]


@app.entity_trigger(context_name="context")
def ledger(context: df.DurableEntityContext):
    """add · get · spoil, which adds and then raises."""
    total = context.get_state(lambda: 0)
    given = context.get_input()
    if context.operation_name != "get":
        total += given["value"]
        context.set_state(total)
    if context.operation_name == "spoil":
        raise RuntimeError(f"boom-{given['token']}")
    context.set_result(total)
