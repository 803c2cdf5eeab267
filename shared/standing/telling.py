"""An intent as it is shown to people and to programs: the progress ledger as an Adaptive Card, and as JSON-LD."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.dialogue.cards import card, fact_set, text
from shared.dialogue.words import time_words
from shared.discovery.jsonld import decimal
from shared.standing.changes import estimate_of, reasoning_of
from shared.standing.cost import Bill
from shared.standing.intent import StandingIntent
from shared.standing.leaves import Value
from shared.standing.moves import ENDED
from shared.standing.reasons import reason
from shared.standing.truth import Verdict, leaf_truths
from shared.standing.wording import watch_words

LINES_SHOWN = 6
_MARKS: dict[Value, str] = {"true": "✓", "false": "✗", "unknown": "…"}
_VERBS = {"paused": (("Resume", "resume_standing_intent"), ("Cancel", "cancel_standing_intent"))}
_USUAL = (("Pause", "pause_standing_intent"), ("Cancel", "cancel_standing_intent"))
_LD_STATUS = {"done": "CompletedActionStatus", "failed": "FailedActionStatus", "cancelled": "FailedActionStatus",
              "expired": "FailedActionStatus", "buying": "ActiveActionStatus"}  # fmt: skip


def logic_of(intent: StandingIntent) -> str:
    """`IF (Weather == Sunny) AND (Day == Thursday) → THEN (Order flowers)`."""
    return watch_words(intent.conditions, f"Order {intent.purchase.thing or 'it'}")


def ledger_card(
    intent: StandingIntent, verdict: Verdict, bill: Bill, next_check: datetime | None, now: datetime
) -> dict[str, Any]:
    """How it stands, why it waits, what was read of each condition, and the last lines of its ledger."""
    thing = intent.purchase.thing or "Your wish"
    body = [
        text(thing[:1].upper() + thing[1:], weight="Bolder", size="Medium"),
        text(logic_of(intent), is_subtle=True),
        text(reasoning_of(intent, verdict, now)),
        fact_set(_conditions(intent, verdict, now)),
        fact_set(_facts(intent, verdict, bill, next_check, now)),
        _lines(intent),
    ]
    verbs = () if intent.status in ENDED or intent.status == "buying" else _VERBS.get(intent.status, _USUAL)
    return card(body, [_action(title, verb, intent.id) for title, verb in verbs])


def buy_action(intent: StandingIntent, verdict: Verdict, now: datetime, origin: str) -> dict[str, Any]:
    """The same for programs: a purchase that is still to come (https://schema.org/BuyAction)."""
    url = f"{origin}/api/v1/standing-intents/{intent.id}"
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BuyAction",
        "identifier": intent.id,
        "name": intent.text or intent.purchase.thing,
        "description": reasoning_of(intent, verdict, now),
        "actionStatus": f"https://schema.org/{_LD_STATUS.get(intent.status, 'PotentialActionStatus')}",
        "endTime": intent.expires_at.isoformat(),
        "object": {"@type": "Product", "name": intent.purchase.thing},
        "url": url,
    }
    if verdict.next is not None and intent.status == "waiting":
        told["startTime"] = verdict.next.isoformat()
    if intent.budget is not None:
        told["priceSpecification"] = {
            "@type": "PriceSpecification", "maxPrice": decimal(intent.budget),
            "priceCurrency": intent.budget.currency,
        }  # fmt: skip
    if intent.status not in ENDED:
        target = {"@type": "EntryPoint", "urlTemplate": f"{url}/cancel", "httpMethod": "POST"}
        told["potentialAction"] = {"@type": "CancelAction", "target": target}
    return told


def _conditions(intent: StandingIntent, verdict: Verdict, now: datetime) -> list[tuple[str, str]]:
    return [
        (f"{_MARKS[truth.value]} {leaf.text}", reason(leaf, truth, now, intent.frame))
        for leaf, truth in leaf_truths(intent.conditions, verdict.truth)
    ]


def _facts(
    intent: StandingIntent, verdict: Verdict, bill: Bill, next_check: datetime | None, now: datetime
) -> list[tuple[str, str]]:
    zone = intent.frame.zone
    told = {
        "Status": intent.status.replace("_", " ").capitalize(),
        "Estimated": estimate_of(intent, verdict, now),
        "Next check": time_words(next_check.astimezone(zone), now) if next_check else None,
        "Waits until": time_words(intent.expires_at.astimezone(zone), now) if intent.status not in ENDED else None,
        "Cost so far": f"{bill.billed_seconds:.2f} s, ${bill.usd:.6f}",
    }
    return [(title, value) for title, value in told.items() if value]


def _lines(intent: StandingIntent) -> dict[str, Any]:
    zone, last = intent.frame.zone, intent.progress[-LINES_SHOWN:]
    items = [text(f"{line.at.astimezone(zone):%b %d, %H:%M}  {line.words}", size="Small") for line in reversed(last)]
    return {"type": "Container", "separator": True, "items": [text("Progress", weight="Bolder"), *items]}


def _action(title: str, verb: str, intent_id: str) -> dict[str, Any]:
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": {"standing_intent": intent_id}}
