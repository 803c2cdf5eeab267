"""What goes back: the envelope, problem documents (RFC 9457), ETags, and the headers that all answers carry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import azure.functions as func
from pydantic import BaseModel, TypeAdapter

from shared.errors import AppError
from triggers.about import API_VERSION, About
from triggers.endpoint import Answer, Download, Endpoint

PROBLEM = "application/problem+json"
JSON = "application/json"
_ANY = TypeAdapter(Any)


def plain(value: Any) -> Any:
    """A model, or a collection of them, as plain JSON values."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    return _ANY.dump_python(value, mode="json", by_alias=True)


def enveloped(endpoint: Endpoint, result: Any, about: About) -> func.HttpResponse:
    """A handler's result as a response."""
    if isinstance(result, Download):
        return _respond(endpoint.status, result.data, result.media_type, about, _of_file(result))
    answer = result if isinstance(result, Answer) else Answer(result)
    data = plain(answer.data)
    if not endpoint.is_enveloped:
        return respond(endpoint.status, data, about)
    body: dict[str, Any] = {"data": data}
    if answer.machine_readable is not None:
        body["machine_readable"] = answer.machine_readable
    if answer.adaptive_card is not None:
        body["adaptive_card"] = answer.adaptive_card
    headers = {"Location": answer.location} if answer.location else {}
    if endpoint.method == "GET" or answer.etag:
        headers["ETag"] = f'"{answer.etag or _digest(body)}"'
    body["metadata"] = {
        "api_version": API_VERSION,
        "timestamp": about.now.isoformat(),
        "request_id": about.request_id,
    }
    return respond(endpoint.status, body, about, headers)


def _of_file(file: Download) -> dict[str, str]:
    """What a file's answer says of it beside its type."""
    kept = {"ETag": f'"{file.etag}"', "Cache-Control": "public, max-age=31536000, immutable"} if file.etag else {}
    named = {"Content-Disposition": f'attachment; filename="{file.file_name}"'} if file.file_name else {}
    return {**kept, **named}


def problem(error: AppError, about: About, headers: Mapping[str, str] | None = None) -> func.HttpResponse:
    """An error as a problem document."""
    body: dict[str, Any] = {
        "type": f"{about.origin}/api/v1/errors#{error.code.code}",
        "title": error.code.title,
        "status": error.code.status,
        "detail": error.detail,
        "code": error.code.code,
        "remedy": error.code.remedy,
        "request_id": about.request_id,
    }
    if error.fields:
        body["errors"] = [{"field": f.field, "message": f.message} for f in error.fields]
    more = {"WWW-Authenticate": "Bearer"} if error.code.status == 401 else {}
    return respond(error.code.status, body, about, {**more, **(headers or {})}, PROBLEM)


def respond(
    status: int, body: Any, about: About, headers: Mapping[str, str] | None = None, media_type: str = JSON
) -> func.HttpResponse:
    """JSON with the headers that every answer carries."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _respond(status, text, media_type, about, headers or {})


def _respond(
    status: int, body: str | bytes, media_type: str, about: About, headers: Mapping[str, str]
) -> func.HttpResponse:
    """Nothing is kept by caches unless the headers say so."""
    always = {
        "X-Request-Id": about.request_id,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if about.trace:
        always["Traceparent"] = about.trace.header
    return func.HttpResponse(body, status_code=status, mimetype=media_type, headers={**always, **headers})


def not_modified(request: func.HttpRequest, response: func.HttpResponse) -> func.HttpResponse:
    """304 in place of a 200 whose ETag the caller already has."""
    etag = response.headers.get("ETag")
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if response.status_code != 200 or not etag or etag not in known:
        return response
    kept = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
    return func.HttpResponse(b"", status_code=304, headers=kept, mimetype=JSON)


def _digest(body: Any) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
