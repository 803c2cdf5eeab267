"""Plain HTTP functions: routes, methods, auth levels, and what may and may not be returned."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def told(**facts: object) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(facts), mimetype="application/json")


@app.route(route="items/{id:int}", methods=["GET"])
def item(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="item", **req.route_params)


@app.route(route="items/first", methods=["GET"])
def first_item(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="first_item")


@app.route(route="items/{name}", methods=["GET"])
def named_item(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="named_item", **req.route_params)


@app.route(route="items/{id:int}", methods=["PUT", "DELETE"])
def change_item(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="change_item", method=req.method, **req.route_params)


@app.route(route="files/{*path}")
def files(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="files", path=req.route_params.get("path"), method=req.method)


@app.route(route="mirror")
async def mirror(req: func.HttpRequest) -> func.HttpResponse:
    """Everything the function sees of a request."""
    return told(
        method=req.method,
        url=req.url,
        headers=dict(req.headers),
        query=dict(req.params),
        body=req.get_body().decode(),
    )


@app.route()
def unrouted(req: func.HttpRequest) -> str:
    return "a route is the function's name unless told otherwise"


@app.route(route="guarded", auth_level=func.AuthLevel.FUNCTION)
def guarded(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="guarded")


@app.route(route="guarded-too", auth_level=func.AuthLevel.FUNCTION)
def guarded_too(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="guarded_too")


@app.route(route="master", auth_level=func.AuthLevel.ADMIN)
def master(req: func.HttpRequest) -> func.HttpResponse:
    return told(function="master")


@app.route(route="cookies")
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("two", status_code=201, headers={"X-Kind": "sweet"})
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2; Path=/")
    return response


@app.route(route="dict")
def returns_dict(req: func.HttpRequest):
    return {"not": "a response"}


@app.route(route="raises")
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise LookupError("nothing here")


@app.route(route="exits")
def exits(req: func.HttpRequest) -> func.HttpResponse:
    raise SystemExit(3)


@app.route(route="whoami")
def whoami(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    return told(function=context.function_name, invocation=context.invocation_id)
