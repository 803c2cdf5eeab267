"""Everything that goes wrong: unknown names, drifting orchestrators, crashing functions."""

import asyncio
import threading
from collections import Counter
from datetime import datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
TURNS: Counter[str] = Counter()
GATES: list[threading.Event] = []
PASSED: list[int] = []


@app.orchestration_trigger(context_name="context")
def calls_unknown(context: df.DurableOrchestrationContext):
    """Call what does not exist, and try in vain to catch that."""
    try:
        match context.get_input():
            case "activity":
                yield context.call_activity("no_such_activity")
            case "orchestrator":
                yield context.call_sub_orchestrator("no_such_orchestrator")
            case "entity":
                yield context.call_entity(df.EntityId("no_such_entity", "k"), "get")
    except Exception:
        return "caught"
    return "went through"


@app.orchestration_trigger(context_name="context")
def drifts(context: df.DurableOrchestrationContext):
    """Do something else at the second step when replayed, in the way the input says."""
    TURNS[context.instance_id] += 1
    replayed = TURNS[context.instance_id] > 2
    yield context.call_activity("alpha", "first")
    match context.get_input() if replayed else "as before":
        case "as before":
            yield context.call_activity("alpha", "second")
        case "other name":
            yield context.call_activity("beta", "second")
        case "other kind":
            yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        case "nothing":
            pass
    return "finished"


@app.activity_trigger(input_name="value")
def alpha(value: str) -> str:
    return value


@app.activity_trigger(input_name="value")
def beta(value: str) -> str:
    return value


@app.orchestration_trigger(context_name="context")
def calls(context: df.DurableOrchestrationContext):
    """Call the activity that the input names and tell what it raised."""
    try:
        return (yield context.call_activity(context.get_input(), "x"))
    except Exception as error:
        return f"caught: {error}"


@app.activity_trigger(input_name="value")
def raises(value: str) -> str:
    raise LookupError("nothing to be found")


@app.activity_trigger(input_name="value")
def exits(value: str) -> str:
    raise SystemExit(9)


@app.activity_trigger(input_name="value")
async def exits_async(value: str) -> str:
    raise SystemExit(9)


@app.activity_trigger(input_name="value")
async def never_first(value: str) -> str:
    """The first attempt lasts as long as its host."""
    TURNS["began"] += 1
    if TURNS["began"] == 1:
        await asyncio.sleep(3600)
    return value


@app.activity_trigger(input_name="value")
def gated(value: str) -> str:
    """Every attempt waits until it is let through, and tells which it is."""
    number = len(GATES)
    GATES.append(threading.Event())
    GATES[number].wait(20)
    PASSED.append(number)
    return f"attempt {number}"


@app.route(route="gates")
def gates(req: func.HttpRequest) -> str:
    """How many attempts have come, and how many have gone."""
    return f"{len(GATES)} {len(PASSED)}"


@app.route(route="gates/{number:int}", methods=["POST"])
def open_gate(req: func.HttpRequest) -> str:
    GATES[int(req.route_params["number"])].set()
    return "open"


@app.route(route="state/{id}")
@app.durable_client_input(client_name="client")
async def state(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> str:
    """How an instance stands, seen while others still run."""
    return (await client.get_status(req.route_params["id"])).runtime_status.name


@app.route(route="began")
async def began(req: func.HttpRequest) -> str:
    """How often `never_first` has begun."""
    return str(TURNS["began"])


@app.activity_trigger(input_name="value")
def gives_date(value: str):
    """A value that no JSON can hold."""
    return datetime(2024, 1, 1)


@app.orchestration_trigger(context_name="context")
def raises_itself(context: df.DurableOrchestrationContext):
    yield context.call_activity("alpha", "x")
    raise ValueError("the flow itself gave up")


@app.orchestration_trigger(context_name="context")
def raises_at_once(context: df.DurableOrchestrationContext):
    raise ValueError("before anything was scheduled")
    yield


@app.orchestration_trigger(context_name="context")
def returns_date(context: df.DurableOrchestrationContext):
    yield context.call_activity("alpha", "x")
    return datetime(2024, 1, 1)


@app.orchestration_trigger(context_name="context")
def exits_itself(context: df.DurableOrchestrationContext):
    yield context.call_activity("alpha", "x")
    raise SystemExit(9)


@app.orchestration_trigger(context_name="context")
def catches_child(context: df.DurableOrchestrationContext):
    try:
        yield context.call_sub_orchestrator("raises_itself")
    except Exception as error:
        return f"caught: {error}"


@app.orchestration_trigger(context_name="context")
def waits_for_child(context: df.DurableOrchestrationContext):
    """Wait for a child of a known id, which waits for an event."""
    try:
        return (yield context.call_sub_orchestrator("waits", instance_id=f"{context.instance_id}-child"))
    except Exception as error:
        return f"caught: {error}"


@app.orchestration_trigger(context_name="context")
def waits(context: df.DurableOrchestrationContext):
    return (yield context.wait_for_external_event("go"))


@app.orchestration_trigger(context_name="context")
def not_a_generator(context: df.DurableOrchestrationContext):
    return {"given": context.get_input()}
