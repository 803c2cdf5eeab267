"""What parties are told of their legs, and customers of their orders, in plain words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.orders.order import Order, OrderLeg, PartyWord

OFFER_LENGTH_MAX = 200


def party_words(order: Order, leg: OrderLeg, kind: PartyWord, zone: ZoneInfo) -> str:
    """What the party of a leg is told; zone: the city's, where the party has none of its own."""
    hours = leg.timing.hours if leg.timing else None
    by = moment_words(leg.ends, ZoneInfo(hours.time_zone) if hours else zone)
    match kind:
        case "question":
            return f"New order: {things(leg)}, to be ready by {by}. Do you take it?"
        case "accepted":
            return f"Yours to do: {things(leg)}, ready by {by}.{_wishes(leg)} You will hear when it can begin."
        case "task":
            return f"It is your turn: {things(leg)}, by {by}.{_wishes(leg)}{_where_to(order, leg)}"
        case "cancelled":
            return f"Please stop: {things(leg)} is no longer needed. We are sorry for the trouble."


def offered_words(leg: OrderLeg) -> dict[str, str | None]:
    """What takes the place of something, and whose it is, as far as the customer may know: facts of a narration."""
    if leg.shows_partner:
        return {"offer": leg.title[:OFFER_LENGTH_MAX], "new_partner": leg.partner_name[:OFFER_LENGTH_MAX]}
    return {"offer": f"another {leg.role.replace('_', ' ')}", "new_partner": None}


def things(leg: OrderLeg) -> str:
    """What a leg is about, with its quantities."""
    lines = [f"{line.quantity} of {line.title}" if line.quantity > 1 else line.title for line in leg.lines]
    return ", ".join(lines) or leg.title


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    """`Saturday Nov 28, 15:30`, by the clock of a zone."""
    return f"{at.astimezone(zone):%A %b %d, %H:%M}"


def _wishes(leg: OrderLeg) -> str:
    said = "; ".join(f"{name}: {value}" for line in leg.lines for name, value in line.options.items())
    return f" {said}." if said else ""


def _where_to(order: Order, leg: OrderLeg) -> str:
    return f" To: {order.deliver_to.address}." if leg.timing and leg.timing.kind == "delivery" else ""
