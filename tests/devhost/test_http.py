"""Who may call what over HTTP, and what hostile requests get."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from devhost.http import BODY_BYTES_MAX
from devhost.keys import is_local
from devhost.testing import DevHost

APPS = Path(__file__).parent / "apps"


@pytest.fixture(scope="module")
def host() -> Iterator[DevHost]:
    with DevHost(APPS / "web") as running:
        yield running


OWN_ROUTES = [
    ("GET", "/runtime/webhooks/durabletask/instances/"),
    ("GET", "/durabletask/instances/"),
    ("POST", "/durabletask/orchestrators/x"),
    ("GET", "/admin/host/meter"),
    ("POST", "/admin/host/clock"),
]


FOREIGN = [{"Origin": "https://evil.example"}, {"Host": "rebound.example"}, {"Origin": "null"}]


@pytest.mark.parametrize(("method", "path"), OWN_ROUTES)
@pytest.mark.parametrize("headers", FOREIGN)
def test_a_web_page_cannot_steer_the_host(host: DevHost, method: str, path: str, headers: dict[str, str]) -> None:
    answer = host.http.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert "key" in answer.json()["Message"]


def test_a_key_opens_the_management_api_from_elsewhere(host: DevHost) -> None:
    elsewhere = {"Host": "devbox.example"}
    urls = host.http.get("/runtime/webhooks/durabletask/instances/", headers=elsewhere)
    assert urls.status_code == 401
    master = host._host.keys.master
    system = host._host.keys.system
    path = "/runtime/webhooks/durabletask/instances/"
    assert host.http.get(path, headers={**elsewhere, "x-functions-key": master}).status_code == 200
    assert host.http.get(path, headers=elsewhere, params={"code": system}).status_code == 200
    assert host.http.get(path, headers=elsewhere, params={"code": host.key()}).status_code == 401
    assert host.http.get("/admin/host/meter", headers=elsewhere, params={"code": system}).status_code == 401
    assert host.http.get("/admin/host/meter", headers=elsewhere, params={"code": master}).status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers", "local"),
    [
        ("127.0.0.1", {"host": "localhost:7071"}, True),
        ("127.0.0.1", {"host": "127.0.0.1:7071"}, True),
        ("::1", {"host": "[::1]:7071"}, True),
        ("127.0.0.1", {"host": "localhost:7071", "origin": "http://localhost:7071"}, True),
        ("127.0.0.1", {"host": "localhost:7071", "origin": "http://localhost:3000"}, False),
        ("127.0.0.1", {"host": "localhost.evil.example"}, False),
        ("127.0.0.1", {}, False),
        ("192.0.2.7", {"host": "localhost:7071"}, False),
    ],
)
def test_what_counts_as_local(peer: str, headers: dict[str, str], local: bool) -> None:
    assert is_local({"client": (peer, 5000)}, headers) is local


def test_a_body_over_the_limit_is_refused_before_it_is_read(host: DevHost) -> None:
    address = host.url.removeprefix("http://")
    with closing(HTTPConnection(address, timeout=10)) as connection:
        connection.putrequest("POST", "/api/mirror")
        connection.putheader("Content-Length", str(BODY_BYTES_MAX + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
    assert host.http.post("/api/mirror", content=b"x" * 1_000_000).status_code == 200


def test_two_signals_in_one_breath_leave_the_host_idle() -> None:
    with DevHost(APPS / "entities") as running:
        engine = running._host.engine

        def both() -> None:
            for _ in range(2):
                engine.signal("counter", "x", "add", '"1"')

        running._do(both)
        running.settle(10)
        assert running.entity("counter", "x") == 2


def test_keys_stay_the_same_over_a_restart(tmp_path: Path) -> None:
    with DevHost(APPS / "web", data=tmp_path) as first:
        one, every = first.key("some"), first.key()
    with DevHost(APPS / "web", data=tmp_path) as second:
        assert (second.key("some"), second.key()) == (one, every)
        assert second.key("some") != second.key("other")
