"""What a Stripe account knows and does: payment intents, charges, refunds, transfers, disputes, balances, events.

Behaviour: https://docs.stripe.com/api, …/testing for the test methods, …/connect/separate-charges-and-transfers.
Amounts are limited as there: a refund by what is left of the charge, transfers by their source charge or the available
balance, a reversal by the transfer and by what the connected account still has.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.peers import stripe_objects as objects
from tests.peers.stripe_objects import Thing

HOLD_SECONDS = 7 * 86_400
SETTLE_SECONDS = 2 * 86_400
AMOUNT_MIN = 50
DISPUTE_FEE = 1_500
ACCOUNT = "acct_platform"


class Card(NamedTuple):
    """How a test method behaves. decline: its code and decline code; dispute: why it is disputed once captured."""

    decline: tuple[str, str] | None = None
    wants_customer: bool = False
    dispute: str | None = None
    is_lost: bool = False
    is_cut: bool = False


CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card(),
    "pm_card_visa_chargeDeclined": Card(("card_declined", "generic_decline")),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card(("card_declined", "insufficient_funds")),
    "pm_card_chargeDeclinedExpiredCard": Card(("expired_card", "expired_card")),
    "pm_card_authenticationRequired": Card(wants_customer=True),
    "pm_card_createDispute": Card(dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card(dispute="product_not_received"),
    # Not Stripe's: it is held, and the answer is lost on the way, as often as the client's first call tries.
    "pm_card_answerLost": Card(is_lost=True),
    # Nor this: the connection breaks before anything is done, as often.
    "pm_card_requestLost": Card(is_cut=True),
}


class Refused(Exception):
    """An error answer. is_kept: whether the endpoint had begun, so that it is saved under the idempotency key."""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        is_kept: bool = True,
        more: Thing | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        told = {"type": kind, "code": code, "message": message, "param": param, **(more or {})}
        self.body = {"error": {name: value for name, value in told.items() if value is not None}}


def missing(what: str, id_: str, param: str = "id", *, status: int = 404) -> Refused:
    """There is no such thing."""
    return Refused(f"No such {what}: '{id_}'", "resource_missing", param, status=status, is_kept=False)


class World:
    """The state, and what each endpoint does to it. now: the time; tell: called with every new event."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.tell: Callable[[Thing], None] = lambda event: None
        self.things: dict[str, Thing] = {}
        self.connected: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.key: str | None = None
        self._count = 0

    # --- looking up

    def get(self, kind: str, id_: str, param: str = "id", *, status: int = 404) -> Thing:
        found = self.things.get(id_)
        if found is None or found["object"] != kind:
            raise missing(kind, id_, param, status=status)
        return found

    def all(self, kind: str, **where: Any) -> list[Thing]:
        """Newest first."""
        found = [one for one in self.things.values() if one["object"] == kind]
        return [one for one in reversed(found) if all(one.get(name) == value for name, value in where.items())]

    def stamp(self) -> int:
        return int(self.now().timestamp())

    def id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_1Peer{self._count:019d}"

    def lapse(self) -> None:
        """Let go of what was held too long."""
        for intent in self.all("payment_intent", status="requires_capture"):
            if self.stamp() >= intent["created"] + HOLD_SECONDS:
                self._let_go(intent, "expired")
                self._event("charge.expired", self.things[intent["latest_charge"]])

    # --- payment intents

    def create_payment_intent(self, said: Thing) -> Thing:
        if "payment_method_types" in said:
            code = "payment_method_types_no_longer_supported"
            raise Refused("Use allowed_payment_method_types.", code, "payment_method_types", is_kept=False)
        amount = whole(said, "amount")
        if amount < AMOUNT_MIN:
            raise Refused("Amount must be at least $0.50 usd", "amount_too_small", "amount")
        needs_confirm = {"error_on_requires_action", "off_session", "return_url"} & said.keys()
        if needs_confirm and not said.get("confirm"):
            raise Refused("This parameter needs confirm=true.", "parameter_missing", "confirm", is_kept=False)
        if "payment_method" in said and said["payment_method"] not in CARDS:
            raise missing("PaymentMethod", said["payment_method"], "payment_method", status=400)
        intent = objects.payment_intent(self.id("pi"), amount, currency_of(said), self.stamp())
        intent["metadata"] = dict(said.get("metadata", {}))
        for name in ("capture_method", "transfer_group", "description", "customer", "allowed_payment_method_types"):
            intent[name] = said.get(name, intent[name])
        if "payment_method" in said:
            intent.update(payment_method=said["payment_method"], status="requires_confirmation")
        self._keep(intent, "payment_intent.created")
        return self.confirm(intent["id"], said) if said.get("confirm") else intent

    def confirm(self, id_: str, said: Thing) -> Thing:
        intent = self.get("payment_intent", id_, "intent")
        self._must_be(intent, "requires_payment_method", "requires_confirmation", "requires_action")
        method = said.get("payment_method", intent["payment_method"])
        if method not in CARDS:
            raise missing("PaymentMethod", str(method), "payment_method", status=400)
        card = CARDS[method]
        if card.decline:
            raise self._decline(intent, method, *card.decline)
        if card.wants_customer:
            if said.get("error_on_requires_action") or said.get("off_session"):
                raise self._decline(intent, method, "authentication_required", "authentication_required")
            intent.update(status="requires_action", payment_method=method, next_action=self._next_action(intent, said))
            self._event("payment_intent.requires_action", intent)
            return intent
        return self._hold(intent, method)

    def authenticate(self, id_: str, *, succeeds: bool) -> Thing:
        """The customer is at their bank's page, and gets past it or not."""
        intent = self.get("payment_intent", id_, "intent")
        self._must_be(intent, "requires_action")
        method = intent["payment_method"]
        if succeeds:
            return self._hold(intent, method)
        code = "payment_intent_authentication_failure"
        error = {"code": code, "message": "The payment method could not be authenticated.", "type": "card_error"}
        intent.update(status="requires_payment_method", payment_method=None, next_action=None)
        intent["last_payment_error"] = {**error, "payment_method": {"id": method, "object": "payment_method"}}
        self._event("payment_intent.payment_failed", intent)
        return intent

    def _next_action(self, intent: Thing, said: Thing) -> Thing:
        if "return_url" not in said:
            return {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        page = {"return_url": said["return_url"], "url": f"https://hooks.stripe.com/3d_secure_2/hosted/{intent['id']}"}
        return {"type": "redirect_to_url", "redirect_to_url": page}

    def _hold(self, intent: Thing, method: str) -> Thing:
        charge = objects.charge(self.id("ch"), intent, method, self.stamp())
        intent.update(payment_method=method, latest_charge=charge["id"], last_payment_error=None, next_action=None)
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        self._keep(charge, "charge.succeeded")
        if intent["capture_method"] == "manual":
            self._event("payment_intent.amount_capturable_updated", intent)
            return intent
        return self.capture(intent["id"], {})

    def capture(self, id_: str, said: Thing) -> Thing:
        intent = self.get("payment_intent", id_, "intent")
        self._must_be(intent, "requires_capture")
        amount = whole(said, "amount_to_capture") if "amount_to_capture" in said else intent["amount_capturable"]
        if not 0 < amount <= intent["amount_capturable"]:
            raise Refused("The amount is more than can be captured.", "amount_too_large", "amount_to_capture")
        charge = self.things[intent["latest_charge"]]
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
        intent["metadata"].update(said.get("metadata", {}))
        charge.update(captured=True, amount_captured=amount)
        fee = round(amount * 0.029) + 30
        charge["balance_transaction"] = self._book(charge, amount, fee, self.stamp() + SETTLE_SECONDS)
        self._event("charge.captured", charge)
        self._event("payment_intent.succeeded", intent)
        if reason := CARDS[charge["payment_method"]].dispute:
            self._dispute(charge, reason)
        return intent

    def cancel(self, id_: str, said: Thing) -> Thing:
        intent = self.get("payment_intent", id_, "intent")
        self._must_be(
            intent, "requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"
        )
        return self._let_go(intent, said.get("cancellation_reason"))

    def search_payment_intents(self, said: Thing) -> list[Thing]:
        """Equality on metadata, status and amount, joined by AND."""
        clauses = re.findall(r"(?:metadata\['(\w+)'\]|(\w+)):'?([^'\s]*)'?", said["query"])
        found = self.all("payment_intent")
        for meta, name, value in clauses:
            found = [one for one in found if str(one["metadata"].get(meta) if meta else one.get(name)) == value]
        return found

    # --- refunds

    def create_refund(self, said: Thing) -> Thing:
        if "payment_intent" in said:
            intent = self.get("payment_intent", said["payment_intent"], "payment_intent")
            charge = self.things.get(intent["latest_charge"] or "")
        else:
            charge = self.get("charge", said.get("charge", ""), "charge")
        if charge is None or not charge["captured"]:
            raise Refused("This payment has no successful charge to refund.", "payment_intent_unexpected_state")
        if charge["disputed"]:
            raise Refused("The charge is disputed and cannot be refunded.", "charge_disputed")
        left = charge["amount_captured"] - charge["amount_refunded"]
        if not left:
            raise Refused("The charge has already been refunded.", "charge_already_refunded")
        amount = whole(said, "amount") if "amount" in said else left
        if not 0 < amount <= left:
            raise Refused("The refund is greater than the unrefunded amount.", None, "amount")
        refund = objects.refund(self.id("re"), charge, amount, self.stamp())
        refund.update(metadata=dict(said.get("metadata", {})), reason=said.get("reason"))
        refund["balance_transaction"] = self._book(refund, -amount, 0, self.stamp())
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self._keep(refund, "refund.created")
        self._event("charge.refunded", charge)
        return refund

    def fail_refund(self, id_: str) -> None:
        """The customer's bank sends a refund back."""
        refund = self.get("refund", id_)
        charge = self.things[refund["charge"]]
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self._book(refund, refund["amount"], 0, self.stamp())
        self._event("refund.failed", refund)

    # --- transfers

    def create_transfer(self, said: Thing) -> Thing:
        amount, currency = whole(said, "amount"), currency_of(said)
        payee = self.things.get(said.get("destination", ""), {})
        if payee.get("object") != "account":
            raise missing("destination", said.get("destination", ""), "destination", status=400)
        if payee["capabilities"]["transfers"] != "active":
            message = "Your destination account needs to have at least one of the following capabilities: transfers."
            raise Refused(message, "insufficient_capabilities_for_transfer")
        if amount <= 0:
            raise Refused("This value must be greater than 0.", "parameter_invalid_integer", "amount", is_kept=False)
        source = said.get("source_transaction")
        if source is None:
            if amount > self.platform(currency)["available"]:
                raise Refused("You have insufficient available funds in your account.", "balance_insufficient")
        else:
            self._check_source(self.get("charge", source, "source_transaction", status=400), amount, currency)
        transfer = objects.transfer(self.id("tr"), amount, currency, said["destination"], self.stamp())
        transfer.update(metadata=dict(said.get("metadata", {})), source_transaction=source)
        transfer["transfer_group"] = said.get("transfer_group")
        transfer["balance_transaction"] = self._book(transfer, -amount, 0, self.stamp())
        self.connected[said["destination"], currency] += amount
        return self._keep(transfer, "transfer.created")

    def create_reversal(self, id_: str, said: Thing) -> Thing:
        transfer = self.get("transfer", id_)
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = whole(said, "amount") if "amount" in said else left
        if not 0 < amount <= left:
            raise Refused("The reversal is greater than what is left of the transfer.", None, "amount")
        purse = transfer["destination"], transfer["currency"]
        if amount > self.connected[purse]:
            raise Refused("The account has insufficient funds for this reversal.", "balance_insufficient")
        back = objects.reversal(self.id("trr"), transfer, amount, self.stamp())
        back["metadata"] = dict(said.get("metadata", {}))
        back["balance_transaction"] = self._book(back, amount, 0, self.stamp())
        self.connected[purse] -= amount
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        self.things[back["id"]] = back
        newest = self.all("transfer_reversal", transfer=id_)
        transfer["reversals"].update(data=newest[:10], has_more=len(newest) > 10)
        self._event("transfer.reversed", transfer)
        return back

    # --- accounts and balances

    def create_account(self, said: Thing) -> Thing:
        made = objects.account(self.id("acct"), said.get("country", "US"), said.get("email"), self.stamp())
        return self._keep(made, "account.updated")

    def onboard(self, id_: str, *, is_ready: bool = True) -> Thing:
        """The payee has filled in everything that is asked for, or something is asked for anew."""
        account = self.get("account", id_)
        account["capabilities"] = dict.fromkeys(account["capabilities"], "active" if is_ready else "inactive")
        account.update(charges_enabled=is_ready, payouts_enabled=is_ready)
        self._event("account.updated", account, account=id_)
        return account

    def fail_payout(self, account: str, amount: int) -> Thing:
        """The payee's bank does not take what its balance is paid out to."""
        payout = objects.payout(self.id("po"), amount, "usd", self.stamp())
        self.things[payout["id"]] = payout
        self._event("payout.failed", payout, account=account)
        return payout

    def platform(self, currency: str) -> dict[str, int]:
        """What the platform has, pending and available."""
        sums = {"pending": 0, "available": 0}
        for one in self.all("balance_transaction", currency=currency):
            sums["pending" if one["available_on"] > self.stamp() else "available"] += one["net"]
        return sums

    def balance(self, account: str) -> Thing:
        currencies = sorted({one["currency"] for one in self.all("balance_transaction")}) or ["usd"]
        if account == ACCOUNT:
            sums = {one: self.platform(one) for one in currencies}
        else:
            sums = {one: {"pending": 0, "available": self.connected[account, one]} for one in currencies}
        parts: dict[str, list[Thing]] = {"available": [], "pending": [], "connect_reserved": []}
        for currency, sum_ in sums.items():
            for part, amount in sum_.items():
                parts[part].append({"amount": amount, "currency": currency, "source_types": {"card": amount}})
            parts["connect_reserved"].append({"amount": 0, "currency": currency})
        return {"object": "balance", "livemode": False, **parts}

    # --- disputes

    def answer_dispute(self, id_: str, said: Thing) -> Thing:
        """As in test mode: the words winning_evidence and losing_evidence decide."""
        dispute = self.get("dispute", id_)
        dispute["metadata"].update(said.get("metadata", {}))
        text = said.get("evidence", {}).get("uncategorized_text")
        dispute["evidence"].update(said.get("evidence", {}))
        if text == "winning_evidence":
            self.things[dispute["charge"]]["disputed"] = False
            self._book(dispute, dispute["amount"], 0, self.stamp())
            self._event("charge.dispute.funds_reinstated", dispute)
        if text in {"winning_evidence", "losing_evidence"}:
            return self.close_dispute(id_, "won" if text == "winning_evidence" else "lost")
        self._event("charge.dispute.updated", dispute)
        return dispute

    def close_dispute(self, id_: str, status: str = "lost") -> Thing:
        dispute = self.get("dispute", id_)
        dispute["status"] = status
        self._event("charge.dispute.closed", dispute)
        return dispute

    # --- parts

    def _let_go(self, intent: Thing, reason: str | None) -> Thing:
        intent.update(status="canceled", cancellation_reason=reason, canceled_at=self.stamp(), amount_capturable=0)
        self._event("payment_intent.canceled", intent)
        return intent

    def _decline(self, intent: Thing, method: str, code: str, decline_code: str) -> Refused:
        charge = objects.charge(self.id("ch"), intent, method, self.stamp())
        charge.update(paid=False, status="failed", failure_code=code, failure_message="Your card was declined.")
        told = {"charge": charge["id"], "decline_code": decline_code}
        problem = {"code": code, "message": "Your card was declined.", "type": "card_error", **told}
        intent.update(status="requires_payment_method", payment_method=None, latest_charge=charge["id"])
        intent["last_payment_error"] = {**problem, "payment_method": {"id": method, "object": "payment_method"}}
        self._keep(charge, "charge.failed")
        self._event("payment_intent.payment_failed", intent)
        more = {**told, "payment_intent": copy.deepcopy(intent)}
        return Refused("Your card was declined.", code, status=402, kind="card_error", more=more)

    def _check_source(self, charge: Thing, amount: int, currency: str) -> None:
        if charge["currency"] != currency:
            raise Refused("The currency of source_transaction differs.", None, "currency")
        if not charge["captured"]:
            raise Refused("The source charge has not been captured.", None, "source_transaction")
        passed = self.all("transfer", source_transaction=charge["id"])
        left = charge["amount_captured"] - sum(one["amount"] - one["amount_reversed"] for one in passed)
        if amount > left:
            raise Refused("Transfers using this source must not exceed the source amount.", None, "amount")

    def _dispute(self, charge: Thing, reason: str) -> None:
        dispute = objects.dispute(self.id("du"), charge, reason, self.stamp())
        charge["disputed"] = True
        taken = self._book(dispute, -dispute["amount"], DISPUTE_FEE, self.stamp())
        dispute["balance_transactions"] = [self.things[taken]]
        self._keep(dispute, "charge.dispute.created")
        self._event("charge.dispute.funds_withdrawn", dispute)

    def _must_be(self, intent: Thing, *statuses: str) -> None:
        if intent["status"] not in statuses:
            message = f"This PaymentIntent has a status of {intent['status']}."
            more = {"payment_intent": copy.deepcopy(intent)}
            raise Refused(message, "payment_intent_unexpected_state", more=more)

    def _keep(self, thing: Thing, event: str) -> Thing:
        self.things[thing["id"]] = thing
        self._event(event, thing)
        return thing

    def _book(self, source: Thing, amount: int, fee: int, available: int) -> str:
        id_ = self.id("txn")
        self.things[id_] = objects.balance_transaction(id_, source, amount, fee, self.stamp(), available)
        return id_

    def _event(self, kind: str, about: Thing, account: str | None = None) -> None:
        event = objects.event(self.id("evt"), kind, copy.deepcopy(about), self.stamp(), self.key)
        if account is not None:
            event["account"] = account
        self.things[event["id"]] = event
        self.tell(event)


def whole(said: Thing, name: str) -> int:
    """An integer parameter."""
    if name not in said:
        raise Refused(f"Missing required param: {name}.", "parameter_missing", name, is_kept=False)
    try:
        return int(said[name])
    except (TypeError, ValueError):
        raise Refused(f"Invalid integer: {said[name]}", "parameter_invalid_integer", name, is_kept=False) from None


def currency_of(said: Thing) -> str:
    """The currency parameter, which is in small letters."""
    found = said.get("currency", "")
    if not re.fullmatch("[a-z]{3}", found):
        raise Refused(f"Invalid currency: {found}", "parameter_missing", "currency", is_kept=False)
    return str(found)


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)
