"""The adapter of partners' own systems: what is posted, to whom it is not posted, and what their answers come to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.adapters.messages_broker import BrokerMessages
from shared.adapters.public_net import PrivateAddress, PublicResolver, is_public, problem_with
from shared.blobs import BlobRef
from shared.dialogue.messages import Reply, Undeliverable
from shared.discovery.partners import PARTNERS
from shared.records import Unavailable
from tests.adapters.messages_carriers import Api
from tests.peers.partner_receiver import Fault

BUTTONS = (Reply(label="Accept", payload="neg:n1:2:accept"),)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with Api.running(tmp_path) as running:
        yield running


def send(api: Api, **fields: object) -> None:
    async def work(messages: BrokerMessages) -> None:
        await messages.send(api.message(**fields))

    api.play(work)


def test_a_partners_system_gets_all_it_needs_to_answer(api: Api) -> None:
    image = BlobRef(name="a" * 64, size=1, media_type="image/png")
    send(api, thread="neg:n1", replies=BUTTONS, payload={"kind": "change", "round": 2}, attachments=(image,))
    assert api.receiver.messages == {
        "m1": {
            "id": "m1",
            "partner": "rosie-and-thorn",
            "thread": "neg:n1",
            "text": "Can you do pink?",
            "payload": {"kind": "change", "round": 2},
            "replies": [{"label": "Accept", "payload": "neg:n1:2:accept"}],
            "attachments": [{"media_type": "image/png", "url": f"https://app.example/api/v1/images/{'a' * 64}"}],
            "answer_to": "https://app.example/webhooks/partners/rosie-and-thorn",
        }
    }
    assert api.receiver.refused == 0


def test_another_secret_or_another_time_is_not_believed(api: Api) -> None:
    api.receiver.secret = "whsec_another"
    with pytest.raises(Undeliverable, match="401"):
        send(api)
    api.receiver.secret = "whsec_of-the-partner"
    api.receiver.now = lambda: api.clock.now().timestamp() + 301
    with pytest.raises(Undeliverable, match="401"):
        send(api, id="m2")
    assert api.receiver.refused == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 403, 404, 410, 422])
def test_no_is_no_and_nobody_is_led_elsewhere(api: Api, status: int) -> None:
    api.receiver.faults.append(Fault(status, headers={"Location": "http://127.0.0.1:9/x"}))
    with pytest.raises(Undeliverable, match=str(status)):
        send(api)
    assert api.receiver.posts == 1


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_later_is_later(api: Api, status: int) -> None:
    api.receiver.faults.append(Fault(status, headers={"Retry-After": "7"}))
    with pytest.raises(Unavailable, match=str(status)) as error:
        send(api)
    assert error.value.retry_seconds == 7
    assert api.receiver.messages == {}


def test_who_takes_too_long_is_left(api: Api) -> None:
    api.receiver.faults.append(Fault(seconds=4))
    with pytest.raises(Unavailable, match="lost"):
        send(api)


def test_who_is_not_there_is_not_there(api: Api) -> None:
    api.address = "http://127.0.0.1:9/orders"
    with pytest.raises(Unavailable, match="not to be reached"):
        send(api)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://orders.example.com/x", "not https"),
        ("ftp://orders.example.com/x", "not https"),
        ("https:///x", "no URL"),
        ("https://[x", "no URL"),
        ("https://a:99999/x", "no URL"),
        ("https://user:pass@orders.example.com/x", "no URL"),
        ("https://127.0.0.1/x", "not public"),
        ("https://10.0.0.1/x", "not public"),
        ("https://169.254.169.254/metadata", "not public"),
        ("https://[::1]/x", "not public"),
        ("https://[::ffff:10.0.0.1]/x", "not public"),
        ("https://localhost/x", "not public"),
    ],
)
def test_addresses_inside_of_the_house_are_refused(api: Api, address: str, says: str) -> None:
    api.address, api.allows_private = address, False
    with pytest.raises(Undeliverable, match=says):
        send(api)
    assert api.receiver.posts == 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("64:ff9b::5db8:d822", True),
        ("0.0.0.0", False), ("10.1.2.3", False), ("100.64.0.1", False), ("127.0.0.53", False),
        ("169.254.169.254", False), ("172.16.0.1", False), ("192.168.1.1", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::", False), ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("ff0e::1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


class Turning(AbstractResolver):
    """A name that leads outside at first and inside afterwards, or to both at once."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=2, proto=0, flags=0)
            for one in self._answers.pop(0)
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("answers", [["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])
def test_a_name_that_leads_inside_is_refused_where_it_is_connected(answers: list[str]) -> None:
    async def run() -> None:
        resolver = PublicResolver()
        resolver._resolver = Turning(answers)  # type: ignore[assignment]
        connector = aiohttp.TCPConnector(resolver=resolver)
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorError) as error:
                await session.post("http://orders.example.com/", allow_redirects=False)
            assert isinstance(error.value.os_error, PrivateAddress)

    asyncio.run(run())


def test_names_are_left_to_the_resolver() -> None:
    assert problem_with("https://orders.example.com:8443/x", allows_private=False) is None


def test_whoever_has_no_system_is_not_reached_by_it(api: Api) -> None:
    async def work(messages: BrokerMessages) -> None:
        with pytest.raises(Undeliverable, match="bad_recipient"):
            await messages.send(api.message(to="nobody"))
        assert PARTNERS.name == "partners"

    api.play(work)
