"""Functions that outlast the one second that host.json allows."""

import asyncio
import threading

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
BLOCKED: list[threading.Event] = []


@app.activity_trigger(input_name="value")
async def sleeps(value: str) -> str:
    await asyncio.sleep(3600)
    return value


@app.activity_trigger(input_name="value")
def blocks(value: str) -> str:
    BLOCKED.append(threading.Event())
    BLOCKED[-1].wait(20)
    return value


@app.activity_trigger(input_name="value")
def quick(value: str) -> str:
    return value


@app.orchestration_trigger(context_name="context")
def outlasts(context: df.DurableOrchestrationContext):
    try:
        return (yield context.call_activity(context.get_input(), "x"))
    except Exception as error:
        return f"caught: {error}"


@app.route(route="release")
def release(req: func.HttpRequest) -> str:
    """Let the blocked threads go, so that nothing is left behind."""
    for event in BLOCKED:
        event.set()
    return "released"


@app.route(route="never")
async def never(req: func.HttpRequest) -> str:
    await asyncio.sleep(3600)
    return "never"
