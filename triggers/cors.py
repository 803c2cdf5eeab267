"""Which web pages may call (Fetch standard, CORS protocol); tokens travel in a header, so cookies are never allowed."""

from __future__ import annotations

import azure.functions as func

from shared.settings import Settings

_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, Traceparent"
_SHOWN = "ETag, Location, Retry-After, X-Request-Id, Idempotent-Replayed, Traceparent"
_REMEMBERED_SECONDS = "600"


def let_read(request: func.HttpRequest, response: func.HttpResponse, settings: Settings) -> func.HttpResponse:
    """The response, with what lets a page of an allowed origin read it."""
    for name, value in _headers(request, settings).items():
        response.headers[name] = value
    return response


def _headers(request: func.HttpRequest, settings: Settings) -> dict[str, str]:
    origin = request.headers.get("origin", "")
    allowed = [one.strip() for one in settings.cors_origins.split(",") if one.strip()]
    if not origin or (origin not in allowed and "*" not in allowed):
        return {}
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Vary": "Origin",
        "Access-Control-Expose-Headers": _SHOWN,
    }
    if request.method == "OPTIONS":
        headers |= {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _REMEMBERED_SECONDS,
        }
    return headers
