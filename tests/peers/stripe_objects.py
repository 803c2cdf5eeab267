"""Stripe's objects as they are when new: every field that the API shows, most of them empty."""

from __future__ import annotations

from typing import Any

API_VERSION = "2026-10-28.endive"

Thing = dict[str, Any]


def listed(url: str, data: list[Thing] | None = None, *, has_more: bool = False) -> Thing:
    """A page of things."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data or []}


def nothing(names: str) -> Thing:
    """Fields without a value."""
    return dict.fromkeys(names.split())


def payment_intent(id_: str, amount: int, currency: str, created: int) -> Thing:
    """A payment intent that waits for a payment method."""
    return {
        **nothing(
            "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason customer "
            "customer_account description excluded_payment_method_types last_payment_error latest_charge next_action "
            "on_behalf_of payment_method payment_method_configuration_details processing receipt_email review "
            "setup_future_usage shipping source statement_descriptor statement_descriptor_suffix transfer_data "
            "transfer_group allowed_payment_method_types managed_payments"
        ),
        "id": id_,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{id_}_secret_loopback",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }


def charge(id_: str, intent: Thing, method: str, created: int) -> Thing:
    """A card charge of a payment intent, not captured."""
    address = nothing("city country line1 line2 postal_code state")
    return {
        **nothing(
            "application application_fee application_fee_amount balance_transaction calculated_statement_descriptor "
            "customer description failure_balance_transaction failure_code failure_message on_behalf_of receipt_email "
            "receipt_number receipt_url review shipping source source_transfer statement_descriptor "
            "statement_descriptor_suffix transfer_data"
        ),
        "id": id_,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {"address": address, **nothing("email name phone tax_id")},
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": {
            **nothing("advice_code network_advice_code network_decline_code reason"),
            "network_status": "approved_by_network",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method,
        "payment_method_details": {"card": {"brand": "visa", "country": "US", "last4": "4242"}, "type": "card"},
        "refunded": False,
        "status": "succeeded",
        "transfer_group": intent["transfer_group"],
    }


def refund(id_: str, of: Thing, amount: int, created: int) -> Thing:
    """A refund of a charge that came through."""
    return {
        **nothing(
            "customer customer_account payment_method reason receipt_number source_transfer_reversal transfer_reversal"
        ),
        "id": id_,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "status": "succeeded",
    }


def transfer(id_: str, amount: int, currency: str, destination: str, created: int) -> Thing:
    """A transfer to a connected account."""
    return {
        **nothing("description source_transaction transfer_group balance_transaction"),
        "id": id_,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "created": created,
        "currency": currency,
        "destination": destination,
        "destination_payment": id_.replace("tr_", "py_"),
        "livemode": False,
        "metadata": {},
        "reversals": listed(f"/v1/transfers/{id_}/reversals"),
        "reversed": False,
        "source_type": "card",
    }


def reversal(id_: str, of: Thing, amount: int, created: int) -> Thing:
    """A transfer reversal."""
    return {
        **nothing("balance_transaction destination_payment_refund source_refund"),
        "id": id_,
        "object": "transfer_reversal",
        "amount": amount,
        "created": created,
        "currency": of["currency"],
        "metadata": {},
        "transfer": of["id"],
    }


def dispute(id_: str, of: Thing, reason: str, created: int) -> Thing:
    """A dispute over a charge that wants an answer."""
    evidence = nothing(
        "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
        "cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip "
        "customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id "
        "product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date "
        "service_documentation shipping_address shipping_carrier shipping_date shipping_documentation "
        "shipping_tracking_number uncategorized_file uncategorized_text"
    )
    return {
        "id": id_,
        "object": "dispute",
        "amount": of["amount_captured"],
        "balance_transactions": [],
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**evidence, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + 10 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def balance_transaction(id_: str, source: Thing, amount: int, fee: int, created: int, available: int) -> Thing:
    """What a thing did to the platform's balance."""
    kind = source["object"].replace("transfer_reversal", "transfer_refund").replace("dispute", "adjustment")
    return {
        **nothing("description exchange_rate"),
        "id": id_,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available,
        "balance_type": "payments",
        "created": created,
        "currency": source["currency"],
        "fee": fee,
        "fee_details": [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending" if available > created else "available",
        "type": kind,
    }


def account(id_: str, country: str, email: str | None, created: int) -> Thing:
    """A connected account that is ready for transfers."""
    return {
        **nothing("business_type"),
        "id": id_,
        "object": "account",
        "business_profile": nothing("mcc name product_description support_email support_phone support_url url"),
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "application"},
        "country": country,
        "created": created,
        "default_currency": "usd",
        "details_submitted": True,
        "email": email,
        "external_accounts": listed(f"/v1/accounts/{id_}/external_accounts"),
        "future_requirements": nothing("current_deadline disabled_reason"),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": nothing("current_deadline disabled_reason"),
        "settings": {"payouts": {"debit_negative_balances": True}},
        "tos_acceptance": nothing("date ip user_agent"),
        "type": "express",
    }


def payout(id_: str, amount: int, currency: str, created: int) -> Thing:
    """A payout of a connected account that its bank has sent back."""
    return {
        **nothing(
            "application_fee application_fee_amount balance_transaction description failure_balance_transaction "
            "original_payout payout_method reversed_by statement_descriptor"
        ),
        "id": id_,
        "object": "payout",
        "amount": amount,
        "arrival_date": created + 2 * 86_400,
        "automatic": True,
        "created": created,
        "currency": currency,
        "destination": id_.replace("po_", "ba_"),
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed",
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "status": "failed",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def event(id_: str, kind: str, about: Thing, created: int, key: str | None) -> Thing:
    """What is told to webhooks."""
    return {
        "id": id_,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": f"req_{id_}", "idempotency_key": key},
        "type": kind,
    }
