"""A Starlette app beside durable functions: one catch-all function, and a blueprint registered with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import azure.durable_functions as df
import azure.functions as func
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

MARKS: list[str] = []


@asynccontextmanager
async def lifespan(site: Starlette) -> AsyncIterator[None]:
    MARKS.append("started")
    try:
        yield
    finally:
        MARKS.append("ended")


async def hello(request: Request) -> PlainTextResponse:
    marks = {"x-marks": " ".join(MARKS)}
    return PlainTextResponse(f"hello {request.path_params['name']}", headers=marks)


async def echo(request: Request) -> JSONResponse:
    given = await request.json()
    return JSONResponse({"method": request.method, "query": dict(request.query_params), **given})


async def broken(request: Request) -> PlainTextResponse:
    raise RuntimeError("inside the site")


site = Starlette(
    routes=[
        Route("/hello/{name}", hello),
        Route("/echo", echo, methods=["POST"]),
        Route("/broken", broken),
    ],
    lifespan=lifespan,
)
durable = df.Blueprint(http_auth_level=func.AuthLevel.ANONYMOUS)


@durable.route(route="orders/{id}", methods=["POST"])
@durable.durable_client_input(client_name="client")
async def place_order(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    await client.start_new("order", req.route_params["id"], req.get_json())
    return client.create_check_status_response(req, req.route_params["id"])


@durable.orchestration_trigger(context_name="context")
def order(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("price", context.get_input()))


@durable.activity_trigger(input_name="basket")
def price(basket: dict) -> int:
    return sum(basket.values())


app = func.AsgiFunctionApp(app=site, http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(durable)
