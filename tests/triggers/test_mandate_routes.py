"""The routes of mandates: granted, lowered and revoked by the customer in person; its agent sees it, nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

import jwt
import pytest

from shared import wiring
from shared.flows import Refusal
from shared.money.amounts import Money
from shared.people import mandate_book
from shared.people.mandate_tokens import mandate_id_of
from shared.people.mandates import Spending

PATH = "/api/v1/mandates"
KEYS = (f"key-{number}" for number in count())
MONTH = "2026-12-23T16:00:00Z"


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def wish(**more: Any) -> dict[str, Any]:
    plain = {"agent": "gemini", "per_order_max": usd(10_000), "total_max": usd(50_000), "expires_at": MONTH}
    return {**plain, "payment": {"method": "card_ok"}, **more}


def grant(client: Any, key: str | None = None, **more: Any) -> Any:
    return client.post(PATH, json=wish(**more), headers={"Idempotency-Key": key or next(KEYS)})


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def agent(town: Any, subject: str = "gemini", acting_for: str = "ann", scope: str = "mandates:read") -> Any:
    return town.as_("agent", subject, acting_for=acting_for, scopes=[scope])


def spend(town: Any, mandate: str, order: str, minor: int, customer: str = "ann") -> Any:
    """As a checkout does it."""
    asked = Spending(
        mandate=mandate,
        order=order,
        customer=customer,
        agent="gemini",
        merchants=("rosie-and-thorn",),
        amount=Money(minor=minor, currency="USD"),
    )
    return asyncio.run(mandate_book.spend(wiring.deps().store, asked, town.host.now))


@pytest.fixture(scope="module")
def ann(town: Any) -> Any:
    return town.as_("customer", "ann")


def test_granted_with_a_token_that_everybody_can_check(town: Any, ann: Any) -> None:
    answer = grant(ann, merchants=["rosie-and-thorn", "monogram-room", "rosie-and-thorn"])
    assert answer.status_code == 201
    made = data(answer)
    assert answer.headers["location"] == f"{PATH}/{made['id']}"
    assert (made["status"], made["spent"], made["left"], made["orders"]) == ("active", usd(0), usd(50_000), 0)
    assert [one["id"] for one in made["merchants"]] == ["rosie-and-thorn", "monogram-room"]
    assert made["payment"] == {"method": "card_ok"}
    (jwk,) = town.http.get("/.well-known/jwks.json").json()["keys"]
    claims = jwt.decode(made["token"], jwt.PyJWK(jwk), options={"verify_exp": False, "verify_iat": False})
    assert claims["vct"] == "mandate.payment.open.1"
    assert claims["exp"] - claims["iat"] == 30 * 86_400
    assert asyncio.run(mandate_id_of(made["token"], wiring.deps().signer, town.host.now)) == made["id"]
    seen = data(ann.get(f"{PATH}/{made['id']}"))
    assert seen == {name: value for name, value in made.items() if name != "token"}


def test_one_key_one_mandate_however_often_and_at_once(town: Any, ann: Any) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: grant(ann, "at-once", agent="once"), range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    first = data(grant(ann, "at-once", agent="once"))
    assert {data(one)["id"] for one in answers if one.status_code == 201} == {first["id"]}
    assert data(grant(ann, "at-once", agent="once")) == first
    assert len([one for one in data(ann.get(PATH, params={"limit": 200}))["items"] if one["agent"] == "once"]) == 1
    other = grant(ann, "at-once", agent="another")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert data(grant(town.as_("customer", "bob"), "at-once", agent="once"))["id"] != first["id"]
    nothing = ann.post(PATH, json=wish())
    assert (nothing.status_code, nothing.json()["code"]) == (400, "idempotency_key_required")


def test_the_consent_manager_shows_who_may_what_was_spent_and_when(town: Any) -> None:
    cat = town.as_("customer", "cat")
    first, second = data(grant(cat)), data(grant(cat, agent="claude"))
    assert not isinstance(spend(town, first["id"], "o1", 4_200, "cat"), Refusal)
    shown = {one["agent"]: one for one in data(cat.get(PATH))["items"]}
    assert shown.keys() == {"gemini", "claude"}
    used = shown["gemini"]
    assert (used["spent"], used["left"], used["orders"]) == (usd(4_200), usd(45_800), 1)
    assert used["last_used_at"] == "2026-11-23T16:00:00Z"
    assert shown["claude"]["last_used_at"] is None
    page = data(cat.get(PATH, params={"limit": 1}))
    rest = data(cat.get(PATH, params={"limit": 1, "after": page["next"]}))
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {first["id"], second["id"]}


def test_revoked_at_once_and_twice_is_harmless(town: Any, ann: Any) -> None:
    made = data(grant(ann))
    path = f"{PATH}/{made['id']}"
    assert not isinstance(spend(town, made["id"], "o1", 100), Refusal)
    first = data(ann.post(f"{path}/revoke"))
    assert (first["status"], first["revoked_at"]) == ("revoked", "2026-11-23T16:00:00Z")
    assert data(ann.post(f"{path}/revoke")) == first
    assert spend(town, made["id"], "o2", 100).reason == "revoked"
    over = ann.patch(path, json={"total_max": usd(1_000)})
    assert (over.status_code, over.json()["code"]) == (409, "conflict")


def test_limits_go_down_and_never_up(town: Any, ann: Any) -> None:
    made = data(grant(ann))
    path = f"{PATH}/{made['id']}"
    assert not isinstance(spend(town, made["id"], "o1", 6_000), Refusal)
    less = data(ann.patch(path, json={"total_max": usd(8_000), "expires_at": "2026-12-01T00:00:00Z"}))
    assert (less["left"], less["per_order_max"]) == (usd(2_000), usd(8_000))
    claims = jwt.decode(less["token"], options={"verify_signature": False})
    assert {one["type"]: one.get("max") for one in claims["constraints"]}["payment.budget"] == 80
    assert spend(town, made["id"], "o2", 2_001).reason == "over_what_is_left"
    for field, value in [
        ("total_max", usd(8_001)),
        ("total_max", usd(5_999)),
        ("per_order_max", usd(8_001)),
        ("per_order_max", usd(0)),
        ("per_order_max", {"minor": 1, "currency": "EUR"}),
        ("expires_at", MONTH),
        ("expires_at", "2026-11-23T16:00:00Z"),
        ("merchants", []),
        ("agent", "claude"),
    ]:
        answer = ann.patch(path, json={field: value})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == f"body.{field}"
    assert data(ann.get(path)) == {name: value for name, value in less.items() if name != "token"}
    assert data(ann.patch(path, json={"total_max": usd(6_000)}))["status"] == "exhausted"


def test_an_agent_sees_its_own_for_its_customer_and_no_card(town: Any, ann: Any) -> None:
    made = data(grant(ann, agent="gemini"))
    others = data(grant(ann, agent="claude"))
    gemini = agent(town)
    items = data(gemini.get(PATH, params={"limit": 200}))["items"]
    assert made["id"] in {one["id"] for one in items}
    assert {one["agent"] for one in items} == {"gemini"}
    assert {one["payment"] for one in items} == {None}
    assert data(gemini.get(f"{PATH}/{made['id']}"))["payment"] is None
    assert gemini.get(f"{PATH}/{others['id']}").status_code == 404
    for_bob = agent(town, acting_for="bob")
    assert for_bob.get(f"{PATH}/{made['id']}").status_code == 404
    assert data(for_bob.get(PATH))["items"] == []
    assert agent(town, scope="orders:read").get(PATH).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", PATH, wish()),
        ("GET", PATH, None),
        ("GET", f"{PATH}/{{id}}", None),
        ("PATCH", f"{PATH}/{{id}}", {"total_max": usd(1)}),
        ("POST", f"{PATH}/{{id}}/revoke", None),
    ],
)
def test_in_person_or_not_at_all(town: Any, ann: Any, method: str, path: str, body: Any) -> None:
    made = data(grant(ann))
    where = path.format(id=made["id"])

    def ask(client: Any) -> int:
        answer = client.request(method, where, json=body, headers={"Idempotency-Key": next(KEYS)})
        return int(answer.status_code)

    assert ask(town.http) == 401
    assert ask(town.as_("partner", "rosie-and-thorn")) == 403
    assert ask(town.as_("super", "sue")) == 403
    if method != "GET":
        assert ask(agent(town, scope="mandates:write")) == 403
        assert ask(town.as_("customer", "ann", scopes=["mandates:read"])) == 403
    if "{id}" in path:
        assert ask(town.as_("customer", "bob")) == 404
        assert ann.request(method, path.format(id="none"), json=body).status_code == 404
    assert data(ann.get(f"{PATH}/{made['id']}"))["status"] == "active"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agent": ""}, "body.agent"),
        ({"agent": "x" * 256}, "body.agent"),
        ({"agent": "a\nb"}, "body.agent"),
        ({"per_order_max": usd(0)}, "body.per_order_max"),
        ({"per_order_max": usd(50_001)}, "body.per_order_max"),
        ({"per_order_max": usd(1_000_001), "total_max": usd(9_000_000)}, "body.per_order_max"),
        ({"total_max": {"minor": 50_000, "currency": "EUR"}}, "body.total_max"),
        ({"total_max": {"minor": 1.5, "currency": "USD"}}, "body.total_max.minor"),
        ({"total_max": usd(2**60)}, "body.total_max.minor"),
        ({"expires_at": "2026-11-23T16:00:00Z"}, "body.expires_at"),
        ({"expires_at": "2027-12-31T00:00:00Z"}, "body.expires_at"),
        ({"expires_at": "2026-12-01T00:00:00"}, "body.expires_at"),
        ({"merchants": ["no-such-shop"]}, "body.merchants[0]"),
        ({"merchants": ["rosie-and-thorn", "../x"]}, "body.merchants[1]"),
        ({"merchants": ["rosie-and-thorn"] * 21}, "body.merchants"),
        ({"scopes": []}, "body.scopes"),
        ({"scopes": ["approvals:write"]}, "body.scopes[0]"),
        ({"payment": {"method": ""}}, "body.payment.method"),
        ({"payment": {}}, "body.payment.method"),
        ({"customer": "bob"}, "body.customer"),
    ],
)
def test_bad_grants_name_what_is_wrong(ann: Any, change: dict[str, Any], field: str) -> None:
    answer = grant(ann, **change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_empty_and_huge_bodies(ann: Any) -> None:
    def send(content: bytes, method: str = "POST", path: str = PATH) -> Any:
        headers = {"Idempotency-Key": next(KEYS), "content-type": "application/json"}
        return ann.request(method, path, content=content, headers=headers)

    made = data(grant(ann))
    assert send(b"").status_code == send(b"{}").status_code == 422
    assert send(b"[").status_code == 400
    huge = b'{"agent": "' + b"x" * 30_000 + b'"}'
    assert send(huge).status_code == 413
    assert send(huge, "PATCH", f"{PATH}/{made['id']}").status_code == 413
    unchanged = data(send(b"", "PATCH", f"{PATH}/{made['id']}"))
    assert unchanged["total_max"] == made["total_max"]


def test_expired_when_its_time_has_come(run_app: Callable[..., Any]) -> None:
    with run_app() as running:
        end = running.host.now + timedelta(minutes=10)
        ann = running.as_("customer", "ann")
        made = data(grant(ann, expires_at=end.isoformat()))
        assert data(ann.get(f"{PATH}/{made['id']}"))["status"] == "active"
        running.host.advance(timedelta(minutes=10))
        seen = ann.get(f"{PATH}/{made['id']}")
        assert data(seen)["status"] == "expired"
        assert data(ann.get(PATH))["items"][0]["status"] == "expired"
        assert spend(running, made["id"], "o1", 100).reason == "expired"
        assert ann.patch(f"{PATH}/{made['id']}", json={"total_max": usd(20_000)}).status_code == 409
        assert data(ann.post(f"{PATH}/{made['id']}/revoke"))["status"] == "revoked"
