"""A dispute's record: read by its flow, which listens for its next change, and moved on as the flow goes."""

from __future__ import annotations

import azure.durable_functions as df

from activities import activity
from shared.changing import changed
from shared.flows import PATIENT, QUICK, Call, Refusal
from shared.money.amounts import Money
from shared.nudges import Wakes, heard
from shared.orders.disputes import DISPUTES, BankCase, Decision, Dispute, DisputedLeg, Hold
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
EXCERPT_LENGTH_MAX = 600


class Looking(Plain):
    """Which dispute is looked at, and by what its flow is woken next."""

    dispute: str
    wakes: Wakes


class Case(Plain):
    """What a flow needs of a dispute; excerpt: the beginning of the complaint; silent: parties without an answer."""

    id: str
    order: str
    reason: str
    excerpt: str
    bank: BankCase | None
    legs: tuple[DisputedLeg, ...]
    decision: Decision | None
    silent: tuple[str, ...]
    escalations: tuple[str, ...]


class Frozen(Plain):
    """What has become of the money of a dispute's legs: leg → Hold."""

    dispute: str
    holds: dict[str, Hold]


class CaseNews(Plain):
    """What is to be noted of a dispute: staff's escalation, or what went back in the end."""

    dispute: str
    escalation: str | None = None
    returned: Money | None = None


@activity(blueprint, retry=QUICK)
async def look_at_dispute(deps: Deps, looking: Looking) -> Case | Refusal:
    """The dispute as it stands; its flow listens for the next change from here on."""
    name = looking.dispute
    found = await changed(deps.store, DISPUTES, name, name, lambda dispute: heard(dispute, looking.wakes))
    return _case(found) if found else Refusal("no_such_dispute")


@activity(blueprint, retry=PATIENT)
async def note_frozen(deps: Deps, frozen: Frozen) -> None:
    """Note which legs' money is frozen."""

    def change(dispute: Dispute) -> Dispute:
        legs = tuple(leg.model_copy(update={"hold": frozen.holds.get(leg.id, leg.hold)}) for leg in dispute.legs)
        return dispute.model_copy(update={"legs": legs})

    await changed(deps.store, DISPUTES, frozen.dispute, frozen.dispute, change)


@activity(blueprint, retry=PATIENT)
async def note_case(deps: Deps, news: CaseNews, call: Call) -> None:
    """Note what staff were told, or that the decision is carried out."""

    def change(dispute: Dispute) -> Dispute:
        known = dispute.escalations
        more = (news.escalation,) if news.escalation and news.escalation not in known else ()
        returned = dispute.returned if news.returned is None else news.returned
        update = {"escalations": (*known, *more), "returned": returned, "updated_at": call.at}
        return dispute.model_copy(update=update)

    await changed(deps.store, DISPUTES, news.dispute, news.dispute, change)


def _case(dispute: Dispute) -> Case:
    have = {(one.party, one.partner) for one in dispute.answers}
    return Case(
        id=dispute.id,
        order=dispute.order,
        reason=dispute.reason,
        excerpt=dispute.text[:EXCERPT_LENGTH_MAX],
        bank=dispute.bank,
        legs=dispute.legs,
        decision=dispute.decision,
        silent=tuple(leg.id for leg in dispute.legs if (leg.party, leg.partner) not in have),
        escalations=dispute.escalations,
    )
