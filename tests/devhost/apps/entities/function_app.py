"""A counter entity, the orchestrators that call and signal it, and client functions beside it."""

import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.entity_trigger(context_name="context", entity_name="Counter")
def count(context: df.DurableEntityContext):
    """add n · get · spoil n (adds, then raises) · delete."""
    value = context.get_state(lambda: 0)
    match context.operation_name:
        case "add":
            value += context.get_input()
            context.set_state(value)
        case "spoil":
            context.set_state(value + context.get_input())
            raise ValueError("spoilt on purpose")
        case "delete":
            context.destruct_on_exit()
            return
        case "get":
            pass
        case other:
            raise NotImplementedError(f"no operation {other}")
    context.set_result(value)


@app.entity_trigger(context_name="context")
def journal(context: df.DurableEntityContext):
    """Keep the inputs in the order they came."""
    lines = context.get_state(list)
    if context.operation_name == "write":
        lines.append(context.get_input())
        context.set_state(lines)
    context.set_result(lines)


@app.entity_trigger(context_name="context")
def unstorable(context: df.DurableEntityContext):
    """`set` takes the state from its input; `break` sets one that no JSON can hold; `get` returns it."""
    if context.operation_name != "get":
        context.set_state({1, 2} if context.operation_name == "break" else context.get_input())
    context.set_result(str(context.get_state()))


@app.orchestration_trigger(context_name="context")
def tally(context: df.DurableOrchestrationContext):
    """Call, signal and read one counter."""
    counter = df.EntityId("Counter", context.get_input())
    first = yield context.call_entity(counter, "add", 5)
    context.signal_entity(counter, "add", 37)
    last = yield context.call_entity(counter, "get")
    return [first, last]


@app.orchestration_trigger(context_name="context")
def tally_errors(context: df.DurableOrchestrationContext):
    """An operation that raises reaches the caller; what it had stored before stays."""
    counter = df.EntityId("counter", context.get_input())
    said = []
    for operation in ("spoil", "nonsense"):
        try:
            yield context.call_entity(counter, operation, 3)
        except Exception as error:
            said.append(str(error))
    return [said, (yield context.call_entity(counter, "get"))]


@app.orchestration_trigger(context_name="context")
def write_many(context: df.DurableOrchestrationContext):
    """Twenty signals, then a call: all in order."""
    book = df.EntityId("journal", context.instance_id)
    for number in range(20):
        context.signal_entity(book, "write", number)
    return (yield context.call_entity(book, "read"))


@app.orchestration_trigger(context_name="context")
def break_state(context: df.DurableOrchestrationContext):
    """The state of one operation cannot be stored; those beside it must not suffer."""
    entity = df.EntityId("unstorable", context.instance_id)
    context.signal_entity(entity, "set", "kept")
    context.signal_entity(entity, "break")
    return (yield context.call_entity(entity, "get"))


@app.route(route="counter/{key}/{op}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def signal(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Signal the counter with the body as input."""
    entity = df.EntityId("Counter", req.route_params["key"])
    await client.signal_entity(entity, req.route_params["op"], json.loads(req.get_body() or b"null"))
    return func.HttpResponse("sent", status_code=202)


@app.route(route="counter/{key}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def read(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The counter's state through the SDK's client."""
    found = await client.read_entity_state(df.EntityId("Counter", req.route_params["key"]))
    return func.HttpResponse(json.dumps({"exists": found.entity_exists, "state": found.entity_state}))
