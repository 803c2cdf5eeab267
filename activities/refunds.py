"""Refunds of what was passed on: who gives how much of it back, settled once for each refund."""

from __future__ import annotations

from contextlib import suppress

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, Call
from shared.money.amounts import Money, split
from shared.money.book import records_of, transfers_of
from shared.money.commands import Share
from shared.records import AlreadyThere, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Reclaiming(Plain):
    """How much of a leg is to come back, None for all of it; id: of the refund."""

    order: str
    leg: str
    amount: Money | None
    currency: str
    id: str


class Plan(Plain):
    """Who is to give how much; nobody, where nothing was passed on."""

    shares: tuple[Share, ...] = ()


@activity(blueprint, retry=PATIENT)
async def plan_reclaim(deps: Deps, asked: Reclaiming, call: Call) -> Plan:
    """Divide a refund among all who have money of the leg, by what they have; asked again it is the same.

    Nobody gives anything while money of the leg is in escrow: it is in dispute.
    """
    from shared.money.purses import left_of, passed_on  # noqa: PLC0415  with the first such refund, not with the app
    from shared.money.refunds import RECLAIMS, ReclaimRecord  # noqa: PLC0415

    known = await deps.store.get(RECLAIMS, asked.order, asked.id)
    if known is not None:
        return Plan(shares=known.value.shares)
    transfers = transfers_of([record.entry for record in await records_of(deps.store, asked.order)])
    is_frozen = left_of(asked.order, asked.leg, transfers, asked.currency).minor > 0
    shares = () if is_frozen else _divided(passed_on(asked.order, asked.leg, transfers), asked.amount)
    if not shares:
        return Plan()
    record = ReclaimRecord(id=asked.id, order=asked.order, leg=asked.leg, shares=shares, created_at=call.at)
    with suppress(AlreadyThere):
        await deps.store.apply(RECLAIMS, asked.order, [Write("create", record)])
        return Plan(shares=shares)
    kept = await deps.store.get(RECLAIMS, asked.order, asked.id)
    assert kept is not None
    return Plan(shares=kept.value.shares)


def _divided(have: tuple[Share, ...], wanted: Money | None) -> tuple[Share, ...]:
    """In proportion to what each has, and never more than that."""
    if not have:
        return ()
    total = sum((share.amount for share in have), start=have[0].amount.zero())
    amount = total if wanted is None else min(wanted, total)
    parts = split(amount, [share.amount.minor for share in have])
    return tuple(
        share.model_copy(update={"amount": part}) for share, part in zip(have, parts, strict=True) if part.minor > 0
    )
