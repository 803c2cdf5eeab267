"""A dispute as each of those may see it who may see it."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.money.amounts import Money
from shared.orders.disputes import Decision, Dispute, DisputedLeg, Hold, PartyAnswer, Reason, Status, Verdict
from shared.orders.order import PartyKind
from shared.people.access import Caller, Party, Role, is_party, may_see_order, owns, scopes_of
from triggers.parse import Output


class DisputedLegView(Output):
    """One leg; partner: None where the bundle hides it. money: where it is meanwhile."""

    id: str
    title: str
    partner: str | None
    price: Money
    money: Hold


class AnswerView(Output):
    """What a party has said."""

    party: PartyKind
    partner: str | None
    text: str
    photos: list[str]
    at: AwareDatetime


class DecisionView(Output):
    """What was decided; by: only for staff."""

    decision: Verdict
    amounts: dict[str, Money]
    note: str
    by: str | None
    at: AwareDatetime


class DisputeView(Output):
    """A dispute, as far as it concerns who asks. returned: what went back once it was carried out."""

    id: str
    order: str
    status: Status
    reason: Reason
    text: str
    photos: list[str]
    is_of_bank: bool
    legs: list[DisputedLegView]
    answers: list[AnswerView]
    decision: DecisionView | None
    returned: Money | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class DisputeList(Output):
    """Some disputes."""

    items: list[DisputeView]
    next: str | None


def may_see_dispute(dispute: Dispute, caller: Caller) -> bool:
    """Whether it is the caller's own, about a leg of theirs, or they are staff."""
    return may_see_order(caller, dispute.customer, [Party(Role(leg.party), leg.partner) for leg in dispute.legs])


def own_legs(dispute: Dispute, caller: Caller) -> list[DisputedLeg]:
    """The legs that the caller has done."""
    return [leg for leg in dispute.legs if is_party(caller, Party(Role(leg.party), leg.partner))]


def dispute_view(dispute: Dispute, caller: Caller) -> DisputeView:
    """The customer sees all of it but hidden partners, a party its own legs and words, staff everything."""
    is_staff = "operations:read" in scopes_of(caller)
    sees_all = is_staff or owns(caller, dispute.customer)
    legs = dispute.legs if sees_all else own_legs(dispute, caller)
    hidden = {leg.partner for leg in legs if not (is_staff or not sees_all or leg.shows_partner)}
    own = {(leg.party, leg.partner) for leg in legs}
    seen = {leg.id for leg in legs}
    decision = dispute.decision
    return DisputeView(
        id=dispute.id,
        order=dispute.order,
        status=dispute.status,
        reason=dispute.reason,
        text=dispute.text,
        photos=list(dispute.photos),
        is_of_bank=dispute.bank is not None,
        legs=[_leg_view(leg, hidden) for leg in legs],
        answers=[_answer_view(one, hidden) for one in dispute.answers if (one.party, one.partner) in own],
        decision=_decision_view(decision, seen, shows_by=is_staff) if decision else None,
        returned=dispute.returned if sees_all else None,
        created_at=dispute.created_at,
        updated_at=dispute.updated_at,
    )


def _leg_view(leg: DisputedLeg, hidden: set[str]) -> DisputedLegView:
    is_hidden = leg.partner in hidden
    return DisputedLegView(
        id=leg.id,
        title=leg.role if is_hidden else leg.title,
        partner=None if is_hidden else leg.partner_name,
        price=leg.price,
        money=leg.hold,
    )


def _answer_view(answer: PartyAnswer, hidden: set[str]) -> AnswerView:
    partner = None if answer.partner in hidden else answer.partner
    return AnswerView(
        party=answer.party, partner=partner, text=answer.text, photos=list(answer.photos), at=answer.at
    )


def _decision_view(decision: Decision, seen: set[str], *, shows_by: bool) -> DecisionView:
    return DecisionView(
        decision=decision.verdict,
        amounts={leg: amount for leg, amount in decision.amounts.items() if leg in seen},
        note=decision.note,
        by=decision.by if shows_by else None,
        at=decision.at,
    )
