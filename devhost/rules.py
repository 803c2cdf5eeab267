"""The rules by which the Python worker and the Functions host refuse a function.

Sources: azure-functions-python-worker 4.x ``functions.py`` (``Registry``) for parameters and annotations;
azure-functions-host for names and reserved routes.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from azure.functions import get_binding_registry
from azure.functions._thirdparty import typing_inspect

from devhost.config import ConfigError, resolve
from devhost.routes import RouteError, Template
from devhost.schedule import Schedule, ScheduleError

OFFERED_TRIGGERS = ("httpTrigger", "timerTrigger", "orchestrationTrigger", "activityTrigger", "entityTrigger")
OFFERED_BINDINGS = (*OFFERED_TRIGGERS, "http", "durableClient")
DURABLE_NAME_KEYS = {
    "orchestrationTrigger": "orchestration",
    "activityTrigger": "activity",
    "entityTrigger": "entityName",
}

_FUNCTION_NAME = re.compile(r"[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
_BINDING_NAME = re.compile(r"(?!.*__)[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_RESERVED_ROUTES = ("admin", "runtime")
_ANNOTATION_REMEDIES = {
    "httpTrigger": "annotate it func.HttpRequest, or leave the annotation out",
    "timerTrigger": "annotate it func.TimerRequest, or leave the annotation out",
    "durableClient": "annotate it str, or declare it by @app.durable_client_input",
    "activityTrigger": "annotate it with a class, such as dict, str, typing.Dict[str, int] or a TypedDict, "
    "but not with X | None, Optional[X], a NewType or a subscripted builtin such as dict[str, int]",
}

type_hint_errors = (NameError, AttributeError, TypeError, SyntaxError)
Finding = tuple[str, str]
"""What is wrong and what to do about it, each in plain words."""


@dataclass(frozen=True)
class Problem:
    """One reason why an app is refused; `function` and `where` are empty when the whole app is meant."""

    function: str
    rule: str
    remedy: str
    where: str

    def __str__(self) -> str:
        subject = f"function {self.function!r}: " if self.function else ""
        return f"{self.where}: {subject}{self.rule}\n    {self.remedy}"


class Refused(Exception):
    """The app breaks rules of the real worker or host; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(eq=False)
class Candidate:
    """A function as the SDK presents it, not yet checked; `bindings` is its function.json in camelCase."""

    name: str
    call: Callable[..., Any]
    trigger: Mapping[str, Any]
    bindings: tuple[Mapping[str, Any], ...]
    where: str

    @property
    def durable_name(self) -> str:
        """The name by which orchestrators and clients call it; entities are called by any case."""
        given = self.trigger.get(DURABLE_NAME_KEYS.get(self.trigger["type"], ""))
        name = str(given or self.name)
        return name.lower() if self.trigger["type"] == "entityTrigger" else name

    @property
    def route(self) -> str:
        """The HTTP route without the app's prefix; the function's name when none is given."""
        return str(self.trigger.get("route") or self.name)

    @property
    def methods(self) -> frozenset[str]:
        """The HTTP methods it answers; empty means all."""
        return frozenset(str(m).upper() for m in self.trigger.get("methods") or ())

    @cached_property
    def shape(self) -> object:
        """What two routes that match the same paths have in common; None when this one is no valid template."""
        try:
            return Template(self.route.removeprefix("/")).shape
        except RouteError:
            return None

    @property
    def bound(self) -> dict[str, Mapping[str, Any]]:
        """Bindings by the parameter they fill."""
        return {b["name"]: b for b in self.bindings if b["name"] != "$return"}


def problems_of(candidate: Candidate, settings: Mapping[str, str]) -> Iterator[Problem]:
    """Every rule that one function breaks by itself."""
    unoffered = [b["type"] for b in candidate.bindings if b["type"] not in OFFERED_BINDINGS]
    if unoffered:
        findings: Iterable[Finding] = (_not_offered(kind) for kind in unoffered)
    else:
        findings = (
            finding
            for check in (_names, _parameters, _return_binding, _route, _schedule)
            for finding in check(candidate, settings)
        )
    for rule, remedy in findings:
        yield Problem(candidate.name, rule, remedy, candidate.where)


def problems_between(candidates: Iterable[Candidate]) -> Iterator[Problem]:
    """Every rule that two functions of an app break together: names, durable names and routes are unique."""
    for other, c in combinations(candidates, 2):
        for rule, remedy in _clashes(c, other):
            yield Problem(c.name, f"{rule} {other.name!r} at {other.where}", remedy, c.where)


def _clashes(c: Candidate, other: Candidate) -> Iterator[Finding]:
    if c.name == other.name:
        yield "its name is taken already by function", "give each its own name, by @app.function_name or by def"
        return
    kind = c.trigger["type"]
    if kind != other.trigger["type"]:
        return
    if kind in DURABLE_NAME_KEYS and c.durable_name == other.durable_name:
        argument = "entity_name" if kind == "entityTrigger" else DURABLE_NAME_KEYS[kind]
        yield f"it is called {c.durable_name!r}, and so is function", f"give one of them another {argument}="
    if kind == "httpTrigger" and c.shape is not None and c.shape == other.shape:
        both = c.methods & other.methods if c.methods and other.methods else c.methods | other.methods or {"all"}
        if methods := ", ".join(sorted(both)):
            yield f"its route {c.route!r} ({methods}) is also the one of function", "change a route or its methods"


def warnings_of(c: Candidate) -> Iterator[str]:
    """What the worker accepts although it cannot work."""
    is_async = inspect.iscoroutinefunction(written_by_app(c.call))
    if c.trigger["type"] == "entityTrigger" and is_async:
        yield f"{c.where}: entity {c.name!r} is async: every operation succeeds and does nothing; write def"
    if c.trigger["type"] == "orchestrationTrigger" and is_async:
        yield f"{c.where}: orchestrator {c.name!r} is async and will fail; write def and yield"
    if hasattr(c.call, "client_function") and not is_async:
        yield f"{c.where}: function {c.name!r} has a durable client and will fail; write async def"


def converter(kind: str) -> Any:
    """The SDK's converter class for a binding type."""
    return get_binding_registry().get(kind)  # type: ignore[no-untyped-call]


def written_by_app(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function inside the SDK's wrappers for orchestrators, entities and durable clients."""
    for attribute in ("orchestrator_function", "entity_function", "client_function"):
        call = getattr(call, attribute, call)
    return call


def _not_offered(kind: str) -> Finding:
    return (
        f"the binding type {kind!r} is not offered by this host",
        f"it offers {', '.join(OFFERED_BINDINGS)}; test such a function by calling it directly",
    )


def _names(c: Candidate, _settings: Mapping[str, str]) -> Iterator[Finding]:
    if c.name.lower() == "host" or not _FUNCTION_NAME.fullmatch(c.name):
        yield (
            "a function's name must match ^[a-z][a-z0-9_-]{0,127}$ in either case and must not be 'host'",
            "rename it, or name it by @app.function_name; a leading underscore is not allowed",
        )
    seen: set[str] = set()
    for binding in c.bindings:
        name = binding["name"]
        if name != "$return" and not _BINDING_NAME.fullmatch(name):
            yield (
                f"the binding name {name!r} must match ^(?!.*__)[a-zA-Z_][a-zA-Z0-9_]{{0,127}}$",
                "rename the parameter: at most 128 letters, digits and single underscores",
            )
        if name.lower() in seen:
            yield f"two bindings are named {name!r} (case is ignored)", "rename one of the two parameters"
        seen.add(name.lower())


def _parameters(c: Candidate, _settings: Mapping[str, str]) -> Iterator[Finding]:
    kind = c.trigger["type"]
    if kind in ("orchestrationTrigger", "entityTrigger") and c.trigger["name"] != "context":
        yield (
            f"context_name is {c.trigger['name']!r}; an orchestrator or entity is always given 'context'",
            'write context_name="context" and name the parameter context',
        )
        return
    parameters = dict(inspect.signature(c.call).parameters)
    try:
        hints = typing.get_type_hints(c.call)
    except type_hint_errors as error:
        yield (
            f"its annotations cannot be evaluated: {error}",
            "import every name they use at module level, outside of `if TYPE_CHECKING`",
        )
        hints = {}
    if "context" not in c.bound and "context" in parameters:
        del parameters["context"]
        yield from _context_annotation(hints)
    yield from _unbound(parameters, c)
    for name, binding in c.bound.items():
        if name in parameters and name in hints and binding["type"] != "http":
            yield from _annotation(name, binding["type"], hints[name])
    if kind == "httpTrigger" and "return" in hints:
        yield from _http_return(hints["return"])


def _context_annotation(hints: Mapping[str, Any]) -> Iterator[Finding]:
    annotation = hints.get("context")
    accepted = isinstance(annotation, type) and annotation.__name__ == "Context"
    if "context" in hints and not accepted:
        yield (
            f"the parameter 'context' is annotated {_shown(annotation)}",
            "annotate it func.Context, the only type the worker accepts for it, or leave the annotation out",
        )


def _unbound(parameters: Mapping[str, inspect.Parameter], c: Candidate) -> Iterator[Finding]:
    """Parameters without a binding and bindings without a parameter."""
    extra = [p for name, p in parameters.items() if name not in c.bound]
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in extra):
        yield (
            "it takes *args or **kwargs, so its parameters cannot be matched with its bindings",
            "name every parameter; a decorator around a function must use functools.wraps",
        )
        return
    for p in extra:
        has_default = " (its default is no help)" if p.default is not p.empty else ""
        yield (
            f"the parameter {p.name!r} is no binding{has_default}",
            "remove it: every parameter must be a binding's, or be called context",
        )
    for name in c.bound.keys() - parameters.keys():
        yield (
            f"the {c.bound[name]['type']} binding fills a parameter {name!r}, which the function does not have",
            "give the binding and the parameter the same name",
        )


def _annotation(name: str, kind: str, annotation: Any) -> Iterator[Finding]:
    if not _is_accepted(kind, annotation):
        remedy = _ANNOTATION_REMEDIES.get(kind, "leave the annotation out")
        yield f"the {kind} parameter {name!r} is annotated {_shown(annotation)}", remedy


def _is_accepted(kind: str, annotation: Any) -> bool:
    """Whether the worker takes this annotation; with str and bytes it hands over a trigger's raw text."""
    generic = typing_inspect.is_generic_type(annotation)  # type: ignore[no-untyped-call]
    if not isinstance(annotation, type) and not generic:
        return False
    if "Out" in (getattr(annotation, "__name__", ""), getattr(typing.get_origin(annotation), "__name__", "")):
        return False
    if annotation in (str, bytes):
        return True
    try:
        return bool(converter(kind).check_input_type_annotation(annotation))
    except TypeError:  # issubclass() on a subscripted generic
        return False


def _http_return(annotation: Any) -> Iterator[Finding]:
    if not isinstance(annotation, type) or not converter("http").check_output_type_annotation(annotation):
        yield (
            f"it is an HTTP function and its return is annotated {_shown(annotation)}",
            "return func.HttpResponse or str, and annotate just that, or leave the annotation out",
        )


def _return_binding(c: Candidate, _settings: Mapping[str, str]) -> Iterator[Finding]:
    outputs = [b["name"] for b in c.bindings if b["type"] == "http"]
    if c.trigger["type"] == "httpTrigger" and outputs != ["$return"]:
        yield (
            "this host answers an HTTP function with its return value only",
            "declare it by @app.route, without binding_arg_name",
        )


def _route(c: Candidate, _settings: Mapping[str, str]) -> Iterator[Finding]:
    if c.trigger["type"] != "httpTrigger":
        return
    if c.route.strip("/").lower().startswith(_RESERVED_ROUTES):
        yield (
            f"the route {c.route!r} starts with 'admin' or 'runtime', which the host keeps for itself",
            "choose another first segment; even 'runtime-info' is refused",
        )
    try:
        Template(c.route.removeprefix("/"))
    except RouteError as error:
        yield f"the route {c.route!r} is not a valid template: {error}", "correct the route"


def _schedule(c: Candidate, settings: Mapping[str, str]) -> Iterator[Finding]:
    if c.trigger["type"] != "timerTrigger":
        return
    text = str(c.trigger["schedule"])
    try:
        Schedule(resolve(text, settings), settings.get("WEBSITE_TIME_ZONE"))
    except ConfigError as error:
        yield f"the schedule {text!r} needs a setting: {error}", "add it to Values in local.settings.json"
    except ScheduleError as error:
        yield (
            f"the schedule {text!r} is not valid: {error}",
            "write {second} {minute} {hour} {day} {month} {day of week}",
        )


def _shown(annotation: Any) -> str:
    return annotation.__qualname__ if type(annotation) is type else str(annotation)
