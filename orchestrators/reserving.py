"""What a leg needs of somebody's shelf or day: reserved for a while, kept for good, or let go; words for flows."""

from __future__ import annotations

from activities.stock import StockLeft, show_stock
from orchestrators.steps import Context, Flow, call_entity, step
from shared.flows import Refusal
from shared.logistics.capacity import Confirm, Outcome, Release, Reserve, product_of
from shared.orders.order import Hold, OrderLeg

CONFIRMED = "confirmed"
FULL = {
    "full": "{title} is no longer to be had: somebody was quicker.",
    "not_offered": "{title} is not to be had on that day.",
}


def reservation_of(order: str, leg: OrderLeg) -> str:
    """The name under which a leg's holds are reserved."""
    return leg.held_as or f"{order}:{leg.id}"


def reserve(context: Context, leg: OrderLeg, hold: Hold, name: str) -> Flow[Refusal | None]:
    """Reserve one hold of a leg."""
    now = context.current_utc_datetime
    asked = Reserve(id=name, units=hold.units, limit=hold.limit, limit_at=hold.limit_at, at=now)
    outcome = yield from call_entity(context, "capacity", hold.key, "reserve", asked, Outcome)
    if outcome.status != "refused":
        return None
    return Refusal("not_available", FULL.get(outcome.reason or "", FULL["full"]).format(title=leg.title))


def keep(context: Context, leg: OrderLeg, hold: Hold, name: str) -> Flow[StockLeft | Refusal | None]:
    """Turn a reservation into a sale; what is left of a stock, or a Refusal for a reservation that has run out."""
    asked = Confirm(id=name, at=context.current_utc_datetime)
    outcome = yield from call_entity(context, "capacity", hold.key, "confirm", asked, Outcome)
    if outcome.status != CONFIRMED:
        return Refusal("not_available", FULL["full"].format(title=leg.title))
    if outcome.unsold is None:
        return None
    return StockLeft(product=product_of(hold.key), unsold=outcome.unsold)


def let_go(context: Context, leg: OrderLeg, name: str) -> Flow[None]:
    """Let others have what a leg had reserved or bought; the shelf shows it."""
    for hold in leg.holds:
        yield from unreserve(context, hold, name)


def unreserve(context: Context, hold: Hold, name: str) -> Flow[None]:
    """Let others have one hold of it."""
    asked = Release(id=name, at=context.current_utc_datetime)
    outcome = yield from call_entity(context, "capacity", hold.key, "release", asked, Outcome)
    if outcome.unsold is not None:
        yield from step(context, show_stock, StockLeft(product=product_of(hold.key), unsold=outcome.unsold))
