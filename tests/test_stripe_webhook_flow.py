"""Stripe tells on its own, over signed webhooks: each event is acted on once, and money, payees and people follow."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared import wiring
from shared.money.amounts import Money
from shared.money.news import BODY_BYTES_MAX, HEARD
from shared.money.payees import PAYEES
from shared.money.payouts import PAYOUTS
from tests.buying import HOME, SATURDAY, Shop, data, hang_up, record, statement, told, usd
from tests.conftest import ROOT, house
from tests.peers import stripe_peer
from tests.peers.stripe_peer import KEY, StripePeer, signature

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
SECRET = "whsec_loopback"
ROSIE = "rosie-and-thorn"
PATH = "/webhooks/stripe"


class Stripe:
    """The app with its payments at the loopback server, and that server."""

    def __init__(self, app: Any, peer: StripePeer) -> None:
        self.app = app
        self.peer = peer

    def call(self, method: str, path: str, **form: str) -> Any:
        """Ask Stripe past the app, as somebody at its dashboard does."""
        return httpx.request(
            method, self.peer.url + path, data=form, headers={"Authorization": f"Bearer {KEY}"}
        ).json()

    def do(self, act: Callable[..., Any], *given: Any) -> Any:
        """Let something happen at Stripe, and wait until the app has heard of it and done what follows."""
        done = self.peer.do(act, *given)
        self.heard()
        return done

    def heard(self) -> None:
        """Every event so far has been told to the app, and what it set off has come to its end."""
        for _ in range(500):
            waiting = [one for one in self.peer.world.all("event") if not self.is_known(one)]
            if not waiting:
                break
            time.sleep(0.01)
        assert not waiting, [one["type"] for one in waiting]
        assert not any(one["pending_webhooks"] for one in self.peer.world.all("event")), "each was answered well"
        self.app.host.settle()

    def is_known(self, event: dict[str, Any]) -> bool:
        from triggers.webhook_stripe import ACTS

        if event["type"] not in ACTS:
            return True
        kept = record(HEARD, event["id"], event["id"])
        return kept is not None and kept.status != "received"

    def post(self, event: dict[str, Any], *, header: str | None = None, secret: str = SECRET, age: int = 0) -> Any:
        body = json.dumps(event).encode()
        stamp = int(self.app.host.now.timestamp()) - age
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret, stamp) if header is None else header,
        }
        return self.app.http.post(PATH, content=body, headers=headers)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return self.peer.events(kind)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stripe]:
    with stripe_peer.running() as peer:
        stripe = {"PAYMENTS": "stripe", "STRIPE_KEY": KEY, "STRIPE_URL": peer.url, "STRIPE_WEBHOOK_SECRET": SECRET}
        with house(tmp_path_factory.mktemp("stripe"), ROOT, MONDAY, CITY="data/austin", **stripe) as app:
            peer.clock = lambda: app.host.now
            found = Stripe(app, peer)
            hook = {"url": app.host.url + PATH, "enabled_events[]": "*"}
            assert found.call("POST", "/v1/webhook_endpoints", **hook)["secret"] == SECRET
            yield found
            app.host._call(hang_up())


@pytest.fixture(scope="module")
def ann(there: Stripe) -> Shop:
    return Shop(there.app, "ann", "pm_card_visa")


@pytest.fixture(scope="module")
def roses(ann: Shop) -> str:
    return ann.product("red roses", ROSIE)


@pytest.fixture(scope="module")
def rosie(there: Stripe) -> Any:
    return there.app.as_("partner", ROSIE)


def waiting(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(client.get("/api/v1/finance/summary"))["waiting"]
    return found


def test_a_payee_without_an_account_waits_and_is_paid_once_it_is_there(
    there: Stripe, ann: Shop, roses: str, rosie: Any
) -> None:
    order = ann.place("waits", roses)
    ann.confirm(order["id"])
    assert ann.order(order["id"])["status"] == "completed"
    assert statement(order["id"]).transfers == ()
    assert len(waiting(rosie)) == 1
    assert data(rosie.get(f"/api/v1/partners/{ROSIE}/payout-account"))["destination"] is None
    assert any("tell us the account" in text for text in of_rosie())
    path = f"/api/v1/partners/{ROSIE}/payout-account"
    assert rosie.put(path, json={"destination": "my-bank"}).status_code == 422

    account = there.call("POST", "/v1/accounts", type="express")["id"]
    there.do(lambda: there.peer.world.onboard(account, is_ready=False))
    data(rosie.put(path, json={"destination": account}))
    there.app.host.settle()
    (held,) = waiting(rosie)
    assert (held["status"], held["reason"][:8]) == ("waiting", "refused:")
    assert any("is refused" in text for text in told("web", "staff"))

    there.do(there.peer.world.onboard, account)
    assert waiting(rosie) == []
    assert data(rosie.get(path))["is_ready"] is True
    (made,) = [one for one in statement(order["id"]).transfers if one.to == account]
    assert ann.moved(order["id"], f"vendor:{ROSIE}", "provider:clearing") == made.amount.minor
    assert "provider:clearing" in ann.balances(order["id"])


def of_rosie() -> list[str]:
    from shared.discovery.partners import PARTNERS

    contact = record(PARTNERS, ROSIE, ROSIE).contact
    to = ROSIE if contact.channel in {"api", "web"} else contact.address
    return [*told(contact.channel, to), *told("web", ROSIE)]


def test_an_event_is_acted_on_once(there: Stripe, ann: Shop, roses: str) -> None:
    order = ann.place("once", roses)
    ann.confirm(order["id"])
    there.heard()
    (transfer,) = there.peer.world.all("transfer", transfer_group=order["id"])
    back = there.call("POST", f"/v1/transfers/{transfer['id']}/reversals", amount="100")
    there.heard()
    assert ann.moved(order["id"], "provider:clearing", f"vendor:{ROSIE}") == 100
    assert ann.balances(order["id"])[f"vendor:{ROSIE}"] == 100
    assert there.app.host.status(f"{order['id']}:withdrawn:{back['id']}")["runtimeStatus"] == "Completed"
    event = there.events("transfer.reversed")[0]
    for _ in range(3):
        answer = data(there.post(event))
        assert answer == {"status": "acted", "is_new": False}
    # The same reversal under another event is the same reversal.
    assert data(there.post({**event, "id": "evt_again"}))["is_new"] is True
    there.app.host.settle()
    assert ann.moved(order["id"], "provider:clearing", f"vendor:{ROSIE}") == 100
    assert any("were taken back from vendor" in text for text in told("web", "staff"))
    entry = next(one for one in ann.ledger(order["id"])["entries"] if one["credit"] == f"vendor:{ROSIE}")
    payout = record(PAYOUTS, f"vendor:{ROSIE}", entry["id"])
    assert payout.at_payee == payout.amount - Money(minor=100, currency="USD")


def test_our_own_reversals_are_booked_by_who_makes_them(there: Stripe, ann: Shop, roses: str) -> None:
    order = ann.place("own", roses)
    ann.confirm(order["id"])
    asked = {"order": order["id"], "leg": "leg-1", "amount": usd(300), "reason": "Wilted.", "id": "r"}
    there.app.host.result(there.app.host.start("refund", asked))
    there.heard()
    told_of = there.events("transfer.reversed")
    (event,) = [one for one in told_of if one["data"]["object"]["transfer_group"] == order["id"]]
    assert record(HEARD, event["id"], event["id"]).status == "ignored"
    booked = ann.moved(order["id"], "provider:clearing", f"vendor:{ROSIE}")
    assert booked == sum(one.amount.minor for one in statement(order["id"]).reversals)
    assert sum(one.amount.minor for one in statement(order["id"]).refunds) == 300


@pytest.mark.parametrize("verdict", ["lost", "won"])
def test_a_bank_wants_money_back_and_decides(there: Stripe, ann: Shop, roses: str, verdict: str) -> None:
    bob = Shop(there.app, f"bob-{verdict}", "pm_card_createDisputeProductNotReceived")
    order = bob.place(f"case {verdict}", roses)
    there.heard()
    there.app.host.advance(timedelta(minutes=2))  # the case came while the order was still being placed
    (dispute,) = data(bob.http.get(f"/api/v1/orders/{order['id']}/disputes"))["items"]
    assert (dispute["is_of_bank"], dispute["reason"]) == (True, "not_delivered")
    assert {leg["money"] for leg in dispute["legs"]} == {"frozen"}
    assert {leg["escrow_status"] for leg in bob.order(order["id"])["legs"]} == {"disputed"}
    staff = there.app.as_("ops", "olga")
    path = f"/api/v1/disputes/{dispute['id']}/decision"
    assert staff.post(path, json={"decision": "deny", "note": "No."}).status_code == 409, "the bank decides"
    (case,) = [one for one in there.peer.world.all("dispute") if one["payment_intent"] == pays(order["id"])]
    if verdict == "lost":
        there.call("POST", f"/v1/disputes/{case['id']}/close")
    else:
        evidence = {"evidence[uncategorized_text]": "winning_evidence"}
        there.call("POST", f"/v1/disputes/{case['id']}", **evidence)
    there.heard()
    if verdict == "lost":
        assert {leg["escrow_status"] for leg in bob.order(order["id"])["legs"]} == {"refunded"}
        assert bob.balances(order["id"]) == {}, "the bank has given it all back"
        assert statement(order["id"]).refunds == (), "we must not give it back a second time"
    else:
        assert {leg["escrow_status"] for leg in bob.order(order["id"])["legs"]} == {"held"}
        bob.confirm(order["id"])
        assert {leg["escrow_status"] for leg in bob.order(order["id"])["legs"]} == {"released"}


def pays(order: str) -> str:
    """The payment of an order."""
    (payment,) = statement(order).payments
    return str(payment.id)


def test_what_was_passed_on_already_the_platform_bears(there: Stripe, ann: Shop, roses: str) -> None:
    order = ann.place("late case", roses)
    ann.confirm(order["id"])
    (intent,) = [one for one in there.peer.world.all("payment_intent") if one["id"] == pays(order["id"])]
    there.do(there.peer.world._dispute, there.peer.world.things[intent["latest_charge"]], "fraudulent")
    (dispute,) = data(ann.http.get(f"/api/v1/orders/{order['id']}/disputes"))["items"]
    assert {leg["money"] for leg in dispute["legs"]} == {"passed_on"}
    before = ann.balances(order["id"])
    (case,) = [one for one in there.peer.world.all("dispute") if one["payment_intent"] == intent["id"]]
    there.call("POST", f"/v1/disputes/{case['id']}/close")
    there.heard()
    after = ann.balances(order["id"])
    assert after["platform:goodwill"] == -order["total"]["minor"]
    assert after["provider:clearing"] == before["provider:clearing"] + order["total"]["minor"]


def test_the_end_of_a_case_may_be_told_before_its_beginning(there: Stripe, ann: Shop, roses: str) -> None:
    order = ann.place("out of order", roses)
    hooks, there.peer.hooks = there.peer.hooks, []
    (intent,) = [one for one in there.peer.world.all("payment_intent") if one["id"] == pays(order["id"])]
    there.peer.do(there.peer.world._dispute, there.peer.world.things[intent["latest_charge"]], "duplicate")
    (case,) = [one for one in there.peer.world.all("dispute") if one["payment_intent"] == intent["id"]]
    there.call("POST", f"/v1/disputes/{case['id']}/close")
    there.peer.hooks = hooks
    closed = there.events("charge.dispute.closed")[0]
    opened = there.events("charge.dispute.created")[0]
    for event in (closed, opened, closed):
        assert there.post(event).status_code == 200
    there.app.host.settle()
    (dispute,) = data(ann.http.get(f"/api/v1/orders/{order['id']}/disputes"))["items"]
    assert (dispute["status"], dispute["returned"]) == ("decided", order["total"])
    assert ann.balances(order["id"]) == {}


def test_a_bank_that_takes_no_payout_is_told_to_the_payee(there: Stripe, rosie: Any) -> None:
    payee = record(PAYEES, f"vendor:{ROSIE}", f"vendor:{ROSIE}")
    there.do(there.peer.world.fail_payout, payee.destination, 4_000)
    told_of = data(rosie.get("/api/v1/finance/payout-account"))
    assert (told_of["is_ready"], told_of["trouble"]) == (False, "The bank account has been closed")
    assert any("Your bank has refused a payout of $40.00" in text for text in of_rosie())
    there.do(there.peer.world.onboard, payee.destination)
    assert data(rosie.get("/api/v1/finance/payout-account"))["trouble"] == ""
    stranger = there.call("POST", "/v1/accounts", type="express")["id"]
    there.do(there.peer.world.fail_payout, stranger, 100)
    newest = there.events("payout.failed")[0]["id"]
    assert record(HEARD, newest, newest).status == "ignored"


def test_a_hold_that_lapses_is_seen_at_its_order(there: Stripe, ann: Shop, roses: str) -> None:
    order = ann.place("lapses", roses)
    payments = wiring.deps().payments

    async def again() -> None:
        await payments.authorise(order["id"], Money(minor=700, currency="USD"), "pm_card_visa", f"{order['id']}:more")
        there.peer.clock = lambda: there.app.host.now + timedelta(days=7, minutes=1)
        await payments.statement(order["id"])
        there.peer.clock = lambda: there.app.host.now
        await hang_up()

    asyncio.run(again())
    there.heard()
    lapsed = [one for one in ann.order(order["id"])["timeline"] if "has lapsed" in one["what"]]
    assert len(lapsed) == 1, "two events tell of the same"
    given_up = [one for one in there.events("payment_intent.canceled") if one["data"]["object"]["metadata"]]
    assert record(HEARD, given_up[0]["id"], given_up[0]["id"]).status == "acted"


def test_what_says_nothing_to_us_is_answered_and_ignored(there: Stripe) -> None:
    event = {"id": "evt_x", "type": "invoice.paid", "created": 1, "livemode": False, "data": {"object": {"id": "in_1"}}}
    assert data(there.post(event)) == {"status": "ignored", "is_new": True}
    strange = dict(there.events("charge.dispute.created")[0], id="evt_other")
    strange["data"] = {"object": {**strange["data"]["object"], "payment_intent": "pi_of_somebody"}}
    assert data(there.post(strange)) == {"status": "ignored", "is_new": True}
    assert data(there.post(strange)) == {"status": "ignored", "is_new": False}


def test_what_is_not_signed_by_stripe_is_refused(there: Stripe) -> None:
    event = {**there.events("charge.dispute.created")[0], "id": "evt_forged"}
    body = json.dumps(event).encode()
    now = int(there.app.host.now.timestamp())
    for header in ("", "t=,v1=", f"t={now}", signature(body + b" ", SECRET, now)):
        assert there.post(event, header=header).status_code == 401
    assert there.post(event, secret="whsec_other").status_code == 401
    assert there.post(event, age=301).status_code == 401
    refused = there.post(event, age=301)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "300 seconds" in refused.json()["detail"]
    assert record(HEARD, "evt_forged", "evt_forged") is None
    assert there.post(event, age=299).status_code == 200
    assert there.post({"type": 5}).status_code == 400
    many = {"Content-Type": "application/json"}
    assert there.app.http.post(PATH, content=b" " * (BODY_BYTES_MAX + 1), headers=many).status_code == 413
    assert there.app.http.post(PATH, content=body, headers={"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize(("succeeds", "status"), [(True, "placed"), (False, "failed")])
def test_a_bank_that_asks_for_the_customer_is_waited_for(
    there: Stripe, roses: str, succeeds: bool, status: str
) -> None:
    bob = Shop(there.app, "bob-asked", "pm_card_authenticationRequired")
    where = {"deliver_to": HOME, "deliver_by": SATURDAY, "payment": {"method": bob.method}}
    body = {"lines": [{"product_id": roses}], **where}
    key = {"Idempotency-Key": f"asked {succeeds}"}
    order = bob.order(data(bob.http.post("/api/v1/orders", json=body, headers=key))["id"])
    there.app.host.settle()
    order = bob.order(order["id"])
    assert order["status"] == "placing"
    assert order["payment_action"]["client_secret"]
    payment = pays(order["id"])
    there.do(lambda: there.peer.world.authenticate(payment, succeeds=succeeds))
    there.app.host.result(order["id"])
    done = bob.order(order["id"])
    assert (done["status"], done["payment_action"]) == (status, None)
    kind = "payment_intent.amount_capturable_updated" if succeeds else "payment_intent.payment_failed"
    told_of = [one for one in there.events(kind) if one["data"]["object"]["transfer_group"] == order["id"]]
    assert record(HEARD, told_of[0]["id"], told_of[0]["id"]).status == "acted"
