"""What the platform says of itself: health, readiness, its routes, its errors; and tokens while it issues its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from shared import errors
from shared.errors import AppError
from shared.people.access import PUBLIC, Role
from shared.wiring import Deps
from triggers.about import About
from triggers.catch_all import every
from triggers.endpoint import Routes
from triggers.parse import Input, Output
from triggers.register import endpoints_of

if TYPE_CHECKING:
    from shared.adapters.identity_own import OwnIdentity

routes = Routes("platform")
embedded = Routes("embedded", is_embedded=True)
TOKEN_SECONDS_MAX = 30 * 24 * 3600

class Health(Output):
    """Whether the app answers at all."""

    status: Literal["ok"]


class PortCheck(Output):
    """How a port is; unchecked: it cannot be asked without doing something; why: where it fails."""

    status: Literal["ok", "failing", "unchecked"]
    why: str


class Readiness(Output):
    """Which adapter stands behind each port, and whether it answers; degraded: one that is not needed does not."""

    status: Literal["ready", "degraded"]
    ports: dict[str, str]
    checks: dict[str, PortCheck]
    problems: list[str]


class ErrorEntry(Output):
    """One kind of error."""

    code: str
    status: int
    title: str
    remedy: str


@routes.get("/api/v1/health", need=PUBLIC)
async def health() -> Health:
    """Whether the app answers."""
    return Health(status="ok")


@routes.get("/api/v1/ready", need=PUBLIC)
async def ready(deps: Deps) -> Readiness:
    """Whether the parts behind the app answer, and which they are; 503 while one does not that all need."""
    from shared.ready import NEEDED, checks  # noqa: PLC0415  asked for by probes only

    found = await checks(deps)
    failing = {port: check.why for port, check in found.items() if check.status == "failing"}
    problems = [f"{port}: {why}" for port, why in failing.items()]
    if NEEDED & failing.keys():
        fields = [errors.FieldError(f"ports.{port}", why) for port, why in failing.items()]
        raise AppError(errors.UNAVAILABLE, "; ".join(problems), fields)
    return Readiness(
        status="degraded" if failing else "ready",
        ports={port: check.adapter for port, check in found.items()},
        checks={port: PortCheck(status=check.status, why=check.why) for port, check in found.items()},
        problems=problems,
    )


@routes.get("/api/v1/errors", need=PUBLIC)
async def list_errors() -> list[ErrorEntry]:
    """Every error code with what can be done about it."""
    return [ErrorEntry(**entry._asdict()) for entry in errors.CATALOGUE.values()]


@routes.get("/api/openapi.json", need=PUBLIC, is_enveloped=False)
async def openapi_document(about: About) -> dict[str, Any]:
    """All routes as OpenAPI 3.1."""
    from triggers.openapi import openapi  # noqa: PLC0415

    return openapi(endpoints_of(every()), about.origin)


@routes.get("/.well-known/agent-manifest.json", need=PUBLIC, is_enveloped=False)
async def agent_manifest(about: About) -> dict[str, Any]:
    """What AI agents may do here and within which limits."""
    from triggers.openapi import manifest  # noqa: PLC0415

    return manifest(endpoints_of(every()), about.origin)


class TokenRequest(Input):
    """For whom a token is wanted."""

    role: Role
    subject: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")
    scopes: list[str] | None = Field(None, max_length=50, description="Fewer than the role has; an agent: all it has.")
    acting_for: str | None = Field(None, min_length=1, max_length=100, description="The customer an agent acts for.")
    ttl_seconds: int = Field(3600, ge=1, le=TOKEN_SECONDS_MAX)


class Token(Output):
    """A bearer token."""

    token: str


@embedded.post("/api/v1/dev/token", need=PUBLIC)
async def issue_token(body: TokenRequest, deps: Deps) -> Token:
    """A token of the app's own making; this route exists only while the app issues its tokens itself."""
    issuer: OwnIdentity = deps.identity  # type: ignore[assignment]  # the route is registered with this adapter only
    try:
        token = issuer.issue(
            body.role,
            body.subject,
            scopes=None if body.scopes is None else frozenset(body.scopes),
            ttl_seconds=body.ttl_seconds,
            acting_for=body.acting_for,
            now=deps.clock.now(),
        )
    except ValueError as error:
        raise AppError(errors.INVALID, str(error)) from None
    return Token(token=token)
