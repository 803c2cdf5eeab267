"""The one catalogue of errors: a stable code, its HTTP status, and what the caller can do.

An expected "no" of the business (a vendor refuses, a deadline cannot be met) is a value, not an error of this kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Code(NamedTuple):
    """One kind of error."""

    code: str
    status: int
    title: str
    remedy: str


class FieldError(NamedTuple):
    """What is wrong with one field of a request; field is its path, like `body.lines[0].quantity`."""

    field: str
    message: str


class AppError(Exception):
    """An error that a caller is told of; detail says what happened this time, in words for a person."""

    def __init__(self, code: Code, detail: str, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(f"{code.code}: {detail}")
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)


INVALID = Code(
    "invalid_request", 422, "The request is not valid", "Mend the fields named in `errors` and send it again."
)
MALFORMED = Code(
    "malformed_json", 400, "The body is not JSON", "Send a JSON object with Content-Type application/json."
)
MISSING_KEY = Code(
    "idempotency_key_required", 400, "An Idempotency-Key is needed", "Send a key of your own making, one per intention."
)
UNAUTHENTICATED = Code(
    "unauthenticated", 401, "You are not signed in", "Send `Authorization: Bearer` with a valid, current token."
)
FORBIDDEN = Code("forbidden", 403, "You may not do this", "Use an account or a token whose role and scopes allow it.")
NOT_FOUND = Code("not_found", 404, "There is no such thing", "Check the id; what belongs to others is not shown.")
NO_ROUTE = Code("no_such_route", 404, "There is no such route", "See /api/openapi.json for the routes there are.")
METHOD = Code("method_not_allowed", 405, "The route does not take this method", "Use one of the methods in `Allow`.")
CONFLICT = Code("conflict", 409, "It does not fit the present state", "Read it again and decide anew.")
IN_PROGRESS = Code(
    "idempotency_in_progress",
    409,
    "The first request with this key still runs",
    "Wait as `Retry-After` says, repeat.",
)
KEY_REUSED = Code(
    "idempotency_key_reused", 409, "The key was used for another request", "Use a new key for a new intention."
)
GONE = Code("gone", 410, "It is over", "Nothing more can be done with it.")
CHANGED = Code("changed_meanwhile", 412, "It was changed meanwhile", "Read it again, send the new ETag as If-Match.")
TOO_LARGE = Code("body_too_large", 413, "The body is too large", "Send less; the limit stands in `detail`.")
MEDIA_TYPE = Code("unsupported_media_type", 415, "This media type is not taken", "Send one of those named in `detail`.")
TOO_MANY = Code("too_many_requests", 429, "Too many requests", "Wait as `Retry-After` says.")
INTERNAL = Code("internal_error", 500, "Something went wrong here", "Try again; quote the request id if it stays.")
UNAVAILABLE = Code("unavailable", 503, "A part is not to be reached", "Try again as `Retry-After` says.")

CATALOGUE: dict[str, Code] = {
    entry.code: entry
    for entry in (
        INVALID, MALFORMED, MISSING_KEY, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, NO_ROUTE, METHOD, CONFLICT, IN_PROGRESS,
        KEY_REUSED, GONE, CHANGED, TOO_LARGE, MEDIA_TYPE, TOO_MANY, INTERNAL, UNAVAILABLE,
    )
}  # fmt: skip
