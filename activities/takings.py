"""Takings: money of a payout that comes back, for a refund of ours or by the provider's own doing."""

from __future__ import annotations

from contextlib import suppress

import azure.durable_functions as df

from activities import activity
from activities.payouts import Transferred, hashed, transferred, written
from shared.flows import PATIENT, Refusal
from shared.money import payouts as rules
from shared.money.amounts import Money
from shared.money.payments import PaymentError
from shared.money.payouts import PAYOUTS, Payout
from shared.records import PAGE_MAX, Query, Stored, Unavailable
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()
OF_A_LEG_MAX = 100


class Taking(Plain):
    """How much is to come back from a payee of what a leg has brought it; key: of the refund."""

    order: str
    leg: str
    account: str
    amount: Money
    key: str


class Taken(Plain):
    """What came back: kept, of what had not been sent; reversed, at the provider. Perhaps less than was asked for."""

    kept: Money
    reversed: Money


class Withdrawn(Plain):
    """A reversal that the provider has made on its own, by its id, of a transfer for an order."""

    order: str
    transfer: str
    reversal: str
    amount: Money


@activity(blueprint, retry=PATIENT)
async def take_back(deps: Deps, taking: Taking) -> Taken:
    """Take back what a leg has brought a payee: first what waits, then by reversal; what was taken stays taken."""
    page = await deps.store.query(PAYOUTS, Query({"order": taking.order}, taking.account, limit=OF_A_LEG_MAX))
    own = [stored for stored in page.items if stored.value.leg == taking.leg]
    taken = [one for stored in own for one in stored.value.takings if one.key == taking.key]
    wanted = taking.amount
    for one in taken:
        wanted -= one.total
    for stored in sorted(own, key=lambda one: one.value.status != "waiting"):
        is_asked = any(one.key == taking.key for one in stored.value.takings)
        found = None if is_asked or wanted.minor <= 0 else await _take(deps, stored, wanted, taking.key)
        if found is not None:
            taken.append(found)
            wanted -= found.total
    kept, reversed_ = taking.amount.zero(), taking.amount.zero()
    for one in taken:
        kept, reversed_ = kept + one.kept, reversed_ + one.reversed
    return Taken(kept=kept, reversed=reversed_)


@activity(blueprint, retry=PATIENT)
async def note_withdrawn(deps: Deps, news: Withdrawn) -> Transferred | Refusal:
    """Note what the provider has taken back on its own of a payout; a second time changes nothing."""
    page = await deps.store.query(PAYOUTS, Query({"order": news.order}, limit=PAGE_MAX))
    for stored in page.items:
        number = next((at for at, part in enumerate(stored.value.parts) if part.transfer == news.transfer), None)
        if number is None:
            continue
        if stored.value.status in {"sending", "sent"}:
            raise Unavailable(f"payout {stored.value.id} is not booked yet", retry_seconds=60)
        if all(one.key != news.reversal for one in stored.value.takings):
            await written(deps, rules.reversed_by(stored.value, [(number, news.amount)], news.reversal), stored)
        return transferred(stored.value)
    return Refusal("no_such_transfer")


async def _take(deps: Deps, stored: Stored[Payout], wanted: Money, key: str) -> rules.Taking | None:
    """Keep back, or reverse, what a payout has of an amount; None where it has nothing. Raises Unavailable."""
    payout = stored.value
    if payout.status in {"sending", "sent"}:
        raise Unavailable(f"payout {payout.id} is on its way", retry_seconds=60)
    if payout.status == "waiting":
        after = rules.kept_by(payout, min(wanted, payout.due), key)
    elif payout.at_payee.minor > 0:
        done = await _reversed(deps, payout, wanted, key)
        after = rules.reversed_by(payout, done, key)
    else:
        return None
    await written(deps, after, stored)
    return after.takings[-1]


async def _reversed(deps: Deps, payout: Payout, wanted: Money, key: str) -> list[tuple[int, Money]]:
    """What could be reversed, by its part: a payee whose account at the provider is empty gives nothing."""
    done = []
    for number, amount in rules.reversals(payout, wanted):
        transfer = payout.parts[number].transfer
        assert transfer is not None
        with suppress(PaymentError):
            await deps.payments.reverse(transfer, amount, hashed(f"taking:{key}:{payout.id}:{number}"))
            done.append((number, amount))
    return done
