"""External events: typed and encoded twice, in time, early, doubled, and in a burst."""

from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="raise/{id}/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def raise_(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Raise an event through the SDK's client, with the body as data."""
    try:
        await client.raise_event(req.route_params["id"], req.route_params["name"], req.get_json())
    except Exception as error:
        return func.HttpResponse(str(error), status_code=409)
    return func.HttpResponse("raised", status_code=202)


@app.orchestration_trigger(context_name="context")
def wait_one(context: df.DurableOrchestrationContext):
    """Wait for `word` and tell its type and value."""
    value = yield context.wait_for_external_event("word")
    return [type(value).__name__, value]


@app.orchestration_trigger(context_name="context")
def wait_twice(context: df.DurableOrchestrationContext):
    """Two waits for one name, one straight after the other."""
    first = yield context.wait_for_external_event("word")
    second = yield context.wait_for_external_event("word")
    return [first, second]


@app.orchestration_trigger(context_name="context")
def wait_twice_late(context: df.DurableOrchestrationContext):
    """An hour of sleep before the same two waits, so that what is sent at once comes early."""
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    first = yield context.wait_for_external_event("word")
    second = yield context.wait_for_external_event("word")
    return [first, second]


@app.orchestration_trigger(context_name="context")
def wait_sleep_wait(context: df.DurableOrchestrationContext):
    """A wait, an hour of sleep, and two more waits for the same name."""
    first = yield context.wait_for_external_event("word")
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    second = yield context.wait_for_external_event("word")
    third = yield context.wait_for_external_event("word")
    return [first, second, third]


@app.orchestration_trigger(context_name="context")
def wait_for_both(context: df.DurableOrchestrationContext):
    """Two names at once, in whatever order they come."""
    left, right = context.wait_for_external_event("left"), context.wait_for_external_event("right")
    return (yield context.task_all([left, right]))


@app.orchestration_trigger(context_name="context")
def collect(context: df.DurableOrchestrationContext):
    """Take one event an execution and continue as new until there are enough."""
    state = context.get_input()
    state["got"].append((yield context.wait_for_external_event("word")))
    if len(state["got"]) < state["wanted"]:
        context.continue_as_new(state)
        return None
    return state["got"]


@app.orchestration_trigger(context_name="context")
def read_input(context: df.DurableOrchestrationContext):
    return context.get_input()
