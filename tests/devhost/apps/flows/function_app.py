"""The usual patterns: chain, fan-out, sub-orchestrations with retry, monitor, human interaction, progress."""

from collections import Counter
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
ATTEMPTS: Counter[str] = Counter()
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5 * 60_000, max_number_of_attempts=3)


@app.route(route="start/{name}/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start an orchestration with the request's body as input, as the quickstarts do."""
    body = req.get_json() if req.get_body() else None
    instance = await client.start_new(req.route_params["name"], req.route_params["id"], body)
    return client.create_check_status_response(req, instance)


@app.route(route="operate/{op}/{id}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def operate(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Suspend, resume, terminate, restart or purge through the SDK's client."""
    instance = req.route_params["id"]
    match req.route_params["op"]:
        case "purge":
            return func.HttpResponse(str((await client.purge_instance_history(instance)).instances_deleted))
        case "restart":
            return func.HttpResponse(str(await client.restart(instance)))
        case op:
            await getattr(client, op)(instance, "by the test")
            return func.HttpResponse("done")


@app.route(route="look/{id}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def look(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """What the SDK's client makes of a status."""
    status = await client.get_status(req.route_params["id"], show_history=True, show_input=True)
    if not status:
        return func.HttpResponse("none", status_code=404)
    events = getattr(status, "historyEvents", None)
    return func.HttpResponse(f"{status.runtime_status.name} {status.output} {status.history} {bool(events)}")


@app.route(route="list/{prefix}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def list_(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The ids with a prefix that have completed, as the SDK's client reads them."""
    found = await client.get_status_by(
        runtime_status=[df.OrchestrationRuntimeStatus.Completed],
        instance_id_prefix=req.route_params["prefix"],
    )
    return func.HttpResponse(",".join(sorted(status.instance_id for status in found)))


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    """Greet three cities, one after the other."""
    first = yield context.call_activity("hello", "Tokyo")
    second = yield context.call_activity(hello, "Seattle")
    third = yield context.call_activity("hello", "London")
    return [first, second, third]


@app.activity_trigger(input_name="city")
def hello(city: str) -> str:
    return f"Hello {city}!"


@app.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext):
    """Square every number below the input, in parallel, and add them up."""
    squares = yield context.task_all([context.call_activity("square", n) for n in range(context.get_input())])
    return sum(squares)


@app.activity_trigger(input_name="number")
async def square(number: int) -> int:
    return number * number


@app.orchestration_trigger(context_name="context")
def ship_order(context: df.DurableOrchestrationContext):
    """Ship every item in a child of its own; a child that fails is tried again after five minutes."""
    order = context.get_input()
    children = [
        context.call_sub_orchestrator_with_retry("ship_item", RETRY, {"order": order["id"], "item": item})
        for item in order["items"]
    ]
    return (yield context.task_all(children))


@app.orchestration_trigger(context_name="context")
def ship_item(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("book_carrier", context.get_input()))


@app.activity_trigger(input_name="parcel")
def book_carrier(parcel: dict) -> str:
    """Refuse an item as often as its name says: `2:lamp` at the first two attempts."""
    refusals, name = parcel["item"].split(":")
    key = f"{parcel['order']}/{parcel['item']}"
    ATTEMPTS[key] += 1
    if ATTEMPTS[key] <= int(refusals):
        raise RuntimeError(f"no carrier for {name}")
    return f"{name} at attempt {ATTEMPTS[key]}"


@app.orchestration_trigger(context_name="context")
def book_with_retry(context: df.DurableOrchestrationContext):
    """One activity with retry, and what it raised when all attempts are spent."""
    parcel = {"item": context.get_input(), "order": context.instance_id}
    try:
        return (yield context.call_activity_with_retry("book_carrier", RETRY, parcel))
    except Exception as error:
        return f"gave up: {error}"


@app.orchestration_trigger(context_name="context")
def monitor(context: df.DurableOrchestrationContext):
    """Look once an hour, as a new execution each time, until the target is reached."""
    watch = context.get_input()
    reading = yield context.call_activity("square", watch["checks"])
    context.set_custom_status({"checks": watch["checks"], "reading": reading})
    if watch["checks"] == watch["target"]:
        return {"checks": watch["checks"], "at": context.current_utc_datetime.isoformat()}
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    context.continue_as_new({**watch, "checks": watch["checks"] + 1})
    return None


@app.orchestration_trigger(context_name="context")
def approval(context: df.DurableOrchestrationContext):
    """Wait three days for a person, then escalate."""
    yield context.call_activity("hello", "approver")
    answer = context.wait_for_external_event("Approval")
    timeout = context.create_timer(context.current_utc_datetime + timedelta(days=3))
    winner = yield context.task_any([answer, timeout])
    if winner == timeout:
        return (yield context.call_activity("hello", "manager"))
    timeout.cancel()
    return {"approved": answer.result}


@app.orchestration_trigger(context_name="context")
def forgets_timer(context: df.DurableOrchestrationContext):
    """As `approval`, but the timer is neither awaited nor cancelled."""
    answer = context.wait_for_external_event("Approval")
    timeout = context.create_timer(context.current_utc_datetime + timedelta(days=3))
    yield context.task_any([answer, timeout])
    if answer.result == "fail":
        raise RuntimeError("failed with a timer open")
    return "answered"


@app.orchestration_trigger(context_name="context")
def long_wait(context: df.DurableOrchestrationContext):
    """Sleep for as many days as the input says, and tell when it woke."""
    yield context.create_timer(context.current_utc_datetime + timedelta(days=context.get_input()))
    return context.current_utc_datetime.isoformat()


@app.orchestration_trigger(context_name="context")
def progress(context: df.DurableOrchestrationContext):
    """Report each stage and wait to be told to go on; an event carries the word."""
    for stage in ("packed", "loaded", "delivered"):
        context.set_custom_status({"stage": stage})
        yield context.wait_for_external_event(f"after-{stage}")
    return "done"


@app.orchestration_trigger(context_name="context")
def versions(context: df.DurableOrchestrationContext):
    """The version this runs as, and those of a child without and with one of its own."""
    if context.get_input() == "child":
        return context.version
    plain = yield context.call_sub_orchestrator("versions", "child")
    pinned = yield context.call_sub_orchestrator("versions", "child", version="7.5")
    return [context.version, plain, pinned]


@app.orchestration_trigger(context_name="context")
def identities(context: df.DurableOrchestrationContext):
    """Ids made before and after a wait, as they come out of the last replay, and the parent of a child."""
    if context.get_input() == "child":
        return context.parent_instance_id
    made = [context.new_uuid(), str(context.new_guid()), context.new_uuid()]
    echoed = yield context.call_activity("echo", made)
    kid = f"{context.instance_id}-kid"
    parent = yield context.call_sub_orchestrator("identities", "child", instance_id=kid)
    return {"made": made, "echoed": echoed, "parent": parent}


@app.activity_trigger(input_name="value")
def echo(value):
    return value


@app.orchestration_trigger(context_name="context")
def echo_all(context: df.DurableOrchestrationContext):
    """Pass every value of the input through an activity, a child and the result."""
    got = []
    for value in context.get_input():
        by_activity = yield context.call_activity("echo", value)
        by_child = yield context.call_sub_orchestrator("give_back", value)
        got.append([by_activity, by_child])
    return got


@app.orchestration_trigger(context_name="context")
def give_back(context: df.DurableOrchestrationContext):
    return context.get_input()
