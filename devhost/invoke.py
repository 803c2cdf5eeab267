"""Invoking: what the Python worker does to call a function, with the SDK's own converters.

Source: azure-functions-python-worker ``dispatcher.py``, ``_handle__invocation_request``.
"""

import asyncio
import functools
import inspect
import os
import threading
import traceback
import typing
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from devhost.index import Function, Trigger
from devhost.pool import Overran, Pool
from devhost.rules import converter

REPLAY_THREADS = 2
DETAILS_CHARACTERS_MAX = 16 * 1024

_thread_local = threading.local()


@dataclass(frozen=True)
class HttpCall:
    """A request as the host hands it to the worker; header names are lower-cased."""

    method: str
    url: str
    headers: dict[str, str]
    query: dict[str, str]
    params: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpReply:
    """A function's answer; only Set-Cookie may be repeated in `headers`."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class FunctionFailed(Exception):
    """A function raised, or returned what its binding cannot carry.

    `kind` is the exception's class name, `details` the traceback of the app's own code.
    """

    def __init__(self, kind: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.details = details


class TimedOut(FunctionFailed):
    """The function took longer than functionTimeout."""

    def __init__(self, function: str, seconds: float) -> None:
        message = f"Timeout value of {_time_span(seconds)} was exceeded by function: Functions.{function}"
        super().__init__("FunctionTimeoutException", message)


@dataclass(frozen=True)
class TraceContext:
    """The W3C trace a call belongs to; this host starts none."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RetryContext:
    """Which attempt a call is; this host does not retry."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: BaseException | None = None


@dataclass(frozen=True)
class Context:
    """What a function gets that asks for a parameter named context (azure.functions.Context)."""

    function_name: str
    function_directory: str
    invocation_id: str
    thread_local_storage: threading.local = _thread_local
    trace_context: TraceContext = TraceContext()
    retry_context: RetryContext = RetryContext()


class Invoker:
    """Calls an app's functions: async ones on the running loop, sync ones in threads.

    `threads` bounds the sync functions that run at once; without it PYTHON_THREADPOOL_THREAD_COUNT does, or
    else Python's default. Orchestrators and entities have threads of their own.
    """

    def __init__(self, app_dir: Path, timeout_seconds: float | None, threads: int | None = None) -> None:
        self._directory = str(app_dir)
        self._timeout = timeout_seconds
        self._functions = Pool("function", threads or _threads())
        self._replays = Pool("replay", REPLAY_THREADS)
        self._plans: dict[str, _Plan] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def http(self, f: Function, call: HttpCall, client: str) -> HttpReply:
        """Answer one request; raises FunctionFailed."""
        reply: HttpReply = await self._run(f, _http_datum(call), client, self._functions)
        return reply

    async def timer(self, f: Function, info: str, client: str) -> None:
        """Run a timer function; `info` is JSON: Schedule, ScheduleStatus, IsPastDue; raises FunctionFailed."""
        await self._run(f, Datum(info, "json"), client, self._functions)

    async def activity(self, f: Function, input_json: str | None, client: str) -> str:
        """Run an activity on its input and return its result, both as JSON; raises FunctionFailed."""
        datum = Datum("null" if input_json is None else input_json, "json")
        result: str = await self._run(f, datum, client, self._functions)
        return result

    async def orchestrator(self, f: Function, body: str) -> str:
        """Replay an orchestrator; a FunctionFailed's message ends in `$OutOfProcData$:` and its actions."""
        state: str = await self._run(f, Datum(body, "json"), "", self._replays)
        return state

    async def entity(self, f: Function, body: str) -> str:
        """Run a batch of an entity's operations; raises FunctionFailed."""
        state: str = await self._run(f, Datum(body, "json"), "", self._replays)
        return state

    def close(self) -> None:
        """Cancel what runs and end every thread."""
        for task in self._tasks:
            task.cancel()
        self._functions.close()
        self._replays.close()

    async def _run(self, f: Function, datum: Datum, client: str, pool: Pool) -> Any:
        plan = self._plans.get(f.name)
        if plan is None:
            plan = self._plans[f.name] = _Plan(f, self._directory)
        try:
            if f.is_async:
                outcome = await self._on_loop(plan.run_async(datum, client))
            else:
                outcome = await pool.run(f.name, functools.partial(plan.run, datum, client), self._timeout)
        except Overran:
            assert self._timeout is not None
            raise TimedOut(f.name, self._timeout) from None
        if isinstance(outcome, FunctionFailed):
            raise outcome
        return outcome

    async def _on_loop(self, call: typing.Coroutine[Any, Any, Any]) -> Any:
        """Run an async function in a task of its own: one that ignores its cancellation holds nobody up."""
        task = asyncio.create_task(call)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._timeout)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            raise Overran
        return task.result()


class _Plan:
    """What calling one function takes, worked out once: its converters and the shape of its arguments."""

    def __init__(self, f: Function, directory: str) -> None:
        self._f = f
        self._directory = directory
        self._decode = _decoder(f)
        self._encode = _encoder(f)

    def run(self, datum: Datum, client: str) -> Any:
        """The encoded result, or a FunctionFailed (returned, not raised: it crosses threads)."""
        try:
            arguments = self._arguments(datum, client)
            if self._f.wants_context:
                _thread_local.invocation_id = arguments["context"].invocation_id
            return self._encoded(self._f.call(**arguments))
        except BaseException as crash:  # noqa: BLE001  whatever app code raises, the host goes on
            return _failure(crash)
        finally:
            _thread_local.invocation_id = None

    async def run_async(self, datum: Datum, client: str) -> Any:
        """As run(); only Ctrl-C and a cancellation that came from the host pass."""
        try:
            return self._encoded(await self._f.call(**self._arguments(datum, client)))
        except KeyboardInterrupt:
            raise
        except asyncio.CancelledError as cancelled:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return _failure(cancelled)
        except BaseException as crash:  # noqa: BLE001
            return _failure(crash)

    def _arguments(self, datum: Datum, client: str) -> dict[str, Any]:
        arguments = {self._f.parameter: self._decode(datum)}
        for parameter in self._f.clients:
            arguments[parameter] = client
        if self._f.wants_context:
            arguments["context"] = Context(self._f.name, self._directory, str(uuid.uuid4()))
        return arguments

    def _encoded(self, result: Any) -> Any:
        """The result as the host sees it; a sync wrapper's coroutine is not awaited and fails to encode."""
        try:
            return self._encode(result)
        finally:
            if inspect.iscoroutine(result):
                result.close()


def _decoder(f: Function) -> Callable[[Datum], Any]:
    """The SDK's converter, or the generic one that str and bytes annotations select for HTTP and timers."""
    has_generic = f.trigger in (Trigger.HTTP, Trigger.TIMER)
    if has_generic and typing.get_type_hints(f.call).get(f.parameter) in (str, bytes):
        return _generic
    return functools.partial(converter(f.trigger.value).decode, trigger_metadata={})


def _generic(datum: Datum) -> Any:
    if datum.type != "json":
        raise ValueError(f"unexpected type of data received for the generic binding: {datum.type!r}")
    return datum.value


def _encoder(f: Function) -> Callable[[Any], Any]:
    if f.trigger is Trigger.TIMER:
        return functools.partial(_nothing, f.name)
    kind = "http" if f.trigger is Trigger.HTTP else f.trigger.value
    encode = converter(kind).encode
    if f.trigger is Trigger.HTTP:
        return functools.partial(_reply, encode)
    return lambda result: encode(result, expected_type=None).value


def _nothing(name: str, result: Any) -> None:
    if result is not None:
        raise RuntimeError(f"function {name!r} without a $return binding returned a non-None value")


def _http_datum(call: HttpCall) -> Datum:
    return Datum(
        {
            "method": Datum(call.method, "string"),
            "url": Datum(call.url, "string"),
            "headers": {name: Datum(value, "string") for name, value in call.headers.items()},
            "query": {name: Datum(value, "string") for name, value in call.query.items() if value},
            "params": {name: Datum(value, "string") for name, value in call.params.items()},
            "body": Datum(call.body, "bytes"),
        },
        "http",
    )


def _reply(encode: Callable[..., Datum], result: Any) -> HttpReply:
    """What the client receives; raises TypeError for a result other than HttpResponse or str."""
    try:
        datum = encode(result, expected_type=None)
    except NotImplementedError:
        kind = type(result).__name__
        raise TypeError(f"an HTTP function must return func.HttpResponse or str, not {kind}") from None
    if datum.type == "string":
        return HttpReply(200, [("content-type", "text/plain; charset=utf-8")], datum.value.encode())
    reply = datum.value
    headers = {name.lower(): value.value for name, value in reply["headers"].items()}
    cookies = [morsel.OutputString() for cookie in reply["cookies"] or () for morsel in cookie.values()]
    set_cookies = [("set-cookie", cookie) for cookie in cookies]
    return HttpReply(int(reply["status_code"].value), [*headers.items(), *set_cookies], reply["body"].value)


def _failure(crash: BaseException) -> FunctionFailed:
    """The report of a crash, with the frames of this host left out."""
    frames = crash.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    report = traceback.TracebackException(type(crash), crash, frames)
    return FunctionFailed(type(crash).__name__, str(report), _capped("".join(report.format())))


def _capped(text: str) -> str:
    """The beginning and the end of a text that is too long."""
    if len(text) <= DETAILS_CHARACTERS_MAX:
        return text
    gap = "\n[...]\n"
    kept = (DETAILS_CHARACTERS_MAX - len(gap)) // 2
    return text[:kept] + gap + text[-kept:]


def _threads() -> int:
    """The worker's rule: the setting when it is a positive number, else ThreadPoolExecutor's default."""
    setting = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
    if setting.isdecimal() and int(setting) > 0:
        return int(setting)
    return min(32, (os.cpu_count() or 1) + 4)


def _time_span(seconds: float) -> str:
    """As .NET prints a TimeSpan: [d.]hh:mm:ss[.fffffff]."""
    span = timedelta(seconds=seconds)
    minutes, second = divmod(span.seconds, 60)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06}0" if span.microseconds else ""
    return f"{days}{minutes // 60:02}:{minutes % 60:02}:{second:02}{fraction}"
