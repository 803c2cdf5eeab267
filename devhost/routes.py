"""Which HTTP function a request is for: ASP.NET route templates, their constraints and precedence.

Templates are read and matched as ASP.NET Core does it (its `RoutePatternParser`, `RoutePatternMatcher`
and `RoutePrecedence.ComputeInbound`): literals ignore case, a segment may mix literals and parameters,
an optional or defaulted end may be left out, a catch-all takes the rest, one trailing slash is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from devhost.constraints import Check, RouteError, check_of

if TYPE_CHECKING:
    from devhost.index import Function

__all__ = ["Found", "MethodNotAllowed", "RouteError", "RouteTable", "Template"]


class _Parameter(NamedTuple):
    name: str
    constraints: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    default: str | None = None
    is_optional: bool = False
    is_catch_all: bool = False

    @property
    def may_be_left_out(self) -> bool:
        return self.is_optional or self.is_catch_all or self.default is not None


_Segment = tuple[str | _Parameter, ...]  # literals folded; never two of a kind side by side


class _Path(NamedTuple):
    segments: list[str]
    folded: list[str]
    tail: str  # the slash that ended it, which only a catch-all sees


class Template:
    """One route template such as `orders/{id:int}/{*rest}`; raises RouteError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.segments = _parse(text)
        can_end = [_may_be_left_out(segment) for segment in self.segments]
        self.required = max((index for index, can in enumerate(can_end, 1) if not can), default=0)
        self._takes_rest = bool(self.segments) and _rank(self.segments[-1]) >= 4
        # Sorts the more specific first; among equals, the one that nothing may be left out of.
        self.precedence = tuple(2 * _rank(segment) + _may_be_left_out(segment) for segment in self.segments)
        # Equal for templates that accept the same paths under other parameter names.
        self.shape = tuple(tuple(map(_without_name, segment)) for segment in self.segments)

    def match(self, path: str) -> dict[str, str] | None:
        """The parameters in a raw (percent-encoded) path, each decoded once, or None; never raises.

        A parameter left out is absent, or has its default. An encoded slash stays within its segment.
        """
        return self.bind(_split_path(path))

    def bind(self, path: _Path) -> dict[str, str] | None:
        """As `match`, for a path already split."""
        given = len(path.segments)
        if given < self.required or (given > len(self.segments) and not self._takes_rest):
            return None
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            if not _fill(values, segment, path, index):
                return None
        return values


class Found(NamedTuple):
    """The function that a request is for, with its route parameters."""

    function: Function
    params: dict[str, str]


@dataclass(frozen=True)
class MethodNotAllowed:
    """The path has routes, but none for the method; `allowed` is for the header Allow."""

    allowed: tuple[str, ...]


class _Route(NamedTuple):
    template: Template
    function: Function
    methods: frozenset[str]

    def accepts(self, method: str) -> bool:
        return not self.methods or method in self.methods


@dataclass(slots=True)
class _Node:
    """A place in the tree of all templates; the numbers are routes in order of precedence."""

    literals: dict[str, _Node] = field(default_factory=dict)
    other: _Node | None = None
    ends: list[int] = field(default_factory=list)
    catch_alls: list[int] = field(default_factory=list)


class RouteTable:
    """All HTTP functions of an app under the route prefix of host.json.

    Uses of each function its `name`, `route`, `methods` (empty = all) and `where`. Raises RouteError for
    a template that cannot be read and for two functions with the same route and method.
    """

    def __init__(self, prefix: str, functions: Sequence[Function]) -> None:
        prefix = prefix.strip("/")
        _read(prefix, f'the route prefix "{prefix}" of host.json')
        routes = [_route(prefix, function) for function in functions]
        _refuse_conflicts(routes)
        self._routes = sorted(routes, key=lambda route: route.template.precedence)
        self._root = _Node()
        for order, route in enumerate(self._routes):
            _plant(self._root, order, route.template)

    def find(self, method: str, path: str) -> Found | MethodNotAllowed | None:
        """The best route for a raw path (no query) that accepts the method; None if no route has the path."""
        split, method = _split_path(path), method.upper()
        allowed: set[str] = set()
        for order in self._candidates(split.folded):
            route = self._routes[order]
            params = route.template.bind(split)
            if params is None:
                continue
            if route.accepts(method):
                return Found(route.function, params)
            allowed |= route.methods
        return MethodNotAllowed(tuple(sorted(allowed))) if allowed else None

    def _candidates(self, folded: list[str]) -> list[int]:
        found: list[int] = []
        nodes = [self._root]
        for segment in folded:
            below: list[_Node] = []
            for node in nodes:
                found += node.catch_alls
                if segment in node.literals:
                    below.append(node.literals[segment])
                if node.other:
                    below.append(node.other)
            nodes = below
            if not nodes:
                break
        for node in nodes:
            found += node.ends + node.catch_alls
        return sorted(found)


def _route(prefix: str, function: Function) -> _Route:
    text = "/".join(part for part in (prefix, function.route.removeprefix("/")) if part)
    template = _read(text, f"{function.name} ({function.where})")
    return _Route(template, function, frozenset(method.upper() for method in function.methods))


def _read(text: str, owner: str) -> Template:
    try:
        return Template(text)
    except RouteError as wrong:
        raise RouteError(f"{owner}: {wrong}") from None


def _refuse_conflicts(routes: list[_Route]) -> None:
    seen: dict[object, list[_Route]] = {}
    for route in routes:
        for other in seen.setdefault(route.template.shape, []):
            if not route.methods or not other.methods or route.methods & other.methods:
                one, two = other.function, route.function
                both = ", ".join(sorted(route.methods & other.methods or route.methods | other.methods))
                raise RouteError(
                    f"{one.name} ({one.where}) and {two.name} ({two.where}) both serve "
                    f'"{route.template.text}" for {both or "every method"}; '
                    "give one of them another route or other methods"
                )
        seen[route.template.shape].append(route)


def _plant(node: _Node, order: int, template: Template) -> None:
    for depth, segment in enumerate(template.segments):
        if _rank(segment) >= 4:
            node.catch_alls.append(order)
            return
        if depth >= template.required:
            node.ends.append(order)
        if isinstance(segment[0], str) and len(segment) == 1:
            node = node.literals.setdefault(segment[0], _Node())
        else:
            node.other = node.other or _Node()
            node = node.other
    node.ends.append(order)


def _may_be_left_out(segment: _Segment) -> bool:
    return len(segment) == 1 and isinstance(segment[0], _Parameter) and segment[0].may_be_left_out


def _rank(segment: _Segment) -> int:
    """1 literal, 2 constrained or mixed, 3 parameter, 4 constrained catch-all, 5 catch-all."""
    part = segment[0]
    if len(segment) > 1:
        return 2
    if isinstance(part, str):
        return 1
    return (5 if part.is_catch_all else 3) - bool(part.constraints)


def _without_name(part: str | _Parameter) -> str | _Parameter:
    return part if isinstance(part, str) else part._replace(name="", checks=())


def _fold(text: str) -> str:
    """Lower case, of the same length as the text."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text


def _split_path(path: str) -> _Path:
    segments = path.removeprefix("/").split("/")
    tail = "/" if len(segments) > 1 and not segments[-1] else ""
    if not segments[-1]:
        segments.pop()
    if "%" in path:
        segments = [unquote(segment) for segment in segments]
    return _Path(segments, [_fold(segment) for segment in segments], tail)


# Matching one segment


def _fill(values: dict[str, str], segment: _Segment, path: _Path, index: int) -> bool:
    """Match one segment of a template and add what its parameters hold."""
    is_given = index < len(path.segments)
    part = segment[0]
    if is_given and not path.segments[index]:
        return False
    if len(segment) > 1:
        return _fill_mixed(values, segment, path.segments[index])
    if isinstance(part, str):
        return path.folded[index] == part
    value = part.default
    if is_given:
        value = "/".join(path.segments[index:]) + path.tail if part.is_catch_all else path.segments[index]
    if value is None:
        return part.is_optional or not part.checks
    values[part.name] = value
    return all(check(value) for check in part.checks)


def _fill_mixed(values: dict[str, str], parts: _Segment, text: str) -> bool:
    found = _split_mixed(parts, text)
    last = parts[-1]
    if found is None and isinstance(last, _Parameter) and last.is_optional and not text.endswith("."):
        found = _split_mixed(parts[:-2], text)
    if found is None:
        return False
    values |= {parameter.name: value for parameter, value in found.items()}
    return all(check(value) for parameter, value in found.items() for check in parameter.checks)


def _split_mixed(parts: _Segment, text: str) -> dict[_Parameter, str] | None:
    """Cut a segment from its right end, each literal as far right as leaves a character to what follows."""
    folded, end = _fold(text), len(text)
    found: dict[_Parameter, str] = {}
    waiting: _Parameter | None = None
    for part in reversed(parts):
        if isinstance(part, _Parameter):
            waiting = part
            continue
        start = folded.rfind(part, 0, max(end - 1, 0) if waiting else end)
        after = start + len(part)
        if start < 0 or (waiting is None and after != end):
            return None
        if waiting:
            found[waiting] = text[after:end]
        waiting, end = None, start
    if waiting and end:
        found[waiting] = text[:end]
        return found
    return found if not waiting and end == 0 else None


# Reading a template

_PIECE = re.compile(r"\{\{|\}\}|/|\{(?P<inside>(?:[^{}]|\{\{|\}\})*)\}|[^{}/]+")
_PARAMETER = re.compile(r"(?P<stars>\*{0,2})(?P<name>[^:=]+)(?P<constraints>.*?)", re.DOTALL)
_CONSTRAINT_NAME = re.compile(r"[^:(=]*")


def _parse(text: str) -> tuple[_Segment, ...]:
    trimmed = text.removeprefix("~").removeprefix("/").removesuffix("/")
    if not trimmed:
        return ()
    segments: list[list[str | _Parameter]] = [[]]
    for piece in _pieces(trimmed):
        parts = segments[-1]
        if piece == "/":
            segments.append([])
        elif isinstance(piece, str) and parts and isinstance(parts[-1], str):
            parts[-1] += piece
        else:
            parts.append(piece)
    for segment in segments:
        _check_segment(segment, text)
    _check_template(segments, text)
    return tuple(tuple(_fold(part) if isinstance(part, str) else part for part in parts) for parts in segments)


def _pieces(text: str) -> Iterator[str | _Parameter]:
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            raise RouteError(
                f'"{text}" has a brace without its partner; write parameters as {{name}}, '
                "a brace that is meant as text or within a constraint twice"
            )
        position = match.end()
        if match["inside"] is None:
            yield match[0].replace("{{", "{").replace("}}", "}")
        else:
            yield _parameter(match["inside"].replace("{{", "{").replace("}}", "}"))


def _parameter(inside: str) -> _Parameter:
    is_optional = inside.endswith("?")
    match = _PARAMETER.match(inside.removesuffix("?"))
    if match is None or any(sign in match["name"] for sign in "/{}?*"):
        raise RouteError(f'"{{{inside}}}" has no proper name; use one without / {{ }} ? *')
    if is_optional and match["stars"]:
        raise RouteError(f'the catch-all "{{{inside}}}" cannot be optional; leave out the ?')
    rest, constraints = inside.removesuffix("?")[match.end("name") :], []
    while rest.startswith(":"):
        end = _constraint_end(rest)
        if end > 1:
            constraints.append(rest[1:end])
        rest = rest[end:]
    if rest and is_optional:
        raise RouteError(f'"{{{inside}}}" has a default and so cannot be optional; leave out one of them')
    return _Parameter(
        match["name"],
        tuple(constraints),
        tuple(map(check_of, constraints)),
        rest[1:] if rest else None,
        is_optional,
        bool(match["stars"]),
    )


def _constraint_end(text: str) -> int:
    """Where the constraint that begins a text ends; a bracket or sign within its argument may not end it."""
    match = _CONSTRAINT_NAME.match(text, 1)
    at = match.end() if match else 1
    if text[at : at + 1] != "(":
        return at
    while at < len(text):
        if text[at] == ")" and text[at + 1 : at + 2] in {"", ":", "="}:
            return at + 1
        if text[at] in ":=":
            closing = text.find(")", at)
            if closing < 0:
                return at
            at = closing
        at += 1
    return at


def _check_segment(parts: list[str | _Parameter], text: str) -> None:
    if not parts:
        raise RouteError(f'"{text}" has two slashes in a row; leave one out')
    for part, following in pairwise(parts):
        if isinstance(part, _Parameter) and isinstance(following, _Parameter):
            raise RouteError(f'"{text}" has {{{part.name}}} right beside {{{following.name}}}; put text between them')
        if isinstance(part, _Parameter) and part.is_optional:
            raise RouteError(f'the optional {{{part.name}?}} of "{text}" has to end its segment')
        if isinstance(following, _Parameter) and following.is_optional and part != ".":
            raise RouteError(f'"{text}" may have only a full stop before the optional {{{following.name}?}}')


def _check_template(segments: list[list[str | _Parameter]], text: str) -> None:
    names: set[str] = set()
    for index, parts in enumerate(segments, 1):
        for part in parts:
            if isinstance(part, str):
                if "?" in part:
                    raise RouteError(f'"{text}" has a ? outside a parameter; routes have no query')
                continue
            if part.is_catch_all and (index < len(segments) or len(parts) > 1):
                raise RouteError(f'"{text}" needs its catch-all {{*{part.name}}} as the whole last segment')
            if part.name.lower() in names:
                raise RouteError(f'"{text}" has {{{part.name}}} twice; give each parameter its own name')
            names.add(part.name.lower())
