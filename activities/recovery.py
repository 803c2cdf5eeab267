"""Recovery: finding what could take a leg's place, putting it there, and the log of it all."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import activity
from activities.orders import change_order
from shared.dialogue.narration.event import Event, Narration
from shared.flows import PATIENT, Call, Refusal
from shared.money.amounts import Money
from shared.orders.changes import happened, is_known, noted, with_leg
from shared.orders.order import ORDERS, Order, OrderLeg
from shared.orders.wanted import Wanted
from shared.records import AlreadyThere, ChangedMeanwhile, Write
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.orders.recoveries import Recovery, RecoveryStep
    from shared.orders.replacement import Candidate

blueprint = df.Blueprint()
TRIES_MAX = 20


class Case(Plain):
    """What is to be recovered: a leg of an order, and why; wanted: what it is to be, where the customer has changed it.

    id: of the recovery; is_standing: whether the original is still to be had, so that a no leaves everything as it is.
    """

    id: str
    order: str
    leg: str
    reason: str
    wanted: Wanted
    is_standing: bool = False


class Finding(Plain):
    """Which case, and whom nobody wants."""

    case: Case
    excluded: tuple[str, ...]


class Found(Plain):
    """A replacement. more: than the original costs; minutes: later; said: how it is proposed."""

    leg: OrderLeg
    more: Money
    minutes: int
    arrives: AwareDatetime
    why: str
    said: Narration
    is_within_consent: bool


class Swapping(Plain):
    """Which leg of an order gives way to which."""

    order: str
    old: str
    new: OrderLeg


class Logged(Plain):
    """What is to be written into a recovery's log; status, new_leg, approval: where they change."""

    case: Case
    what: str
    status: str | None = None
    new_leg: str | None = None
    approval: str | None = None


@activity(blueprint, retry=PATIENT)
async def find_replacement(deps: Deps, finding: Finding, call: Call) -> Found | Refusal:
    """The best that could take a leg's place now; refused where nothing can, or its partner is locked."""
    from shared.orders.one_at_a_time import BUSY, is_busy  # noqa: PLC0415  with the first recovery, not with the app
    from shared.orders.planning import is_round  # noqa: PLC0415
    from shared.orders.replacement import why_not  # noqa: PLC0415

    case = finding.case
    stored = await deps.store.get(ORDERS, case.order, case.order)
    leg = stored.value.leg(case.leg) if stored else None
    if stored is None or leg is None:
        return Refusal("no_such_order")
    if case.is_standing and await is_busy(deps.store, case.order, case.leg, case.id):
        return Refusal("busy", BUSY.format(title=leg.title))
    if (why := why_not(stored.value, leg)) is not None:
        return Refusal("not_replaceable", why)
    await deps.catalog_ready()
    look = _couriers if is_round(leg) else _offers
    ranked = await look(deps, stored.value, leg, finding, call.at)
    if not ranked:
        return Refusal("none", f"Nobody else has {case.wanted.words or leg.title} at about this price and in time.")
    return await _found(deps, stored.value, ranked[0], call.at)


@activity(blueprint, retry=PATIENT)
async def swap_leg(deps: Deps, swapping: Swapping, call: Call) -> Refusal | None:
    """Put a new leg in the place of an old one, whose money has moved over; told again it changes nothing."""
    from shared.orders.replacement import swapped  # noqa: PLC0415
    from shared.orders.running import reckoned  # noqa: PLC0415

    new = swapping.new.model_copy(update={"escrow": "held"})
    happening = happened(call.key, call.at, "Takes the place of what could not be had.", new.id)

    def swap(order: Order) -> Order:
        if is_known(order, happening):
            return order
        after = with_leg(swapped(order, swapping.old, new), swapping.old, escrow="replaced")
        return noted(reckoned(after, call.at), happening)

    return await change_order(deps, swapping.order, swap)


@activity(blueprint, retry=PATIENT)
async def log_recovery(deps: Deps, logged: Logged, call: Call) -> None:
    """Write one step into a recovery's log; the first one opens it."""
    from shared.orders.recoveries import RECOVERIES, STEPS_MAX, Recovery, RecoveryStep  # noqa: PLC0415

    case = logged.case
    one = RecoveryStep(id=call.key, at=call.at, what=logged.what)
    for _ in range(TRIES_MAX):
        stored = await deps.store.get(RECOVERIES, case.order, case.id)
        if stored is None:
            opened = await _opened(deps, case, one)
            with suppress(AlreadyThere):
                await deps.store.apply(RECOVERIES, case.order, [Write("create", opened)])
                return
            continue
        if any(step.id == one.id for step in stored.value.steps):
            return
        news = {name: value for name in ("status", "new_leg", "approval") if (value := getattr(logged, name))}
        steps = (*stored.value.steps, one)[-STEPS_MAX:]
        after = Recovery.model_validate({**stored.value.model_dump(), **news, "steps": steps, "updated_at": call.at})
        with suppress(ChangedMeanwhile):
            await deps.store.apply(RECOVERIES, case.order, [Write("replace", after, stored.etag)])
            return
    raise ChangedMeanwhile(f"recovery {case.id} changes all the time")


async def _offers(deps: Deps, order: Order, leg: OrderLeg, finding: Finding, now: datetime) -> list[Candidate]:
    """Others who sell the like."""
    from shared.orders.replacement import candidates, wish_for  # noqa: PLC0415

    wanted = finding.case.wanted
    wish = wish_for(order, leg, wanted, frozenset(finding.excluded), deps.taxonomy)
    found = await deps.scout.find(wish, now)
    fitting = () if found.relaxed else found.offers
    offers = [(one.product, one.partner) for one in fitting if one.product and one.partner]
    return candidates(order, leg, offers, wanted, deps.taxonomy, now, is_played=_is_played(deps, leg))


async def _couriers(deps: Deps, order: Order, leg: OrderLeg, finding: Finding, now: datetime) -> list[Candidate]:
    """Others who could bring it: couriers and gig workers."""
    from shared.logistics.timechain.minutes import minute_from  # noqa: PLC0415
    from shared.orders.couriers import offers, workers_for  # noqa: PLC0415
    from shared.orders.other_couriers import courier_candidates, load_of  # noqa: PLC0415

    load, to = load_of(order, leg, deps.taxonomy), order.deliver_to.point
    couriers = await offers(
        deps.scout, deps.taxonomy, to, order.currency, is_cold=load.is_cold, now=minute_from(now)
    )
    workers, _ = await deps.roster.now()
    is_played = _is_played(deps, leg)
    able = [
        one
        for one in (*couriers, *workers_for(workers.values(), order.currency))
        if one.offer is None or one.offer.partner.is_simulated == is_played
    ]
    return courier_candidates(order, leg, able, load, now, excluded=finding.excluded, taxonomy=deps.taxonomy)


def _is_played(deps: Deps, leg: OrderLeg) -> bool:
    original = deps.scout.partners.known.get(leg.partner)
    return original is not None and original.is_simulated


async def _found(deps: Deps, order: Order, best: Candidate, now: datetime) -> Found:

    from activities.narration import voice_of, well_told  # noqa: PLC0415

    customer, zone = await voice_of(deps, order.customer)
    consent = customer.consent
    return Found(
        leg=best.leg,
        more=best.more,
        minutes=best.minutes,
        arrives=best.after.expected or best.after.arrives,
        why=best.why,
        said=await well_told(deps, _proposal(best, now), order, best.after, zone, customer.language),
        is_within_consent=consent.recovers_alone and best.more.minor <= 0 and best.minutes <= consent.delay_minutes,
    )


def _proposal(best: Candidate, now: datetime) -> Event:
    from shared.orders.words import offered_words  # noqa: PLC0415

    facts = {"leg": best.leg.replaces, "minutes": max(best.minutes, 0), "difference": best.more}
    return Event.model_validate({"kind": "recovery_proposed", "at": now, **facts, **offered_words(best.leg)})


async def _opened(deps: Deps, case: Case, first: RecoveryStep) -> Recovery:
    from shared.orders.recoveries import Recovery  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, case.order, case.order)
    assert stored is not None
    leg = stored.value.leg(case.leg)
    assert leg is not None
    return Recovery.model_validate(
        {
            "id": case.id, "order": case.order, "customer": stored.value.customer, "leg": case.leg,
            "partner": leg.partner, "reason": case.reason, "wanted": case.wanted.words or leg.title,
            "steps": (first,), "created_at": first.at, "updated_at": first.at,
        }
    )  # fmt: skip
