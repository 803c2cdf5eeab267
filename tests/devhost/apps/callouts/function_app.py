"""Durable HTTP calls against a route of the same app, which answers 202 a few times first."""

import json
from collections import Counter

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
POLLS: Counter[str] = Counter()


@app.route(route="job/{id}/{refusals:int}", methods=["GET", "POST"])
def job(req: func.HttpRequest) -> func.HttpResponse:
    """202 with a place and a time to ask again, `refusals` times; then 200 with what was seen."""
    key, refusals = req.route_params["id"], int(req.route_params["refusals"])
    POLLS[key] += 1
    if POLLS[key] <= refusals:
        again = {"Location": req.url, "Retry-After": "60"}
        return func.HttpResponse("later", status_code=202, headers=again)
    seen = {"calls": POLLS[key], "body": req.get_body().decode(), "kind": req.headers.get("x-kind")}
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route(route="missing")
def missing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("not here", status_code=404)


@app.orchestration_trigger(context_name="context")
def call(context: df.DurableOrchestrationContext):
    """One call with the method, address, content and headers of the input."""
    ask = context.get_input()
    return (yield context.call_http(ask["method"], ask["uri"], ask.get("content"), ask.get("headers")))
