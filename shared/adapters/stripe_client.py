"""How the Stripe adapter asks: one client for each event loop, the SDK's retries, and what its errors come to.

The SDK is loaded with this module. Errors: https://docs.stripe.com/api/errors; retries with the same key:
https://docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import aiohttp
import stripe
from pydantic import ValidationError

from shared.money.payments import (
    AmountRefused,
    ImpossibleMove,
    OutcomeUnknown,
    PaymentError,
    PaymentKeyReused,
    UnknownMethod,
    UnknownPayment,
)
from shared.records import Unavailable

RETRIES_MAX = 2
SECONDS_MAX = 30.0
"""For one attempt; a card's bank may take a while to answer."""
CONNECT_SECONDS_MAX = 5.0

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
_REFUSED, _CONFLICT, _TOO_MANY, _FAULT = 400, 409, 429, 500
_UNREADABLE = (ValidationError, AttributeError, KeyError)
"""What the SDK's objects and ours come to where a field is missing or of another kind."""
_AMOUNT_PARAMS = {"amount", "amount_to_capture"}
_PAYMENT_PARAMS = {"intent", "payment_intent", "charge", "source_transaction", "transfer", "id"}
_MOVE_CODES = {
    "charge_already_captured",
    "charge_already_refunded",
    "charge_disputed",
    "charge_expired_for_capture",
    "payment_intent_unexpected_state",
    "transfer_already_reversed",
}
_AMOUNT_CODES = {"amount_too_large", "amount_too_small", "balance_insufficient", "insufficient_funds"}

_in_doubt: ContextVar[bool] = ContextVar("_in_doubt", default=False)

R = TypeVar("R")


class _Transport(stripe.AIOHTTPClient):
    """The SDK's own, noting whether any attempt of a request may have been carried out without our hearing of it."""

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await super().request_async(method, url, headers, post_data)
        except stripe.APIConnectionError as error:
            if not isinstance(error.__cause__, _NEVER_SENT):
                _in_doubt.set(True)
            raise
        except (aiohttp.ClientError, TimeoutError) as error:
            # The SDK leaves out what breaks while the answer is read.
            _in_doubt.set(True)
            broken = stripe.APIConnectionError("the answer broke off", should_retry=True)  # type: ignore[no-untyped-call]
            raise broken from error
        if answer[1] == _CONFLICT or not _REFUSED <= answer[1] < _FAULT:
            _in_doubt.set(True)  # even a success: what cannot be read does not tell
        return answer


class StripeClient:
    """Answers of a Stripe account, from any event loop."""

    def __init__(self, api_key: str, base_url: str | None, seconds_max: float) -> None:
        """base_url: without version, such as `https://api.stripe.com`; None: Stripe's own."""
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = aiohttp.ClientTimeout(total=seconds_max, sock_connect=CONNECT_SECONDS_MAX)
        # A connection belongs to one event loop; a process may run several, one after the other.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[stripe.StripeClient, _Transport]]
        self._clients = WeakKeyDictionary()

    async def read(self, call: Callable[[stripe.StripeClient], Awaitable[R]]) -> R:
        """What a call answers that changes nothing; raises UnknownPayment, PaymentError, Unavailable."""
        try:
            return await call(self._client())
        except stripe.StripeError as error:
            raise _fault(error) or refusal(error) from error
        except _UNREADABLE as error:
            raise Unavailable(f"Stripe's answer cannot be read ({type(error).__name__}).") from error

    async def write(self, call: Callable[[stripe.StripeClient], Awaitable[R]]) -> R:
        """What a call answers that moves money; raises stripe.CardError where the card is refused, else our errors.

        OutcomeUnknown where any of the attempts may have been carried out, Unavailable where none can have been.
        """
        told = _in_doubt.set(False)
        try:
            return await call(self._client())
        except stripe.CardError:
            raise
        except stripe.StripeError as error:
            fault = _fault(error)
            if fault is None:
                raise refusal(error) from error
            if _in_doubt.get():
                raise OutcomeUnknown(f"{fault} It may have been done: repeat with the same key.") from error
            raise fault from error
        except _UNREADABLE as error:
            raise OutcomeUnknown("Stripe's answer cannot be read: repeat with the same key.") from error
        finally:
            _in_doubt.reset(told)

    async def close(self) -> None:
        """Close the connections of this event loop; whoever asks again opens new ones."""
        known = self._clients.pop(asyncio.get_running_loop(), None)
        if known is not None:
            await known[1].close_async()  # type: ignore[no-untyped-call]

    def _client(self) -> stripe.StripeClient:
        loop = asyncio.get_running_loop()
        known = self._clients.get(loop)
        if known is None:
            transport = _Transport(timeout=self._timeout)
            client = stripe.StripeClient(
                self._api_key,
                base_addresses={"api": self._base_url} if self._base_url else None,
                max_network_retries=RETRIES_MAX,
                http_client=transport,
            )
            known = self._clients[loop] = client, transport
        return known[0]


def refusal(error: stripe.StripeError) -> PaymentError:
    """Our name for what Stripe refuses; nothing was changed."""
    said = error.user_message or "Stripe gives no reason"
    param = getattr(error, "param", None)
    if isinstance(error, stripe.IdempotencyError):
        return PaymentKeyReused(f"the key belongs to another request: make a new one for a new intention ({said})")
    if isinstance(error, stripe.CardError) or error.code in _MOVE_CODES:
        return ImpossibleMove(said)
    if error.code in _AMOUNT_CODES or param in _AMOUNT_PARAMS:
        return AmountRefused(said)
    if param == "payment_method":
        return UnknownMethod(said)
    if error.code == "resource_missing" and param in _PAYMENT_PARAMS:
        return UnknownPayment(said)
    return PaymentError(said)


def _fault(error: stripe.StripeError) -> Unavailable | None:
    """The error where it is none of the request's: the network's, Stripe's, or our account's."""
    if isinstance(error, stripe.APIConnectionError):
        return Unavailable(f"Stripe is not to be reached ({type(error.__cause__).__name__}).")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Unavailable(f"Stripe does not take the API key ({error.http_status}).")
    status = error.http_status or 0
    is_refusal = _REFUSED <= status < _FAULT and status not in {_CONFLICT, _TOO_MANY}
    # Where there is no error object, it was not Stripe that answered.
    if is_refusal and isinstance(error.json_body, dict) and "error" in error.json_body:
        return None
    asked = (error.headers or {}).get("retry-after", "")
    wait = int(asked) if asked.isascii() and asked.isdecimal() else None
    return Unavailable(f"Stripe answered {status or 'what cannot be read'}.", wait)
