"""A standing intent as its customer and staff see it: what was read of its conditions, why it waits, what it costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from shared.discovery.intent import Clarification
from shared.money.amounts import Money
from shared.orders.order import Destination
from shared.standing.cost import Bill, Meter, PlanName, bill, spent
from shared.standing.intent import ApprovalPolicy, StandingIntent, Wanted
from shared.standing.moves import Status
from shared.wiring import Deps
from triggers.endpoint import Answer
from triggers.parse import Output

PLAN: PlanName = "consumption"
PLANS: tuple[PlanName, ...] = ("consumption", "flex")


class EntryView(Output):
    """One line of the progress ledger."""

    at: AwareDatetime
    kind: str
    words: str


class CostView(Output):
    """What it has used so far, and what that comes to; an intent that sleeps uses nothing."""

    executions: float
    billed_seconds: float
    usd: float
    plan: PlanName
    plans: list[Bill]


class TroubleView(Output):
    """Something that could not be read; since when, and what was said."""

    what: str
    since: AwareDatetime
    fault: str


class PurchaseView(Output):
    """What is to be bought."""

    thing: str
    wish: str | None
    lines: list[Wanted]
    bundle_id: str | None


class StandingView(Output):
    """A standing intent; or, without an id, the one question that has to be answered before it can begin.

    conditions: the tree, each leaf with its last value and time. next_check: when it is looked at next, by itself.
    """

    id: str | None
    instance_id: str | None
    status: Status | Literal["needs_clarification"]
    summary: str
    clarification: Clarification | None
    missing: list[str]
    text: str
    logic: str | None
    conditions: dict[str, Any] | None
    reasoning: str
    estimated: str | None
    next_check: AwareDatetime | None
    progress: list[EntryView]
    troubles: list[TroubleView]
    purchase: PurchaseView | None
    deliver_to: Destination | None
    budget: Money | None
    approval: ApprovalPolicy | None
    approval_id: str | None
    order_id: str | None
    bought: int
    is_recurring: bool
    agent: str | None
    mandate_id: str | None
    cost: CostView | None
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    expires_at: AwareDatetime | None


class StandingItem(Output):
    """One of a list."""

    id: str
    status: Status
    text: str
    logic: str
    reasoning: str
    next_check: AwareDatetime | None
    order_id: str | None
    created_at: AwareDatetime
    expires_at: AwareDatetime


class StandingList(Output):
    """Standing intents, newest first; summary: to be spoken."""

    items: list[StandingItem]
    next: str | None
    summary: str


async def standing_view(intent: StandingIntent, deps: Deps, now: datetime, origin: str) -> Answer[StandingView]:
    """All of it, as by what was read last."""
    from shared.standing.changes import estimate_of, reasoning_of  # noqa: PLC0415
    from shared.standing.lookout import seen_of  # noqa: PLC0415
    from shared.standing.telling import buy_action, ledger_card, logic_of  # noqa: PLC0415
    from shared.standing.trees import shown  # noqa: PLC0415
    from shared.standing.truth import evaluate  # noqa: PLC0415

    seen = await seen_of(deps.store, intent.watches)
    verdict = evaluate(intent.conditions, seen.readings, now, intent.frame)
    due = [intent.due_at, *(one.due_at for one in seen.subjects)] if intent.status == "waiting" else []
    next_check = min((at for at in due if at is not None), default=None)
    used = await _used(intent, deps)
    reasoning = reasoning_of(intent, verdict, now)
    view = StandingView(
        id=intent.id,
        instance_id=intent.instance,
        status=intent.status,
        summary=reasoning,
        clarification=None,
        missing=[],
        text=intent.text,
        logic=logic_of(intent),
        conditions=shown(intent.conditions, verdict.truth, now, intent.frame),
        reasoning=reasoning,
        estimated=estimate_of(intent, verdict, now),
        next_check=next_check,
        progress=[EntryView(at=one.at, kind=one.kind, words=one.words) for one in intent.progress],
        troubles=[
            TroubleView(what=one.id, since=one.failing_since or one.updated_at, fault=one.fault)
            for one in seen.subjects
            if one.failures
        ],
        purchase=PurchaseView(
            thing=intent.purchase.thing,
            wish=intent.purchase.wish,
            lines=list(intent.purchase.lines),
            bundle_id=intent.purchase.bundle,
        ),
        deliver_to=intent.deliver_to,
        budget=intent.budget,
        approval=intent.asking,
        approval_id=intent.approval if intent.status == "awaiting_approval" else None,
        order_id=intent.order,
        bought=intent.bought,
        is_recurring=intent.is_recurring,
        agent=intent.agent,
        mandate_id=intent.mandate,
        cost=cost_view(used),
        created_at=intent.created_at,
        updated_at=intent.updated_at,
        expires_at=intent.expires_at,
    )
    card = ledger_card(intent, verdict, bill(used, PLAN), next_check, now)
    return Answer(view, buy_action(intent, verdict, now, origin), card, f"/api/v1/standing-intents/{intent.id}")


def question_view(clarification: Clarification, missing: tuple[str, ...], text: str) -> Answer[StandingView]:
    """What is to be answered first; nothing has begun."""
    from shared.dialogue.cards import question_card  # noqa: PLC0415

    nothing: dict[str, Any] = dict.fromkeys(StandingView.model_fields)
    said = {
        "status": "needs_clarification", "summary": clarification.question, "clarification": clarification,
        "missing": list(missing), "text": text, "reasoning": clarification.question, "progress": [], "troubles": [],
        "bought": 0, "is_recurring": False,
    }  # fmt: skip
    return Answer(StandingView(**{**nothing, **said}), adaptive_card=question_card(clarification.question))


def standing_item(intent: StandingIntent, now: datetime) -> StandingItem:
    """One of a list, as by its last look."""
    from shared.standing.changes import reasoning_of  # noqa: PLC0415
    from shared.standing.telling import logic_of  # noqa: PLC0415
    from shared.standing.truth import evaluate  # noqa: PLC0415

    verdict = intent.verdict or evaluate(intent.conditions, {}, now, intent.frame)
    return StandingItem(
        id=intent.id,
        status=intent.status,
        text=intent.text,
        logic=logic_of(intent),
        reasoning=reasoning_of(intent, verdict, now),
        next_check=intent.due_at,
        order_id=intent.order,
        created_at=intent.created_at,
        expires_at=intent.expires_at,
    )


def cost_view(used: Meter) -> CostView:
    """What was used on each plan."""
    usual = bill(used, PLAN)
    return CostView(
        executions=round(usual.executions, 6),
        billed_seconds=usual.billed_seconds,
        usd=usual.usd,
        plan=PLAN,
        plans=[bill(used, plan) for plan in PLANS],
    )


async def _used(intent: StandingIntent, deps: Deps) -> Meter:
    """Its own executions, and its share of the watcher's while it was watched."""
    from shared.standing.odometer import total  # noqa: PLC0415

    return spent(intent.own, intent.began, await total(deps.store) if intent.joined else intent.began)
