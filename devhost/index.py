"""Indexing: from an app's folder to the functions it declares, refused as strictly as the real host would."""

import inspect
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from types import CodeType
from typing import Any

from azure.functions import FunctionRegister

from devhost.config import resolve
from devhost.loading import SCRIPT, Imported, builders
from devhost.rules import (
    Candidate,
    Problem,
    Refused,
    problems_between,
    problems_of,
    warnings_of,
    written_by_app,
)

__all__ = ["App", "Function", "Problem", "Refused", "Trigger", "load"]

logger = logging.getLogger(__name__)


class Trigger(StrEnum):
    """The triggers this host offers, by their binding type."""

    HTTP = "httpTrigger"
    TIMER = "timerTrigger"
    ORCHESTRATION = "orchestrationTrigger"
    ACTIVITY = "activityTrigger"
    ENTITY = "entityTrigger"


@dataclass(frozen=True)
class Function:
    """One indexed function; the HTTP and timer fields are empty for other triggers."""

    name: str
    trigger: Trigger
    durable_name: str
    call: Callable[..., Any]
    parameter: str
    clients: tuple[str, ...]
    wants_context: bool
    is_async: bool
    where: str
    route: str = ""
    methods: frozenset[str] = frozenset()
    auth_level: str = ""
    schedule: str = ""
    run_on_startup: bool = False
    use_monitor: bool = False


@dataclass(frozen=True)
class App:
    """The functions of one app, in the order of their declaration."""

    functions: tuple[Function, ...]
    directory: Path

    def triggered_by(self, trigger: Trigger) -> tuple[Function, ...]:
        """The functions that have this trigger."""
        return tuple(f for f in self.functions if f.trigger is trigger)


@dataclass(frozen=True)
class _Loaded:
    """The app that is in this process, and its functions, which the SDK hands out only once."""

    imported: Imported
    candidates: tuple[Candidate, ...]


_loaded: _Loaded | None = None


def load(directory: Path, settings: Mapping[str, str]) -> App:
    """Import and index the app in `directory`; raises Refused with every problem found.

    `settings` resolves `%NAME%` in schedules. One app is in the process at a time: loading another takes the
    first one's modules out of sys.modules, loading the same one again does not import it again.
    """
    directory = directory.resolve()
    loaded = _import(directory)
    try:
        functions = _index(loaded.candidates, settings)
    except Refused:
        _forget()
        raise
    return App(functions, directory)


def _import(directory: Path) -> _Loaded:
    global _loaded  # noqa: PLW0603  sys.modules is the process's, and so is what was put there
    if _loaded and _loaded.imported.directory == directory:
        return _loaded
    _forget()
    imported = Imported(directory)
    try:
        _loaded = _Loaded(imported, tuple(_candidates(imported)))
    except BaseException:
        imported.forget()
        raise
    return _loaded


def _forget() -> None:
    global _loaded  # noqa: PLW0603
    if _loaded:
        _loaded.imported.forget()
    _loaded = None


def _candidates(imported: Imported) -> Iterator[Candidate]:
    """The app's functions; raises Refused when there is none, or one without a trigger."""
    app = imported.app(imported.function_app())
    unregistered = imported.unregistered(app)
    if not builders(app):
        rule = "the app has no functions" + "".join(f"; blueprint {n} is not registered" for n in unregistered)
        remedy = "declare functions on the app, or give it a blueprint by app.register_functions(...)"
        raise Refused([Problem("", rule, remedy, SCRIPT)])
    for name in unregistered:
        logger.warning("blueprint %s is not registered: its functions are not part of the app", name)
    for function in _built(app, imported):
        call = function.get_user_function()
        bindings = tuple(json.loads(text) for text in function.get_raw_bindings())
        trigger = bindings[function.get_bindings().index(function.get_trigger())]
        yield Candidate(function.get_function_name(), call, trigger, bindings, imported.where(_code(call)))


def _built(app: FunctionRegister, imported: Imported) -> list[Any]:
    """The SDK's Function objects. get_functions() would stop at the first that cannot be built."""
    functions, problems = [], []
    for builder in builders(app):
        try:
            functions.append(builder.build(app.auth_level))
        except ValueError as error:
            function = vars(builder)["_function"]
            where = imported.where(_code(function.get_user_function()))
            remedy = "add a trigger, such as @app.route, or remove the other decorators"
            problems.append(Problem(function.get_function_name(), str(error), remedy, where))
    if problems:
        raise Refused(problems)
    return functions


def _code(call: Callable[..., Any]) -> CodeType | None:
    """The code of the function the app's author wrote, inside the SDK's wrappers and any other."""
    return getattr(inspect.unwrap(written_by_app(call)), "__code__", None)


def _index(candidates: tuple[Candidate, ...], settings: Mapping[str, str]) -> tuple[Function, ...]:
    problems = [p for c in candidates for p in problems_of(c, settings)]
    problems += problems_between(candidates)
    if problems:
        raise Refused(problems)
    for text in chain(*map(warnings_of, candidates)):
        logger.warning(text)
    return tuple(_function(c, settings) for c in candidates)


def _function(c: Candidate, settings: Mapping[str, str]) -> Function:
    trigger = c.trigger
    kind = Trigger(trigger["type"])
    return Function(
        name=c.name,
        trigger=kind,
        durable_name=c.durable_name,
        call=c.call,
        parameter=trigger["name"],
        clients=tuple(b["name"] for b in c.bindings if b["type"] == "durableClient"),
        wants_context="context" not in c.bound and "context" in inspect.signature(c.call).parameters,
        is_async=inspect.iscoroutinefunction(c.call),
        where=c.where,
        route=c.route if kind is Trigger.HTTP else "",
        methods=c.methods,
        auth_level=str(trigger.get("authLevel", "FUNCTION")).upper() if kind is Trigger.HTTP else "",
        schedule=resolve(str(trigger["schedule"]), settings) if kind is Trigger.TIMER else "",
        run_on_startup=bool(trigger.get("runOnStartup", False)),
        use_monitor=kind is Trigger.TIMER and bool(trigger.get("useMonitor", True)),
    )
