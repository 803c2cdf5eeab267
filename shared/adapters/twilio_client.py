"""How the Twilio adapter asks: form posts to the REST API, what its errors come to, and files from where it keeps them.

Formats: https://www.twilio.com/docs/messaging/api/message-resource, errors: https://www.twilio.com/docs/api/errors. The
SDK is not used: it would load three more libraries for what is one request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import aiohttp

from shared.adapters.messages_broker import InDoubt
from shared.blobs import BYTES_MAX
from shared.dialogue.media import File, MediaRefused
from shared.dialogue.messages import Reason, Undeliverable
from shared.records import Unavailable

URL = "https://api.twilio.com"
SECONDS_MAX = 20.0
CONNECT_SECONDS_MAX = 5.0
ANSWER_BYTES_MAX = 1024 * 1024
LISTED_MAX = 50
REDIRECTS_MAX = 3
MEDIA_SECONDS_MAX = 30.0
MEDIA_BYTES_MAX = max(BYTES_MAX.values())

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
_OURS = frozenset({401, 403, 404, 408, 429})
"""Not the message's fault: the account, its address, or too much at once."""
_REASONS: dict[int, Reason] = {
    21211: "bad_recipient",
    21610: "unsubscribed",
    21614: "bad_recipient",
    63003: "bad_recipient",
    63016: "window_closed",
    63024: "bad_recipient",
}
_FILES = ".twiliocdn.com"
_OLD_FILES = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")


class TwilioClient:
    """One account. Every request opens its own connection: messages are few, and loops come and go."""

    def __init__(self, account_sid: str, auth_token: str, base_url: str) -> None:
        """base_url: without version; empty: Twilio's own."""
        self._base = (base_url or URL).rstrip("/")
        self._messages = f"{self._base}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(account_sid, auth_token)}

    async def create(self, form: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """The message resource that was made; raises Undeliverable, InDoubt, Unavailable (nothing was done)."""
        try:
            async with _session(SECONDS_MAX) as session, session.post(
                self._messages, data=list(form), headers=self._headers, allow_redirects=False
            ) as response:
                return _made(response.status, response.headers, await _body(response, ANSWER_BYTES_MAX))
        except _NEVER_SENT as error:
            raise Unavailable(f"Twilio is not to be reached ({type(error).__name__}).") from error
        except (aiohttp.ClientError, OSError, _TooMuch) as error:  # a time-out is an OSError
            raise InDoubt(f"Twilio's answer was lost ({type(error).__name__}).") from error

    async def listed(self, to: str) -> list[dict[str, Any]]:
        """The newest messages to somebody; raises Unavailable."""
        query = {"To": to, "PageSize": str(LISTED_MAX)}
        try:
            async with _session(SECONDS_MAX) as session, session.get(
                self._messages, params=query, headers=self._headers, allow_redirects=False
            ) as response:
                found = _json(await _body(response, ANSWER_BYTES_MAX)).get("messages")
        except (aiohttp.ClientError, OSError, _TooMuch) as error:
            raise Unavailable(f"Twilio is not to be reached ({type(error).__name__}).") from error
        if response.status != 200 or not isinstance(found, list):
            raise Unavailable(f"Twilio does not list messages ({response.status}).", _retry_after(response.headers))
        return [one for one in found if isinstance(one, dict)]

    async def fetch(self, url: str) -> File:
        """A file that came with a message; raises MediaRefused, Unavailable.

        Only from Twilio's own addresses, at each step of its redirects, and the account is shown to its API alone.
        """
        try:
            async with _session(MEDIA_SECONDS_MAX) as session:
                for _ in range(REDIRECTS_MAX + 1):
                    if not self._is_its_own(url):
                        raise MediaRefused("it is not at an address of the provider")
                    # Signed addresses bear no second proof of who asks.
                    headers = self._headers if self._is_api(url) else {}
                    async with session.get(url, headers=headers, allow_redirects=False) as response:
                        if response.status in {301, 302, 303, 307, 308}:
                            url = urljoin(url, response.headers.get("Location", ""))
                            continue
                        return await _file(response)
        except _TooMuch:
            raise MediaRefused(f"it is larger than {MEDIA_BYTES_MAX} bytes") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f"a file of Twilio's cannot be had ({type(error).__name__}).") from error
        raise MediaRefused("it is sent from one address to the next")

    def _is_api(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._base)[:2]

    def _is_its_own(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._is_api(url):
            return True
        if self._base != URL or parts.scheme != "https" or parts.port not in {None, 443} or parts.username is not None:
            return False
        host = parts.hostname or ""
        return host.endswith(_FILES) or (host == _OLD_FILES[0] and parts.path.startswith(_OLD_FILES[1]))


class _TooMuch(Exception):
    """The answer is larger than it may be."""


def _session(seconds: float) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS_MAX))


async def _body(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > bytes_max:
            raise _TooMuch
    return bytes(body)


async def _file(response: aiohttp.ClientResponse) -> File:
    if response.status in {404, 410}:
        raise MediaRefused("the provider has it no more")
    if response.status != 200:
        raise Unavailable(f"Twilio answered {response.status} for a file.", _retry_after(response.headers))
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in BYTES_MAX:
        raise MediaRefused("files of its type are not taken")
    return File(await _body(response, MEDIA_BYTES_MAX), media_type)


def _made(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    told = _json(body)
    if status in {200, 201} and isinstance(told.get("sid"), str):
        return told
    if 400 <= status < 500:
        _refuse(status, headers, told)
    raise InDoubt(f"Twilio answered {status}; it may have been sent.", _retry_after(headers))


def _refuse(status: int, headers: Mapping[str, str], told: Mapping[str, Any]) -> NoReturn:
    """Its sentences are not passed on: they have the number in them."""
    code = told.get("code")
    if status in _OURS or not isinstance(code, int):
        raise Unavailable(f"Twilio answered {status} ({code or 'no code'}).", _retry_after(headers))
    raise Undeliverable(_REASONS.get(code, "refused"), f"Twilio's code is {code}")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    asked = headers.get("Retry-After", "")
    return float(asked[:6]) if asked.isascii() and asked.isdecimal() else None


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def moment_of(text: object) -> datetime | None:
    """A time as Twilio writes it (RFC 2822), None where it is none."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  only where a lost answer is looked for

    try:
        moment = parsedate_to_datetime(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
