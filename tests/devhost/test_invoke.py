"""What the worker does at invocation, on functions indexed from a real app."""

import asyncio
import contextvars
import gc
import json
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devhost import index, invoke, pool
from devhost.index import Function, load
from devhost.invoke import DETAILS_CHARACTERS_MAX, FunctionFailed, HttpCall, HttpReply, Invoker, TimedOut
from devhost.pool import Overran, Pool

APP = """
import asyncio, contextvars, dataclasses, datetime, decimal, enum, functools, json, logging, threading, time, uuid
import azure.functions as func
import azure.durable_functions as df

app = df.DFApp()
logger = logging.getLogger("app")
released = threading.Event()
seen = []


def activity(f):
    return app.activity_trigger(input_name="x")(f)


def http(f):
    return app.route()(f)


def timer(f):
    return app.timer_trigger(arg_name="t", schedule="0 * * * * *")(f)


class Size(str, enum.Enum):
    SMALL = "small"


class Money:
    def __init__(self, cents): self.cents = cents
    def to_json(self): return self.cents
    @staticmethod
    def from_json(cents): return Money(cents)


@dataclasses.dataclass
class Order:
    id: int = 1


RESULTS = {
    "none": None, "tuple": (1, 2), "enum": Size.SMALL, "int keys": {1: "a"}, "nan": float("nan"), "custom": Money(5),
    "bytes": b"a", "set": {1}, "datetime": datetime.datetime(2024, 1, 1), "decimal": decimal.Decimal(1),
    "uuid": uuid.UUID(int=0), "dataclass": Order(),
}


@activity
def echo(x): return x

@activity
async def async_echo(x):
    await asyncio.sleep(0)
    return x

@activity
def described(x: int): return f"{type(x).__name__} {x!r}"

@activity
def cents(x): return x.cents

@activity
def result(x): return RESULTS[x]

@activity
def raises(x):
    try:
        {}["inner"]
    except KeyError as error:
        raise ValueError(x) from error

@activity
async def async_raises(x): raise ValueError(x)

@activity
def exits(x): raise SystemExit(x)

@activity
async def async_exits(x): raise SystemExit(x)

@activity
async def async_cancels_itself(x): raise asyncio.CancelledError("mine")

@activity
def interrupts(x): raise KeyboardInterrupt

@activity
def stops(x): raise StopIteration

@activity
def recurses(x): return recurses(x)

@activity
def recurses_in_turns(x): return turn_about(x)

def turn_about(x): return recurses_in_turns(x)

@activity
def unprintable(x):
    class Unprintable(Exception):
        def __str__(self): raise RuntimeError("no text")
    raise Unprintable

@activity
def sleeps(x): time.sleep(x)

@activity
def waits(x): return released.wait(x)

@activity
def spins(x):
    while True:
        seen.append(1)
        del seen[:]

@activity
async def async_sleeps(x): await asyncio.sleep(x)

@activity
async def async_stubborn(x):
    for _ in range(3):
        try:
            await asyncio.sleep(x)
        except asyncio.CancelledError:
            seen.append("ignored")

@activity
async def async_own_timeout(x): raise TimeoutError("mine")

@activity
def sync_wrapper(x):
    async def wrapped(): ...
    return wrapped()

variable = contextvars.ContextVar("variable", default="unset")

@activity
def about_context(x, context: func.Context):
    logger.info("in %s", context.function_name)
    local = context.thread_local_storage.invocation_id
    return [context.function_name, context.function_directory, context.invocation_id == local,
            context.trace_context.trace_parent, context.retry_context.retry_count, threading.current_thread().name]

@activity
def reads_variable(x): return variable.get()

@activity
async def async_reads_variable(x): return variable.get()

@app.activity_trigger(input_name="x")
@app.durable_client_input(client_name="client")
async def with_client(x, client: df.DurableOrchestrationClient): return type(client).__name__


@http
def request(req: func.HttpRequest) -> func.HttpResponse:
    body = {"method": req.method, "url": req.url, "headers": dict(req.headers), "params": dict(req.params),
            "route": dict(req.route_params), "json": req.get_json()}
    return func.HttpResponse(json.dumps(body), mimetype="application/json", status_code=201)

@http
async def async_text(req): return "grüße"

@http
def returns_dict(req): return {}

@http
def returns_none(req): return None

@http
def dict_body(req): return func.HttpResponse({})

@http
def headers(req):
    response = func.HttpResponse(b"\\x00", mimetype="application/octet-stream")
    for name, value in [("X-A", "1"), ("X-A", "3"), ("Set-Cookie", "a=1; Path=/; HttpOnly"), ("Set-Cookie", "b=2")]:
        response.headers.add(name, value)
    return response

@http
def odd_status(req): return func.HttpResponse(status_code="fine")

@http
def raw_request(req: str): return req

@http
@app.durable_client_input(client_name="client")
def sync_client(req, client): return "done"

@http
@app.durable_client_input(client_name="client")
async def client(req, client): return json.dumps(client._orchestration_bindings.task_hub_name)

@timer
def tick(t: func.TimerRequest): seen.append((t.past_due, t.schedule_status["Next"]))

@timer
def raw_tick(t: str): seen.append(t)

@timer
def tick_with_result(t): return "done"


@app.orchestration_trigger(context_name="context")
def flow(context):
    return (yield context.call_activity("echo", context.get_input()))

@app.orchestration_trigger(context_name="context")
def failing_flow(context):
    raise ValueError("no" + "!" * 20000)
    yield

@app.orchestration_trigger(context_name="context")
async def async_flow(context): return 1

@app.entity_trigger(context_name="context")
def till(context):
    context.set_state(context.get_state(lambda: 0) + context.get_input())
    context.set_result("paid")

@app.entity_trigger(context_name="context")
async def async_till(context): context.set_state(1)
"""

ASGI_APP = """
import azure.functions as func

async def site(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": scope["path"].encode()})

app = func.AsgiFunctionApp(app=site)
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("app").resolve()
    (directory / "function_app.py").write_text(APP)
    yield directory
    index._forget()


@pytest.fixture
def app(directory: Path) -> dict[str, Function]:
    return {f.name: f for f in load(directory, {}).functions}


@pytest.fixture
def seen(app: dict[str, Function]) -> list[Any]:
    observed: list[Any] = sys.modules["function_app"].seen
    observed.clear()
    return observed


@pytest.fixture
def threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) - before == set()


def run(
    directory: Path, scene: Callable[[Invoker], Awaitable[Any]], *, seconds: float | None = None, threads: int = 2
) -> Any:
    """Play a scene against a fresh invoker, and close that."""
    invoker = Invoker(directory, seconds, threads)

    async def play() -> Any:
        try:
            return await scene(invoker)
        finally:
            invoker.close()

    return asyncio.run(play())


@pytest.fixture
def activity(directory: Path, app: dict[str, Function], threads_end: None) -> Callable[..., Any]:
    """Run one activity by its name on a raw input text; the decoded result."""

    def call(name: str, text: str | None = "null", **options: Any) -> Any:
        return json.loads(run(directory, lambda i: i.activity(app[name], text, '{"taskHubName": "Hub"}'), **options))

    return call


@pytest.fixture
def http(directory: Path, app: dict[str, Function], threads_end: None) -> Callable[..., HttpReply]:
    def call(name: str, request: HttpCall | None = None) -> HttpReply:
        request = request or HttpCall("GET", "http://host/api/a", {}, {}, {}, b"")
        reply: HttpReply = run(directory, lambda i: i.http(app[name], request, CLIENT))
        return reply

    return call


CLIENT = json.dumps(
    {
        "taskHubName": "Hub",
        "creationUrls": {"createNewInstancePostUri": "http://h/", "createAndWaitOnNewInstancePostUri": "http://h/"},
        "managementUrls": {"id": "INSTANCEID"},
        "baseUrl": "http://h/",
        "requiredQueryStringParameters": "",
        "rpcBaseUrl": "http://h/",
    }
)


# --- activities ---


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('"bob"', "str 'bob'"),
        ("bob", "str 'bob'"),
        ("123", "int 123"),
        ('"123"', "str '123'"),
        ("null", "NoneType None"),
        ('{"a": [1]}', "dict {'a': [1]}"),
        ("", "str ''"),
        (None, "NoneType None"),
    ],
)
def test_an_activitys_input_is_json_or_raw_text_whatever_its_annotation(
    text: str | None, result: str, activity: Callable[..., Any]
) -> None:
    assert activity("described", text) == result


@pytest.mark.parametrize("name", ["echo", "async_echo"])
def test_an_activity_returns_json(name: str, activity: Callable[..., Any]) -> None:
    assert activity(name, '{"a": [1, null, "ü"]}') == {"a": [1, None, "ü"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [("none", "null"), ("tuple", "[1, 2]"), ("enum", '"small"'), ("int keys", '{"1": "a"}'), ("nan", "NaN")],
)
def test_results_that_json_can_carry(name: str, text: str, directory: Path, app: dict[str, Function]) -> None:
    assert run(directory, lambda i: i.activity(app["result"], json.dumps(name), "")) == text


@pytest.mark.parametrize("name", ["bytes", "set", "datetime", "decimal", "uuid", "dataclass"])
def test_results_that_json_cannot_carry_fail(name: str, activity: Callable[..., Any]) -> None:
    with pytest.raises(FunctionFailed, match="output must be json serializable") as caught:
        activity("result", json.dumps(name))
    assert caught.value.kind == "ValueError"


@pytest.mark.filterwarnings("ignore:azure.functions Durable JSON codec:DeprecationWarning")
def test_custom_objects_are_rebuilt_unless_typing_is_strict(
    activity: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = activity("result", '"custom"')
    assert wire == {"__class__": "Money", "__module__": "function_app", "__data__": 5}
    assert activity("cents", json.dumps(wire)) == 5
    monkeypatch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")
    with pytest.raises(FunctionFailed, match="activity trigger input must be"):
        activity("cents", json.dumps(wire))


def test_a_large_result_passes(activity: Callable[..., Any]) -> None:
    assert len(activity("echo", json.dumps("a" * 20_000_000))) == 20_000_000


def test_a_sync_wrapper_round_an_async_function_fails(activity: Callable[..., Any]) -> None:
    with pytest.raises(FunctionFailed, match="coroutine"):
        activity("sync_wrapper")


def test_a_durable_client_reaches_an_activity(directory: Path, app: dict[str, Function]) -> None:
    text = run(directory, lambda i: i.activity(app["with_client"], "1", CLIENT))
    assert json.loads(text) == "DurableOrchestrationClient"


# --- crashes ---


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [("raises", "ValueError", "text"), ("async_raises", "ValueError", "text"), ("exits", "SystemExit", "text"),
     ("async_exits", "SystemExit", "text"), ("interrupts", "KeyboardInterrupt", ""), ("stops", "StopIteration", ""),
     ("recurses", "RecursionError", "maximum recursion depth exceeded"),
     ("async_cancels_itself", "CancelledError", "mine"), ("async_own_timeout", "TimeoutError", "mine"),
     ("unprintable", "Unprintable", "<exception str() failed>")],
)  # fmt: skip
def test_a_crash_is_reported_and_the_host_goes_on(
    name: str, kind: str, message: str, directory: Path, app: dict[str, Function], threads_end: None
) -> None:
    async def scene(invoker: Invoker) -> FunctionFailed:
        with pytest.raises(FunctionFailed) as caught:
            await invoker.activity(app[name], '"text"', "{}")
        assert await invoker.activity(app["echo"], "1", "") == "1"
        return caught.value

    failed = run(directory, scene, seconds=30, threads=1)
    assert (failed.kind, type(failed)) == (kind, FunctionFailed)
    assert failed.message.startswith(message)
    assert bool(failed.message) is bool(message)
    assert f"in {name}\n" in failed.details


def test_details_are_the_apps_own_frames_with_causes(activity: Callable[..., Any]) -> None:
    with pytest.raises(FunctionFailed) as caught:
        activity("raises", '"text"')
    details = caught.value.details
    assert "KeyError: 'inner'" in details
    assert details.endswith("ValueError: text\n")
    assert "raise ValueError(x) from error" in details
    assert "devhost/invoke.py" not in details


def test_details_are_capped(activity: Callable[..., Any]) -> None:
    with pytest.raises(FunctionFailed) as caught:
        activity("recurses_in_turns")
    details = caught.value.details
    assert DETAILS_CHARACTERS_MAX - 2 <= len(details) <= DETAILS_CHARACTERS_MAX
    assert details.startswith("Traceback (most recent call last):\n")
    assert "RecursionError: maximum recursion depth exceeded" in details.splitlines()[-1]


# --- time limits ---


@pytest.mark.parametrize("name", ["waits", "spins", "async_sleeps", "async_stubborn"])
def test_a_function_that_takes_too_long_is_given_up(
    name: str, directory: Path, app: dict[str, Function], seen: list[Any], threads_end: None
) -> None:
    sys.modules["function_app"].released.clear()

    async def scene(invoker: Invoker) -> str:
        started = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            await invoker.activity(app[name], "2", "")
        assert 0.04 < time.monotonic() - started < 1
        assert await invoker.activity(app["echo"], "1", "") == "1"  # with one thread: it was replaced
        sys.modules["function_app"].released.set()
        return caught.value.message

    message = run(directory, scene, seconds=0.05, threads=1)
    assert message == f"Timeout value of 00:00:00.0500000 was exceeded by function: Functions.{name}"


@pytest.mark.parametrize(
    ("seconds", "text"), [(300, "00:05:00"), (36_000, "10:00:00"), (90_061, "1.01:01:01"), (0.005, "00:00:00.0050000")]
)
def test_the_time_limit_is_written_as_net_does(seconds: float, text: str) -> None:
    assert str(TimedOut("f", seconds)) == f"Timeout value of {text} was exceeded by function: Functions.f"


def test_a_queued_call_that_runs_out_of_time_never_runs(threads_end: None) -> None:
    ran: list[str] = []
    release = threading.Event()

    async def scene() -> None:
        one_thread = Pool("test", 1)
        first = asyncio.ensure_future(one_thread.run("first", lambda: release.wait(5), None))
        await asyncio.sleep(0)
        with pytest.raises(Overran):
            await one_thread.run("late", lambda: ran.append("late"), 0.02)
        release.set()
        assert await first is True
        await one_thread.run("next", lambda: ran.append("next"), None)
        one_thread.close()

    asyncio.run(scene())
    assert ran == ["next"]


def test_a_replay_is_not_held_up_by_blocked_activities(directory: Path, app: dict[str, Function]) -> None:
    sys.modules["function_app"].released.clear()

    async def scene(invoker: Invoker) -> None:
        blocked = [asyncio.ensure_future(invoker.activity(app["waits"], "5", "")) for _ in range(5)]
        state = await asyncio.wait_for(invoker.orchestrator(app["flow"], orchestration("a")), 2)
        assert not any(task.done() for task in blocked)
        assert json.loads(state)["isDone"] is False
        sys.modules["function_app"].released.set()
        await asyncio.gather(*blocked)

    run(directory, scene)


# --- threads ---


def test_sync_functions_run_side_by_side_up_to_the_number_of_threads(directory: Path, app: dict[str, Function]) -> None:
    async def scene(invoker: Invoker) -> float:
        started = time.monotonic()
        await asyncio.gather(*(invoker.activity(app["sleeps"], "0.1", "") for _ in range(6)))
        return time.monotonic() - started

    assert 0.2 <= run(directory, scene, threads=3) < 0.45


@pytest.mark.parametrize(("setting", "threads"), [("7", 7), ("0", None), ("many", None), ("", None)])
def test_the_setting_for_threads(setting: str, threads: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", setting)
    assert invoke._threads() == threads or (threads is None and invoke._threads() >= 5)


def test_contextvars_and_logging_reach_the_function(
    directory: Path, app: dict[str, Function], caplog: pytest.LogCaptureFixture
) -> None:
    variable: contextvars.ContextVar[str] = sys.modules["function_app"].variable

    async def scene(invoker: Invoker) -> list[str]:
        variable.set("set by the host")
        with caplog.at_level(logging.INFO, "app"):
            await invoker.activity(app["about_context"], "1", "")
        return [await invoker.activity(app[n], "1", "") for n in ("reads_variable", "async_reads_variable")]

    assert run(directory, scene) == ['"set by the host"'] * 2
    assert [record.getMessage() for record in caplog.records if record.name == "app"] == ["in about_context"]


def test_a_function_may_ask_for_its_context(activity: Callable[..., Any], directory: Path) -> None:
    assert activity("about_context") == ["about_context", str(directory), True, "", 0, "function"]


def test_closing_ends_running_functions_and_cancels_their_callers(
    directory: Path, app: dict[str, Function], threads_end: None
) -> None:
    async def scene(invoker: Invoker) -> list[Any]:
        calls = [invoker.activity(app[n], "60", "") for n in ("spins", "echo", "async_sleeps")]
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(0.05)
        invoker.close()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = run(directory, scene, threads=1)
    assert [type(o) for o in outcomes] == [asyncio.CancelledError] * 3


def test_a_closed_invoker_runs_nothing(directory: Path, app: dict[str, Function]) -> None:
    async def scene(invoker: Invoker) -> None:
        invoker.close()
        with pytest.raises(RuntimeError, match="closed"):
            await invoker.activity(app["echo"], "1", "")

    run(directory, scene)


def test_a_caller_that_is_cancelled_takes_its_function_along(
    directory: Path, app: dict[str, Function], threads_end: None
) -> None:
    async def scene(invoker: Invoker) -> None:
        for name in ("spins", "async_sleeps"):
            call = asyncio.ensure_future(invoker.activity(app[name], "60", ""))
            await asyncio.sleep(0.02)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await invoker.activity(app["echo"], "1", "") == "1"

    run(directory, scene, threads=1)


def test_a_function_stuck_outside_of_python_is_named_at_close(
    directory: Path, app: dict[str, Function], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CLOSE_SECONDS_MAX", 0.1)

    async def scene(invoker: Invoker) -> None:
        with pytest.raises(TimedOut):
            await invoker.activity(app["sleeps"], "0.4", "")

    run(directory, scene, seconds=0.02)
    assert "function sleeps is stuck" in caplog.text
    time.sleep(0.4)
    assert not [t for t in threading.enumerate() if t.name == "function"]


def test_a_trivial_activity_costs_little(directory: Path, app: dict[str, Function]) -> None:
    async def scene(invoker: Invoker) -> float:
        best = 1.0
        for _ in range(10):
            started = time.perf_counter()
            for _ in range(100):
                await invoker.activity(app["echo"], "1", "")
            best = min(best, (time.perf_counter() - started) / 100)
        return best

    assert run(directory, scene, seconds=300) < 0.0005


# --- HTTP ---


def test_a_request_reaches_the_function_and_its_answer_the_client(http: Callable[..., HttpReply]) -> None:
    request = HttpCall("post", "http://h/api/a?q=1&e=", {"x-a": "1"}, {"q": "1", "e": ""}, {"id": "7"}, b'{"a": 1}')
    reply = http("request", request)
    assert json.loads(reply.body) == {
        "method": "POST",
        "url": "http://h/api/a?q=1&e=",
        "headers": {"x-a": "1"},
        "params": {"q": "1"},
        "route": {"id": "7"},
        "json": {"a": 1},
    }
    assert (reply.status, reply.headers) == (201, [("content-type", "application/json")])


def test_an_asgi_app_answers_and_is_forgotten_quietly(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(ASGI_APP)
    functions = list(load(tmp_path, {}).functions)

    async def scene(invoker: Invoker) -> HttpReply:
        reply = await invoker.http(
            functions.pop(), HttpCall("GET", "http://h/api/a/b", {}, {}, {"route": "a/b"}, b""), ""
        )
        index._forget()
        return reply

    reply = run(tmp_path, scene)
    assert (reply.status, reply.body, reply.headers) == (200, b"/api/a/b", [("content-type", "text/plain")])

    async def collect() -> None:
        gc.collect()

    asyncio.run(collect())


@pytest.mark.parametrize("body", [b"", b"{"])
def test_bad_json_in_a_request_is_a_value_error(body: bytes, http: Callable[..., HttpReply]) -> None:
    with pytest.raises(FunctionFailed, match="valid JSON") as caught:
        http("request", HttpCall("POST", "http://h/", {}, {}, {}, body))
    assert caught.value.kind == "ValueError"


def test_text_is_an_answer(http: Callable[..., HttpReply]) -> None:
    assert http("async_text") == HttpReply(200, [("content-type", "text/plain; charset=utf-8")], "grüße".encode())


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [("returns_dict", "TypeError", "not dict"), ("returns_none", "TypeError", "not NoneType"),
     ("dict_body", "TypeError", "got dict"), ("odd_status", "ValueError", "fine"),
     ("raw_request", "ValueError", "unexpected type of data"), ("sync_client", "TypeError", "await")],
)  # fmt: skip
def test_what_is_no_http_answer_fails(name: str, kind: str, message: str, http: Callable[..., HttpReply]) -> None:
    with pytest.raises(FunctionFailed, match=message) as caught:
        http(name)
    assert caught.value.kind == kind


def test_of_a_repeated_header_the_last_one_counts_except_for_cookies(http: Callable[..., HttpReply]) -> None:
    reply = http("headers")
    assert sorted(reply.headers) == [
        ("content-type", "application/octet-stream"),
        ("set-cookie", "a=1; HttpOnly; Path=/"),
        ("set-cookie", "b=2"),
        ("x-a", "3"),
    ]
    assert reply.body == b"\x00"


def test_a_durable_client_is_made_of_the_binding(http: Callable[..., HttpReply]) -> None:
    assert http("client").body == b'"Hub"'


# --- timers, orchestrators, entities ---

TICK = json.dumps({"Schedule": {}, "ScheduleStatus": {"Next": "soon"}, "IsPastDue": True})


def test_a_timer_function_gets_its_status(directory: Path, app: dict[str, Function], seen: list[Any]) -> None:
    run(directory, lambda i: i.timer(app["tick"], TICK, ""))
    run(directory, lambda i: i.timer(app["raw_tick"], TICK, ""))
    assert seen == [(True, "soon"), TICK]


def test_a_timer_function_must_return_nothing(directory: Path, app: dict[str, Function]) -> None:
    with pytest.raises(FunctionFailed, match="'tick_with_result' without a") as caught:
        run(directory, lambda i: i.timer(app["tick_with_result"], TICK, ""))
    assert caught.value.kind == "RuntimeError"


def orchestration(value: Any) -> str:
    stamp = "2024-01-01T00:00:00Z"
    common = {"IsPlayed": False, "Timestamp": stamp}
    history = [
        {"EventType": 12, "EventId": -1, **common},
        {
            "EventType": 0,
            "EventId": -1,
            "Name": "flow",
            "Version": "",
            "Input": json.dumps(json.dumps(value)),
            **common,
        },
    ]
    return json.dumps(
        {
            "history": history,
            "input": json.dumps(json.dumps(value)),
            "instanceId": "i",
            "isReplaying": False,
            "parentInstanceId": None,
            "upperSchemaVersion": 1,
            "upperSchemaVersionNew": 2,
        }
    )


def test_an_orchestrator_is_replayed(directory: Path, app: dict[str, Function]) -> None:
    state = json.loads(run(directory, lambda i: i.orchestrator(app["flow"], orchestration("a"))))
    assert [a["functionName"] for a in state["actions"][0]] == ["echo"]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("name", ["failing_flow", "async_flow"])
def test_a_failed_orchestrator_carries_its_actions_in_full(
    name: str, directory: Path, app: dict[str, Function]
) -> None:
    with pytest.raises(FunctionFailed) as caught:
        run(directory, lambda i: i.orchestrator(app[name], orchestration("a")))
    gc.collect()  # here, where the warning of the forgotten coroutine is expected
    message = caught.value.message
    _, mark, state = message.rpartition("$OutOfProcData$:")
    assert mark
    assert json.loads(state)["schemaVersion"] == 2
    assert name != "failing_flow" or "!" * 20000 in message


def operations(*inputs: Any, state: Any = None) -> str:
    batch = [{"name": "add", "input": json.dumps(json.dumps(i)), "isSignal": False} for i in inputs]
    exists = state is not None
    me = {"name": "till", "key": "k"}
    return json.dumps({"self": me, "exists": exists, "state": json.dumps(state) if exists else None, "batch": batch})


def test_an_entity_runs_a_batch(directory: Path, app: dict[str, Function]) -> None:
    state = json.loads(run(directory, lambda i: i.entity(app["till"], operations(1, 2, state=4))))
    assert (state["entityState"], state["entityExists"]) == ("7", True)
    assert [r["isError"] for r in state["results"]] == [False, False]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_an_async_entity_succeeds_and_does_nothing(directory: Path, app: dict[str, Function]) -> None:
    state = json.loads(run(directory, lambda i: i.entity(app["async_till"], operations(1))))
    gc.collect()
    assert (state["entityExists"], state["results"][0]["isError"], state["results"][0]["result"]) == (
        False,
        False,
        "null",
    )
