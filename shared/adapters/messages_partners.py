"""Messages to partners' own systems: a signed POST to the address that the partner has given.

Body and signature stand in docs/messages.md. The same message may come twice, under the same id; the partner's system
knows it by that. It is never redirected, and never sent to an address inside of the house.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from shared.adapters.messages_broker import LEASE_SECONDS, Handed, InDoubt
from shared.adapters.public_net import PrivateAddress, connector, problem_with
from shared.dialogue.delivery import Outgoing
from shared.dialogue.messages import OutboundMessage, Undeliverable
from shared.dialogue.signed import HEADER, signature
from shared.discovery.partners import PARTNERS, Contact
from shared.logistics.hubs import HUBS
from shared.people.workers import WORKERS
from shared.ports import Clock, Store
from shared.records import Container, Unavailable

SECONDS_MAX = 15.0
CONNECT_SECONDS_MAX = 5.0
ID_HEADER = "Webhook-Id"
PREFIX = "api_"
"""Before a message's id, the provider's id of it: the partner answers by the plain id."""

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
)
_LATER = frozenset({408, 409, 425, 429})


class PartnersCarrier:
    """A Carrier of the broker, for the channel `api`."""

    lease_seconds = LEASE_SECONDS

    def __init__(
        self,
        store: Store,
        clock: Clock,
        secret_of: Callable[[str], str],
        public_url: str,
        *,
        allows_private: bool = False,
        seconds_max: float = SECONDS_MAX,
    ) -> None:
        """secret_of: a partner's secret by its id; allows_private: also http, and addresses of this network."""
        self._store = store
        self._clock = clock
        self._secret_of = secret_of
        self._public_url = public_url
        self._allows_private = allows_private
        self._timeout = aiohttp.ClientTimeout(total=seconds_max, sock_connect=CONNECT_SECONDS_MAX)

    async def carry(self, message: OutboundMessage) -> Handed:
        """Post it; raises Undeliverable, InDoubt, Unavailable (nothing was done)."""
        url = await self._url(message.to)
        body = json.dumps(self._body(message), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: message.id,
            HEADER: signature(self._secret_of(message.to), body, self._clock.now()),
        }
        try:
            async with aiohttp.ClientSession(
                timeout=self._timeout, connector=connector(allows_private=self._allows_private)
            ) as session, session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return _taken(message, response)
        except _NEVER_SENT as error:
            if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, PrivateAddress):
                raise Undeliverable("bad_recipient", "the partner's address is not public") from None
            raise Unavailable(f"the partner's system is not to be reached ({type(error).__name__}).") from error
        except aiohttp.InvalidURL:
            raise Undeliverable("bad_recipient", "the partner's address is no URL") from None
        except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
            raise InDoubt(f"the partner's answer was lost ({type(error).__name__}).") from error

    async def traces(self, outgoing: Outgoing) -> Sequence[Handed]:  # noqa: ARG002  the partner knows a message by its id
        """None: it may be sent again."""
        return ()

    async def _url(self, party: str) -> str:
        contact = await self._contact(party)
        ways = [contact, contact.fallback] if contact else []
        url = next((way.address for way in ways if way and way.channel == "api"), None)
        if url is None:
            raise Undeliverable("bad_recipient", "this partner has no system of its own")
        problem = problem_with(url, allows_private=self._allows_private)
        if problem:
            raise Undeliverable("bad_recipient", f"the partner's address: {problem}")
        return url

    async def _contact(self, party: str) -> Contact | None:
        parties: tuple[Container[Any], ...] = (PARTNERS, HUBS, WORKERS)
        for container in parties:
            stored = await self._store.get(container, party, party)
            if stored is not None:
                contact: Contact = stored.value.contact
                return contact
        return None

    def _body(self, message: OutboundMessage) -> dict[str, Any]:
        return {
            "id": message.id,
            "partner": message.to,
            "thread": message.thread,
            "text": message.text,
            "payload": message.payload,
            "replies": [{"label": reply.label, "payload": reply.payload} for reply in message.replies],
            "attachments": [
                {"media_type": one.media_type, "url": f"{self._public_url}/api/v1/images/{one.name}"}
                for one in message.attachments
            ],
            "answer_to": f"{self._public_url}/webhooks/partners/{message.to}",
        }


def _taken(message: OutboundMessage, response: aiohttp.ClientResponse) -> Handed:
    status = response.status
    if 200 <= status < 300:
        return Handed(PREFIX + message.id, "delivered")
    if status >= 500 or status in _LATER:
        asked = response.headers.get("Retry-After", "")
        wait = float(asked[:6]) if asked.isascii() and asked.isdecimal() else None
        raise InDoubt(f"the partner's system answered {status}.", wait)
    raise Undeliverable("refused", f"the partner's system answered {status}")
