"""From a raw request to typed input; what is wrong is said field by field."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import azure.functions as func
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.errors import INVALID, MALFORMED, MEDIA_TYPE, TOO_LARGE, AppError, FieldError
from shared.records import PAGE_MAX

T = TypeVar("T", bound=BaseModel)
_ERRORS_MAX = 20
_NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")


class Input(BaseModel):
    """The base of request bodies and queries: unknown fields are refused, numbers are finite, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, defer_build=True)


YEARS = range(2000, 2200)


def _in_reach(moment: datetime) -> datetime:
    """Calendars and zones can be reckoned with; the year 1 in another zone is no date at all."""
    if moment.year not in YEARS:
        raise ValueError(f"the year is from {YEARS.start} to {YEARS.stop - 1}")
    return moment


When = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""A moment that somebody sends: RFC 3339 with an offset."""


class Output(BaseModel):
    """The base of answers; its serialiser is built at the first use, not at start."""

    model_config = ConfigDict(defer_build=True)


def _decoded(text: object) -> bytes:
    try:
        return b64decode("".join(str(text).split()), validate=True)
    except ValueError:
        raise ValueError("it is no base64") from None


Base64 = Annotated[bytes, BeforeValidator(_decoded)]
"""A file within JSON; line breaks do not count."""


class Paging(Input):
    """The query of every list."""

    limit: int = Field(50, ge=1, le=PAGE_MAX, description="How many items at the most.")
    after: str | None = Field(None, max_length=2_000, description="The `next` of the page before.")


def body_of(request: func.HttpRequest, model: type[T], bytes_max: int) -> T:
    """The body as a model; raises AppError."""
    raw = request.get_body()
    if len(raw) > bytes_max:
        raise AppError(TOO_LARGE, f"The body has {len(raw):,} bytes; the limit is {bytes_max:,}.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and media_type != "application/json" and not media_type.endswith("+json"):
        raise AppError(MEDIA_TYPE, f"application/json is taken here, not '{media_type or 'nothing'}'.")
    return model_of(raw, model)


def model_of(raw: bytes, model: type[T]) -> T:
    """JSON as a model; raises AppError."""
    if _NUL.search(raw):
        raise _nul("body")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _refused(error, "body") from None


def raw_of(request: func.HttpRequest, media_types: Sequence[str], bytes_max: int) -> tuple[bytes, str]:
    """The body as it was sent, and its media type in lower case; raises AppError."""
    raw = request.get_body()
    if len(raw) > bytes_max:
        raise AppError(TOO_LARGE, f"The body has {len(raw):,} bytes; the limit is {bytes_max:,}.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in media_types:
        raise AppError(MEDIA_TYPE, f"{' or '.join(media_types)} is taken here, not '{media_type or 'nothing'}'.")
    return raw, media_type


def query_of(request: func.HttpRequest, model: type[T]) -> T:
    """The query as a model; raises AppError."""
    if any("\0" in value for value in request.params.values()):
        raise _nul("query")
    try:
        return model.model_validate(dict(request.params))
    except ValidationError as error:
        raise _refused(error, "query") from None


def _nul(where: str) -> AppError:
    """No text for people holds a NUL, and not every store takes one."""
    message = "It holds a NUL character; leave it out."
    return AppError(INVALID, f"{where}: {message}", [FieldError(where, message)])


def _refused(error: ValidationError, where: str) -> AppError:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return AppError(MALFORMED, found[0]["msg"])
    fields = [FieldError(_path(where, item["loc"]), item["msg"]) for item in found[:_ERRORS_MAX]]
    more = f" and {len(found) - len(fields)} more" if len(found) > len(fields) else ""
    return AppError(INVALID, f"{fields[0].field}: {fields[0].message}{more}", fields)


def _path(where: str, location: Sequence[Any]) -> str:
    path = where
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path[:200]
