"""The built-in HTTP activity behind `context.call_http`, with polling of 202 answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

if TYPE_CHECKING:
    import aiohttp

POLL_SECONDS = 30.0
POLL_SECONDS_MAX = 24 * 3600.0
TIMEOUT_SECONDS = 100.0


class HttpCallFailed(Exception):
    """The request could not be made."""


class HttpCaller:
    """Makes requests with one session for the host's life, opened at the first."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make one request as the SDK describes it; the answer as the SDK reads it, with header names as sent."""
        import aiohttp  # noqa: PLC0415  costs as much as the rest of the host, and few apps call HTTP

        if request.get("tokenSource"):
            raise HttpCallFailed("managed identity tokens are not offered here; send an Authorization header instead")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        headers = dict(request.get("headers") or {})
        content = request.get("content")
        if content is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.request(
                request["method"], request["uri"], data=content, headers=headers, allow_redirects=True
            ) as answer:
                text = await answer.text()
                return {"statusCode": answer.status, "headers": dict(answer.headers), "content": text}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HttpCallFailed(f"{request['method']} {request['uri']}: {error or type(error).__name__}") from error


def poll_after(request: dict[str, Any], answer: dict[str, Any], now: datetime) -> tuple[str, datetime] | None:
    """The request to repeat (as JSON) and when, where the answer is a 202 that says where to look; else None."""
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    location = headers.get("location")
    if answer["statusCode"] != 202 or not location or request.get("asynchronousPatternEnabled") is False:
        return None
    following = {
        "method": "GET",
        "uri": urljoin(request["uri"], location),
        "headers": {k: v for k, v in (request.get("headers") or {}).items() if k.lower() != "content-type"},
    }
    return json.dumps(following), now + timedelta(seconds=_pause(headers.get("retry-after"), now))


def _pause(retry_after: str | None, now: datetime) -> float:
    """Seconds to wait, from a Retry-After header in either of its forms (RFC 9110, 10.2.3)."""
    if not retry_after:
        return POLL_SECONDS
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return POLL_SECONDS
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    return min(max(seconds, 0.0), POLL_SECONDS_MAX)
