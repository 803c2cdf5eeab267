"""Work of a few seconds that leaves traces: a line in a file for each step, two counters moved by each root."""

import os
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df

app = df.DFApp()
STEPS = 6
PAUSE = timedelta(seconds=0.7)


@app.orchestration_trigger(context_name="context")
def root(context: df.DurableOrchestrationContext):
    """A signal, steps and pauses with a child in the middle, a word to wait for, and a call to a counter."""
    name = context.instance_id
    context.signal_entity(df.EntityId("counter", "signalled"), "add", 1)
    done = []
    for number in range(STEPS):
        done.append((yield context.call_activity("step", f"{name}/{number}")))
        if number == STEPS // 2:
            done.extend((yield context.call_sub_orchestrator("child", name)))
        yield context.create_timer(context.current_utc_datetime + PAUSE)
    yield context.wait_for_external_event("finish")
    rank = yield context.call_entity(df.EntityId("counter", "called"), "add", 1)
    return {"done": done, "rank": rank}


@app.orchestration_trigger(context_name="context")
def child(context: df.DurableOrchestrationContext):
    """Two steps at once, one of them behind a pause."""
    name = context.get_input()
    left = context.call_activity("step", f"{name}/left")
    pause = context.create_timer(context.current_utc_datetime + PAUSE)
    yield context.task_all([left, pause])
    right = yield context.call_activity("step", f"{name}/right")
    return [left.result, right]


@app.activity_trigger(input_name="name")
def step(name: str) -> str:
    """Leave a line for every execution, finished or not."""
    with Path(os.environ["CRASH_TRACE"]).open("a", encoding="utf-8") as trace:
        trace.write(name + "\n")
    return name.upper()


@app.entity_trigger(context_name="context")
def counter(context: df.DurableEntityContext):
    total = context.get_state(lambda: 0) + context.get_input()
    context.set_state(total)
    context.set_result(total)
