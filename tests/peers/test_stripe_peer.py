"""The loopback Stripe: its answers have Stripe's fields, and it refuses, pages, expands and repeats as Stripe does."""

import json
import os
import typing
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.adapters.payments_providers import Stripe
from tests.peers.stripe_objects import API_VERSION
from tests.peers.stripe_peer import KEY, Fault, unflattened

FIXTURES = Path(os.environ.get("STRIPE_FIXTURES", "fixtures3.json"))
"""Stripe's published fixtures (github.com/stripe/openapi, openapi/fixtures3.json), where somebody has them."""
KINDS: dict[str, Any] = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "balance": stripe.Balance,
    "account": stripe.Account,
    "payout": stripe.Payout,
    "event": stripe.Event,
}
# Shown only where they are asked for, or to nobody with this kind of account.
SELDOM = {"charge": {"refunds", "source"}, "payment_intent": {"source"}, "account": set()}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stripe]:
    with Stripe.running(tmp_path) as running:
        yield running


def post(there: Stripe, path: str, **form: str) -> Any:
    return there.call("POST", f"/v1/{path}", form)


def paid(there: Stripe, method: str = Stripe.ok, **more: str) -> Any:
    form = {"amount": "1000", "currency": "usd", "payment_method": method, "confirm": "true", "transfer_group": "o1"}
    return there.call("POST", "/v1/payment_intents", {**form, "metadata[order]": "o1", **more})


@pytest.fixture
def one_of_each(there: Stripe) -> dict[str, Any]:
    """Everything that a payment may come to, by kind."""
    disputed = paid(there, "pm_card_createDispute")
    intent = paid(there)
    passing = {"amount": "600", "currency": "usd", "destination": there.partner("p"), "transfer_group": "o1"}
    made = post(there, "transfers", **passing, source_transaction=intent["latest_charge"])
    back = post(there, f"transfers/{made['id']}/reversals", amount="100")
    refund = post(there, "refunds", payment_intent=intent["id"], amount="200")
    get = there.call
    found = [
        intent,
        get("GET", f"/v1/charges/{intent['latest_charge']}"),
        get("GET", f"/v1/transfers/{made['id']}"),
        back,
        refund,
        get("GET", f"/v1/disputes?payment_intent={disputed['id']}")["data"][0],
        get("GET", "/v1/balance_transactions")["data"][0],
        get("GET", "/v1/balance"),
        get("GET", f"/v1/accounts/{there.partner('p')}"),
        there.peer.do(there.peer.world.fail_payout, there.partner("p"), 400),
        get("GET", "/v1/events?type=charge.succeeded")["data"][0],
    ]
    return {one["object"]: one for one in found}


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_are_those_that_the_sdk_declares(one_of_each: dict[str, Any], kind: str) -> None:
    declared = KINDS[kind].__annotations__
    found = one_of_each[kind]
    assert found.keys() <= declared.keys() | {"source", "customer_account", "payment_method"}
    for name, hint in declared.items():
        is_class_wide = typing.get_origin(hint) is typing.ClassVar
        if not is_class_wide and type(None) not in typing.get_args(hint):
            assert found.get(name) is not None, f"{kind}.{name} is always there"


@pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's fixtures are not here")
@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_are_those_of_the_published_fixtures(one_of_each: dict[str, Any], kind: str) -> None:
    published = json.loads(FIXTURES.read_text("utf-8"))["resources"][kind]
    found = one_of_each[kind]
    assert published.keys() - SELDOM.get(kind, set()) <= found.keys()
    for name in published.keys() & found.keys():
        if published[name] is not None and found[name] is not None:
            assert type(found[name]) is type(published[name]), name


def test_every_answer_is_read_by_the_sdk(one_of_each: dict[str, Any]) -> None:
    for kind, found in one_of_each.items():
        read = KINDS[kind].construct_from(found, KEY)
        assert type(read) is KINDS[kind]
        assert read.to_dict() == found


def test_a_payee_who_is_not_ready_is_sent_nothing(there: Stripe) -> None:
    payee, intent = there.partner("p"), paid(there)
    passing = {"amount": "100", "currency": "usd", "destination": payee, "source_transaction": intent["latest_charge"]}
    there.peer.do(lambda: there.peer.world.onboard(payee, is_ready=False))
    assert post(there, "transfers", **passing)["error"]["code"] == "insufficient_capabilities_for_transfer"
    there.peer.do(there.peer.world.onboard, payee)
    assert post(there, "transfers", **passing)["amount"] == 100
    told = there.peer.events("account.updated")
    assert [one["data"]["object"]["payouts_enabled"] for one in told[:2]] == [True, False]
    assert {one.get("account") for one in told[:2]} == {payee}


def test_forms_have_nested_brackets() -> None:
    form = "a=1&m%5Border%5D=o+1&m[key]=&expand[0]=x&expand[1]=y&types[]=card&types[]=link&d[e][f]=true"
    assert unflattened(form) == {
        "a": "1",
        "m": {"order": "o 1", "key": ""},
        "expand": ["x", "y"],
        "types": ["card", "link"],
        "d": {"e": {"f": True}},
    }


def test_a_key_is_replayed_with_the_same_parameters_alone(there: Stripe) -> None:
    form = {"amount": "1000", "currency": "usd"}
    first = there.call("POST", "/v1/payment_intents", form, Idempotency_Key="k")
    assert there.call("POST", "/v1/payment_intents", form, Idempotency_Key="k") == first
    for path, other in (("/v1/payment_intents", {**form, "amount": "1001"}), ("/v1/refunds", form)):
        error = there.call("POST", path, other, Idempotency_Key="k")["error"]
        assert error["type"] == "idempotency_error"
    assert len(there.peer.world.all("payment_intent")) == 1


def test_a_refusal_is_kept_under_the_key_once_the_endpoint_has_begun(there: Stripe) -> None:
    intent = paid(there, capture_method="manual")
    path = f"/v1/payment_intents/{intent['id']}/capture"
    assert there.call("POST", path, {"amount_to_capture": "2000"}, Idempotency_Key="k")["error"]
    post(there, f"payment_intents/{intent['id']}/cancel")
    again = there.call("POST", path, {"amount_to_capture": "2000"}, Idempotency_Key="k")
    assert again["error"]["code"] == "amount_too_large"
    bad = {"amount": "x", "currency": "usd"}
    assert there.call("POST", "/v1/payment_intents", bad, Idempotency_Key="v")["error"]["param"] == "amount"
    assert there.call("POST", "/v1/payment_intents", {**bad, "amount": "900"}, Idempotency_Key="v")["amount"] == 900


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("payment_intents", {"amount": "1000"}, "parameter_missing", "currency"),
        ("payment_intents", {"currency": "usd"}, "parameter_missing", "amount"),
        ("payment_intents", {"amount": "1000", "currency": "usd", "amnt": "1"}, "parameter_unknown", "amnt"),
        ("payment_intents", {"amount": "49", "currency": "usd"}, "amount_too_small", "amount"),
        (
            "payment_intents",
            {"amount": "1000", "currency": "usd", "payment_method_types[]": "card"},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        (
            "payment_intents",
            {"amount": "1000", "currency": "usd", "payment_method": "pm_x"},
            "resource_missing",
            "payment_method",
        ),
        ("payment_intents/pi_x/capture", {}, "resource_missing", "intent"),
        ("transfers", {"amount": "1", "currency": "usd", "destination": "a"}, "resource_missing", "destination"),
        ("transfers/tr_x/reversals", {}, "resource_missing", "id"),
        ("nothing", {}, None, None),
    ],
)
def test_requests_are_refused_with_type_code_and_param(
    there: Stripe, path: str, form: dict[str, str], code: str | None, param: str | None
) -> None:
    error = post(there, path, **form)["error"]
    assert (error["type"], error.get("code"), error.get("param")) == ("invalid_request_error", code, param)
    assert error["message"]


@pytest.mark.parametrize("verb", ["capture", "cancel", "confirm"])
def test_what_is_cancelled_stays_so(there: Stripe, verb: str) -> None:
    intent = paid(there, capture_method="manual")
    post(there, f"payment_intents/{intent['id']}/cancel")
    error = post(there, f"payment_intents/{intent['id']}/{verb}")["error"]
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "canceled"


def test_cards_are_refused_as_the_test_methods_say(there: Stripe) -> None:
    error = paid(there, Stripe.insufficient)["error"]
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error",
        "card_declined",
        "insufficient_funds",
    )
    assert error["payment_intent"]["status"] == "requires_payment_method"
    retried = post(there, f"payment_intents/{error['payment_intent']['id']}/confirm", payment_method=Stripe.ok)
    assert (retried["status"], retried["amount_received"]) == ("succeeded", 1_000)
    assert paid(there, "pm_card_authenticationRequired")["status"] == "requires_action"
    strict = paid(there, "pm_card_authenticationRequired", error_on_requires_action="true")
    assert strict["error"]["code"] == "authentication_required"


def test_money_is_pending_before_it_is_available(there: Stripe) -> None:
    paid(there)
    plain = {"amount": "500", "currency": "usd", "destination": there.partner("p")}
    assert post(there, "transfers", **plain)["error"]["code"] == "balance_insufficient"
    there.clock.moment += timedelta(days=2)
    assert there.call("GET", "/v1/balance")["available"][0]["amount"] == 1_000 - 59
    assert post(there, "transfers", **plain)["amount"] == 500
    assert there.call("GET", "/v1/balance")["available"][0]["amount"] == 441
    theirs = there.call("GET", "/v1/balance", Stripe_Account=there.partner("p"))
    assert theirs["available"][0]["amount"] == 500


def test_transfers_and_refunds_are_limited_by_their_charge(there: Stripe) -> None:
    intent = paid(there)
    passing = {"currency": "usd", "destination": there.partner("p"), "source_transaction": intent["latest_charge"]}
    assert post(there, "transfers", amount="700", **passing)["source_transaction"] == intent["latest_charge"]
    assert post(there, "transfers", amount="301", **passing)["error"]["param"] == "amount"
    assert post(there, "refunds", payment_intent=intent["id"], amount="1001")["error"]["param"] == "amount"
    assert post(there, "refunds", payment_intent=intent["id"])["amount"] == 1_000
    assert post(there, "refunds", payment_intent=intent["id"])["error"]["code"] == "charge_already_refunded"


@pytest.mark.parametrize(
    ("evidence", "status", "balance"), [("winning_evidence", "won", -559), ("losing_evidence", "lost", -1_559)]
)
def test_a_dispute_takes_the_money_until_it_is_won(there: Stripe, evidence: str, status: str, balance: int) -> None:
    intent = paid(there, "pm_card_createDispute")
    assert post(there, "refunds", payment_intent=intent["id"])["error"]["code"] == "charge_disputed"
    [dispute] = there.call("GET", f"/v1/disputes?charge={intent['latest_charge']}")["data"]
    answered = post(there, f"disputes/{dispute['id']}", **{"evidence[uncategorized_text]": evidence})
    assert answered["status"] == status
    sums = there.peer.world.platform("usd")
    assert sums["pending"] + sums["available"] == balance
    kinds = {one["type"] for one in there.peer.world.all("event")}
    assert {"charge.dispute.created", "charge.dispute.closed"} <= kinds


def test_lists_are_paged_newest_first_filtered_and_expanded(there: Stripe) -> None:
    made = [paid(there, transfer_group=f"g{n % 2}") for n in range(5)]
    first = there.call("GET", "/v1/payment_intents?limit=2")
    assert ([one["id"] for one in first["data"]], first["has_more"]) == ([made[4]["id"], made[3]["id"]], True)
    rest = there.call("GET", f"/v1/payment_intents?limit=3&starting_after={made[3]['id']}")
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([made[n]["id"] for n in (2, 1, 0)], False)
    charges = there.call("GET", "/v1/charges?transfer_group=g1&expand[]=data.payment_intent")["data"]
    assert [one["payment_intent"]["id"] for one in charges] == [made[3]["id"], made[1]["id"]]
    error = there.call("GET", "/v1/payment_intents?transfer_group=g1")["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", "transfer_group")
    found = there.call("GET", "/v1/payment_intents/search?query=metadata['order']:'o1' AND status:'succeeded'")
    assert (found["object"], len(found["data"])) == ("search_result", 5)


def test_every_answer_names_the_version_that_the_sdk_asks_for(there: Stripe) -> None:
    paid(there)
    assert stripe.api_version == API_VERSION
    assert there.call("GET", "/v1/events")["data"][0]["api_version"] == API_VERSION


def test_faults_come_once_and_where_they_are_meant(there: Stripe) -> None:
    there.peer.faults = [Fault("/v1/refunds", status=500), Fault("GET", status=429)]
    assert paid(there)["status"] == "succeeded"
    assert there.call("GET", "/v1/balance")["error"]["code"] == "rate_limit"
    assert there.call("GET", "/v1/balance")["object"] == "balance"
    assert post(there, "refunds")["error"]["type"] == "api_error"
    assert there.peer.faults == []
