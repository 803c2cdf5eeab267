"""What is measured: a chain, a fan-out, hourly checks, an inbox, a counter and a plain HTTP function."""
# mypy: disallow-untyped-decorators=False, disallow-any-unimported=False
# The durable SDK ships no types.

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

Flow = Generator[Any, Any, Any]

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext) -> Flow:
    """Greet three cities, one after the other."""
    first = yield context.call_activity("hello", "Tokyo")
    second = yield context.call_activity("hello", "Seattle")
    third = yield context.call_activity("hello", "London")
    return [first, second, third]


@app.activity_trigger(input_name="city")
def hello(city: str) -> str:
    return f"Hello {city}!"


@app.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext) -> Flow:
    """Square every number below the input at once and add them up."""
    squares = yield context.task_all([context.call_activity("square", n) for n in range(context.get_input())])
    return sum(squares)


@app.activity_trigger(input_name="number")
def square(number: int) -> int:
    return number * number


@app.orchestration_trigger(context_name="context")
def hourly_anew(context: df.DurableOrchestrationContext) -> Flow:
    """Look once an hour, as often as the input says, each time as a new execution."""
    left = context.get_input()
    yield context.call_activity("square", left)
    if left == 1:
        return "done"
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    context.continue_as_new(left - 1)
    return None


@app.orchestration_trigger(context_name="context")
def hourly_loop(context: df.DurableOrchestrationContext) -> Flow:
    """Look once an hour, as often as the input says, in one loop with one growing history."""
    checks = context.get_input()
    for left in range(checks, 0, -1):
        yield context.call_activity("square", left)
        if left > 1:
            yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return "done"


@app.orchestration_trigger(context_name="context")
def inbox(context: df.DurableOrchestrationContext) -> Flow:
    """Wait for as many words as the input says and tell after each how many came."""
    for received in range(1, context.get_input() + 1):
        yield context.wait_for_external_event("word")
        context.set_custom_status(received)


@app.entity_trigger(context_name="context")
def counter(context: df.DurableEntityContext) -> None:
    """Add the input, whatever the operation is called."""
    context.set_state(context.get_state(lambda: 0) + context.get_input())


@app.route(route="ping", methods=["GET"])
async def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"pong {req.params.get('n', '')}")
