"""OpenAPI 3.1 and the agent manifest, generated from the route declarations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

from shared import errors
from shared.errors import Code
from shared.people.access import SCOPES
from triggers.about import API_VERSION
from triggers.answers import PROBLEM
from triggers.endpoint import Download, Endpoint

TITLE = "Universal Service Orchestrator"
_REF = "#/components/schemas/{model}"
_BYTES = {"schema": {"type": "string", "format": "binary"}}


def openapi(endpoints: Sequence[Endpoint], origin: str) -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    schemas, definitions = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": API_VERSION},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": {**definitions, "Problem": _PROBLEM, "Metadata": _METADATA},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """The schema of every body and answer, and the definitions that they share."""
    wanted: list[Any] = []
    for endpoint in endpoints:
        answers: Any = bytes if endpoint.answers is Download else endpoint.answers
        wanted.append((endpoint.name, "serialization", TypeAdapter(answers)))
        if endpoint.body is not None:
            wanted.append((endpoint.name, "validation", TypeAdapter(endpoint.body)))
    schemas, rest = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    return dict(schemas), rest.get("$defs", {})


def _operation(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": _responses(endpoint, schemas[endpoint.name, "serialization"]),
        "security": [{}, {"bearer": []}] if endpoint.need.is_public else [{"bearer": []}],
    }
    if endpoint.body is not None:
        schema = schemas[endpoint.name, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if endpoint.media_types:
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(endpoint.media_types, _BYTES)}
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in endpoint.parameters]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if not endpoint.is_idempotent:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return [{"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema}]


def _responses(endpoint: Endpoint, data: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "As asked"}
    if endpoint.answers is Download:
        good["content"] = {"*/*": {}}  # raw bytes have no schema (OpenAPI 3.1.0, Media Type Object)
    else:
        good["content"] = {"application/json": {"schema": _envelope(endpoint, data)}}
    responses: dict[str, Any] = {str(endpoint.status): good}
    if endpoint.method == "GET" and endpoint.is_enveloped:
        responses["304"] = {"description": "You have it already"}
    for status, codes in _refusals(endpoint).items():
        known = ", ".join(sorted(code.code for code in codes))
        responses[str(status)] = {
            "description": known,
            "content": {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
    return responses


def _envelope(endpoint: Endpoint, data: Any) -> dict[str, Any]:
    if not endpoint.is_enveloped:
        return dict(data)
    return {
        "type": "object",
        "required": ["data", "metadata"],
        "properties": {
            "data": data,
            "machine_readable": {"type": "object"},
            "adaptive_card": {"type": "object"},
            "metadata": {"$ref": _REF.format(model="Metadata")},
        },
        "additionalProperties": False,
    }


def _refusals(endpoint: Endpoint) -> dict[int, list[Code]]:
    """Every error that a route can answer with, by status."""
    codes = [errors.UNAUTHENTICATED, errors.TOO_MANY, errors.INTERNAL, errors.UNAVAILABLE, *endpoint.errors]
    if not endpoint.need.is_public:
        codes.append(errors.FORBIDDEN)
    if endpoint.parameters:
        codes.append(errors.NOT_FOUND)
    if endpoint.query is not None:
        codes.append(errors.INVALID)
    if endpoint.media_types:
        codes += [errors.TOO_LARGE, errors.MEDIA_TYPE, errors.INVALID]
    if endpoint.body is not None:
        codes += [errors.MALFORMED, errors.TOO_LARGE, errors.MEDIA_TYPE, errors.INVALID]
    if endpoint.is_idempotent:
        codes += [errors.MISSING_KEY, errors.KEY_REUSED, errors.IN_PROGRESS, errors.INVALID]
    by_status: dict[int, list[Code]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(code.status, []).append(code)
    return dict(sorted(by_status.items()))


def manifest(endpoints: Iterable[Endpoint], origin: str) -> dict[str, Any]:
    """What AI agents may do here, how they sign in, and within which limits."""
    return {
        "name": TITLE,
        "api_version": API_VERSION,
        "openapi": f"{origin}/api/openapi.json",
        "authentication": {"type": "bearer", "format": "JWT", "scopes": dict(SCOPES)},
        "actions": [_action(endpoint, origin) for endpoint in endpoints if endpoint.action],
    }


def _action(endpoint: Endpoint, origin: str) -> dict[str, Any]:
    action = endpoint.action
    assert action is not None
    shown: dict[str, Any] = {
        "name": action.name,
        "description": action.description,
        "method": endpoint.method,
        "url": f"{origin}{endpoint.path}",
        "needs_token": not endpoint.need.is_public,
        "scopes": sorted(endpoint.need.scopes),
        "idempotent": endpoint.is_idempotent or endpoint.method == "GET",
    }
    limits = {
        "requires_human_approval_over": action.requires_human_approval_over,
        "max_order_value": action.max_order_value,
    }
    return shown | {name: value / 100 for name, value in limits.items() if value is not None}


class FieldProblem(BaseModel):
    """One field of a problem document's `errors`."""

    field: str
    message: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    request_id: str
    errors: list[FieldProblem] = []


class Metadata(BaseModel):
    """What the envelope says of the request itself."""

    api_version: str
    timestamp: str
    request_id: str


def _inline(model: type[BaseModel]) -> dict[str, Any]:
    """A schema without definitions of its own."""
    schema = model.model_json_schema()
    for definition in schema.pop("$defs", {}).values():
        schema["properties"]["errors"]["items"] = definition
    return schema


_PROBLEM = _inline(Problem)
_METADATA = _inline(Metadata)
