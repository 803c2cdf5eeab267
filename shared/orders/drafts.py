"""One leg of each kind, as it is before anybody knows when: what is done by whom, for what price, and divided how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

from shared.discovery.partners import Partner
from shared.discovery.terms import LegKind, NodeKind
from shared.logistics.capacity import slots_key, stock_key
from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.money.accounts import account
from shared.money.amounts import Money
from shared.money.commands import Share
from shared.money.commission import Referral
from shared.money.fees import GIG_WORK
from shared.orders.chosen import Chosen
from shared.orders.couriers import WORKER_JOBS_A_DAY, Carrier
from shared.orders.customizers import NAMED, Customizer
from shared.orders.hubs import ASSEMBLY, Bid, key_of
from shared.orders.order import Hold, Line, OrderLeg, PartyKind, Timing
from shared.orders.pricing import goods_shares, partner_shares, work_shares
from shared.orders.rounds import Path
from shared.orders.timings import reliability_of

JOBS = "jobs"
"""What a gig worker has so many of a day."""
JOBS_A_DAY = 100
"""How many jobs a day somebody takes who has not said."""
WISHES = frozenset({"customization", "text", "colours", "position"})
"""The options that are for whoever customizes."""
_LIMITS_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
"""Limits of capabilities carry no date: whoever tells one with its time knows better."""


@dataclass(frozen=True)
class Draft:
    """A leg whose times are not known yet; hold: what it takes of whose capacity on a day; courier: of a round.

    partner: who does it, where that is one, and not a hub or worker.
    """

    leg: OrderLeg
    hold: Callable[[date], Hold]
    courier: Reliability | None = None
    partner: Partner | None = None


@dataclass(frozen=True)
class Spot:
    """Where a leg stands in its order, and whether the customer sees who does it; now: when it is drafted."""

    id: str
    after: Sequence[str]
    now: datetime
    shows_partner: bool


@dataclass(frozen=True)
class _Who:
    party: PartyKind
    id: str
    name: str
    accepts_alone: bool = True


class _Paid(NamedTuple):
    price: Money
    shares: tuple[Share, ...]


def good(
    one: Chosen, timing: Timing, price: Money, spot: Spot, referral: Referral | None, *, is_bare: bool
) -> Draft:
    """Something of the catalog; is_bare: what is asked to be done to it is done by another."""
    product, part = one.product, one.part
    hidden = {NAMED} | (WISHES if is_bare else set())
    line = Line(
        product=product.id,
        title=product.title,
        category=product.category,
        quantity=part.quantity,
        unit_price=product.price,
        extra_minor=part.extra_minor,
        options={name: value for name, value in part.options.items() if name not in hidden},
    )
    paid = _Paid(price, goods_shares(one, price, referral))
    leg = _leg(spot, _of_partner(one.partner), part.role, line, timing, paid)
    reliability = reliability_of(one.partner.trust) if part.role == "delivery" else None
    return Draft(leg, partial(_good_hold, one), reliability, one.partner)


def customization(one: Chosen, who: Customizer, spot: Spot, referral: Referral | None) -> Draft:
    """What another than the seller does to it."""
    partner, tag, quantity = who.partner, who.capability.tag, one.part.quantity
    price = Money(minor=who.price_minor, currency=one.product.price.currency)
    options = {name: value for name, value in one.part.options.items() if name in WISHES and value}
    title = f"{tag.replace('-', ' ').capitalize()}: {one.product.title}"
    unit = price.model_copy(update={"minor": who.capability.minor_per_unit})
    line = Line(product=f"{partner.id}.{tag}", title=title, quantity=quantity, unit_price=unit, options=options)
    timing = Timing(
        kind="customization",
        notice_minutes=who.notice_minutes,
        minutes=who.minutes,
        buffer_minutes=buffer_minutes("customization", who.minutes, reliability_of(partner.trust)),
        hours=partner.hours,
        point=partner.place.point,
    )
    paid = _Paid(price, partner_shares(partner, price, tag, referral))
    leg = _leg(spot, _of_partner(partner), "customization", line, timing, paid)
    return Draft(leg, lambda day: _slots(partner.id, tag, day, who.capability.per_day), partner=partner)


def courier(carrier: Carrier, kind: LegKind, path: Path, currency: str, spot: Spot) -> Draft:
    """A round, as a pick-up for a hub or to the door."""
    price = Money(minor=carrier.price_minor(path), currency=currency)
    role: NodeKind = "transport" if kind == "pickup" else "delivery"
    timing = Timing(
        kind=kind,
        notice_minutes=carrier.notice(path),
        minutes=0,
        hours=carrier.hours,
        point=path[-1],
        mode=carrier.mode,
    )
    if carrier.offer is not None:
        whole = good(carrier.offer, timing, price, spot, None, is_bare=False)
        leg = whole.leg.model_copy(update={"role": role})
        return Draft(leg, whole.hold, carrier.reliability, whole.partner)
    line = Line(product=f"{carrier.partner}.{kind}", title=carrier.title, quantity=1, unit_price=price)
    paid = _Paid(price, work_shares(price, account("worker", carrier.partner), carrier.region, GIG_WORK))
    leg = _leg(spot, _Who("worker", carrier.partner, carrier.name), role, line, timing, paid)
    hold = partial(_slots, carrier.partner, JOBS, per_day=WORKER_JOBS_A_DAY)
    return Draft(leg, hold, carrier.reliability)


def assembly(bid: Bid, currency: str, why: str, spot: Spot) -> Draft:
    """What a hub does."""
    hub, price = bid.hub, Money(minor=bid.price_minor, currency=currency)
    line = Line(product=f"{hub.id}.{ASSEMBLY}", title=f"Put together at {hub.name}", quantity=1, unit_price=price)
    timing = Timing(
        kind="assembly",
        minutes=bid.minutes,
        buffer_minutes=bid.buffer_minutes,
        hours=hub.hours,
        point=hub.place.point,
        dwell_minutes_max=hub.dwell_minutes_max,
    )
    paid = _Paid(price, work_shares(price, account("hub", hub.id), hub.place.region, ASSEMBLY))
    leg = _leg(spot, _Who("hub", hub.id, hub.name), "assembly", line, timing, paid)
    return Draft(
        leg.model_copy(update={"why": why}),
        lambda day: Hold(key=key_of(hub, day), units=1, limit=bid.jobs_max, limit_at=_LIMITS_SINCE),
    )


def _leg(spot: Spot, who: _Who, role: NodeKind, line: Line, timing: Timing, paid: _Paid) -> OrderLeg:
    return OrderLeg(
        id=spot.id,
        party=who.party,
        partner=who.id,
        partner_name=who.name,
        role=role,
        title=line.title,
        lines=(line,),
        timing=timing,
        price=paid.price,
        shares=paid.shares,
        after=tuple(spot.after),
        starts=spot.now,
        ends=spot.now,
        shows_partner=spot.shows_partner,
        accepts_alone=who.accepts_alone,
    )


def _of_partner(partner: Partner) -> _Who:
    return _Who("partner", partner.id, partner.name, partner.accepts_alone)


def _good_hold(one: Chosen, day: date) -> Hold:
    """Pieces from stock, else one of the jobs that the partner takes on that day."""
    product, units = one.product, one.part.quantity
    if product.stock is not None:
        return Hold(key=stock_key(product.id), units=units, limit=product.stock, limit_at=product.stock_at)
    works = {capability.tag: capability for capability in one.partner.capabilities}
    tag = next((tag for tag in product.tags if tag in works), product.category)
    per_day = works[tag].per_day if tag in works else JOBS_A_DAY
    return _slots(one.partner.id, tag, day, per_day, product.updated_at)


def _slots(who: str, tag: str, day: date, per_day: int, since: datetime = _LIMITS_SINCE) -> Hold:
    return Hold(key=slots_key(who, tag, day), units=1, limit=per_day, limit_at=since)
