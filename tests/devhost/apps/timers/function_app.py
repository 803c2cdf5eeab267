"""Timer triggers of both cron forms; what ran is read over HTTP."""

import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
RUNS: list[list[object]] = []


def note(name: str, timer: func.TimerRequest) -> None:
    RUNS.append([name, timer.past_due, timer.schedule_status.get("Next")])


@app.timer_trigger(arg_name="timer", schedule="0 30 9 * * *")
def daily(timer: func.TimerRequest) -> None:
    note("daily", timer)


@app.timer_trigger(arg_name="timer", schedule="*/15 * * * *")
async def quarterly(timer: func.TimerRequest) -> None:
    note("quarterly", timer)


@app.timer_trigger(arg_name="timer", schedule="%NIGHTLY%", run_on_startup=True)
def nightly(timer: func.TimerRequest) -> None:
    note("nightly", timer)


@app.timer_trigger(arg_name="timer", schedule="0 0 6 * * 1-5")
@app.durable_client_input(client_name="client")
async def weekday_report(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    note("weekday_report", timer)
    await client.start_new("report", f"report-{len(RUNS)}")


@app.timer_trigger(arg_name="timer", schedule="0 0 12 * * *")
def faulty(timer: func.TimerRequest) -> None:
    note("faulty", timer)
    raise RuntimeError("at noon")


@app.orchestration_trigger(context_name="context")
def report(context: df.DurableOrchestrationContext):
    return context.current_utc_datetime.isoformat()


@app.route(route="runs")
def runs(req: func.HttpRequest) -> func.HttpResponse:
    """What ran since the last look."""
    seen = json.dumps(RUNS)
    RUNS.clear()
    return func.HttpResponse(seen, mimetype="application/json")
