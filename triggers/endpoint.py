"""The one way a route is declared; OpenAPI and the agent manifest are generated from the declarations.

    routes = Routes()

    @routes.post("/api/v1/orders", need=Need(roles=…), status=202, is_idempotent=True, action=AgentAction(…))
    async def place_order(body: PlaceOrder, caller: Caller, deps: Deps) -> OrderView:
        \"\"\"Place an order.\"\"\"

A handler names what it needs: `body` and `query` (pydantic models), `raw` (the bytes as sent, of one of the route's
media_types), `caller`, `deps`, `about` (facts of this request), `client` (the durable client), and its path parameters
as text. It returns a model, an Answer around one, or a Download. Parsing, authorising, limits, repetition, the envelope
and problem documents are done for it.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from shared.errors import Code
from shared.people.access import Need

BODY_BYTES_MAX = 1_000_000
M = TypeVar("M")
_PARAMETER = re.compile(r"{([a-z_]+)}")
_GIVEN = ("body", "query", "raw", "caller", "deps", "about", "client")


@dataclass(frozen=True)
class AgentAction:
    """What an AI agent reads of a route in the manifest."""

    name: str
    description: str
    requires_human_approval_over: int | None = None
    max_order_value: int | None = None


@dataclass(frozen=True)
class Answer(Generic[M]):
    """A handler's result with more than its data; etag is the record's own, without quotes."""

    data: M
    machine_readable: dict[str, Any] | None = None
    adaptive_card: dict[str, Any] | None = None
    location: str | None = None
    etag: str | None = None


@dataclass(frozen=True)
class Raw:
    """A body as it was sent; headers: of the request, found in any case, where its signature stands."""

    data: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    """A file. etag: without quotes, of one that never changes and may be kept; file_name: under which it is saved."""

    data: bytes
    media_type: str
    etag: str | None = None
    file_name: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """One declared route."""

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    need: Need
    status: int
    is_idempotent: bool
    action: AgentAction | None
    body_bytes_max: int
    is_enveloped: bool
    media_types: tuple[str, ...]
    errors: tuple[Code, ...]
    tag: str
    is_embedded: bool
    is_signed: bool
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answers: Any
    given: frozenset[str]
    parameters: tuple[str, ...]

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handler.__doc__ or self.name).strip().splitlines()[0]


@dataclass
class Routes:
    """The routes of one trigger file; tag: the heading they stand under in the documentation.

    is_embedded: they exist only while the app issues its tokens itself. is_signed: what comes is known by its
    signature, which the handler checks; no limit by address, from which a provider speaks for everybody.
    """

    tag: str
    is_embedded: bool = False
    is_signed: bool = False
    endpoints: list[Endpoint] = field(default_factory=list)

    def get(self, path: str, *, need: Need, **more: Any) -> Callable[[M], M]:
        """Declare a GET route."""
        return self._route("GET", path, need, **more)

    def post(self, path: str, *, need: Need, **more: Any) -> Callable[[M], M]:
        """Declare a POST route."""
        return self._route("POST", path, need, **more)

    def put(self, path: str, *, need: Need, **more: Any) -> Callable[[M], M]:
        """Declare a PUT route."""
        return self._route("PUT", path, need, **more)

    def patch(self, path: str, *, need: Need, **more: Any) -> Callable[[M], M]:
        """Declare a PATCH route."""
        return self._route("PATCH", path, need, **more)

    def delete(self, path: str, *, need: Need, **more: Any) -> Callable[[M], M]:
        """Declare a DELETE route."""
        return self._route("DELETE", path, need, **more)

    def _route(  # noqa: PLR0913  one declaration is one call
        self,
        method: str,
        path: str,
        need: Need,
        *,
        status: int = 200,
        is_idempotent: bool = False,
        action: AgentAction | None = None,
        body_bytes_max: int = BODY_BYTES_MAX,
        is_enveloped: bool = True,
        media_types: tuple[str, ...] = (),
        errors: tuple[Code, ...] = (),
    ) -> Callable[[M], M]:
        def declare(handler: Any) -> Any:
            hints = typing.get_type_hints(handler)
            answers = hints.pop("return")
            parameters = tuple(_PARAMETER.findall(path))
            strangers = hints.keys() - {*_GIVEN, *parameters}
            assert not strangers, f"{handler.__name__} asks for {sorted(strangers)}, which no request has"
            endpoint = Endpoint(
                method=method,
                path=path,
                handler=handler,
                need=need,
                status=status,
                is_idempotent=is_idempotent,
                action=action,
                body_bytes_max=body_bytes_max,
                is_enveloped=is_enveloped,
                media_types=media_types,
                errors=errors,
                tag=self.tag,
                is_embedded=self.is_embedded,
                is_signed=self.is_signed,
                body=hints.get("body"),
                query=hints.get("query"),
                answers=typing.get_args(answers)[0] if typing.get_origin(answers) is Answer else answers,
                given=frozenset(hints),
                parameters=parameters,
            )
            self.endpoints.append(endpoint)
            return handler

        return declare
