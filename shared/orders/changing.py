"""A change of a running order that is asked for in a sentence: begun, refused or asked back, whichever the door."""

from __future__ import annotations

from typing import NamedTuple

from shared.discovery.intent import Intent
from shared.discovery.taxonomy import Taxonomy
from shared.orders.order import Order, OrderLeg
from shared.orders.wanted import Unclear, Wanted, shown_title, wanted_of
from shared.wire import Plain

RUNNING = frozenset({"placed", "in_progress"})
CHANGE_FLOW = "change"


class Cannot(Plain):
    """It can no longer be; reason: for the customer."""

    reason: str


class Beginning(NamedTuple):
    """What is to be begun: another thing for a leg; words: what the customer is told."""

    wanted: Wanted
    leg: OrderLeg
    words: str


def beginning(
    order: Order, intent: Intent, text: str, taxonomy: Taxonomy, *, leg_id: str | None = None
) -> Beginning | Unclear | Cannot | None:
    """What a sentence asks to have changed; None where it is nothing that takes the place of something else."""
    if order.status not in RUNNING:
        return Cannot(reason=f"The order is {order.status.replace('_', ' ')}: nothing of it can be changed now.")
    wanted = wanted_of(order, intent, text, taxonomy, leg_id=leg_id)
    if isinstance(wanted, Unclear):
        return wanted
    return begun(order, wanted) if wanted.kind == "replace" else None


def begun(order: Order, wanted: Wanted) -> Beginning | Cannot:
    """The change of a leg, unless somebody has begun with it."""
    leg = order.leg(wanted.leg or "")
    if leg is None or leg.began is not None or leg.ended is not None:
        title = shown_title(leg) if leg else "That"
        return Cannot(
            reason=f"{title} has begun and can no longer be changed; is something wrong, open a dispute."
        )
    who = leg.partner_name if leg.shows_partner else "the partner"
    words = f"I am asking {who} for {wanted.words} instead of {shown_title(leg)}. You will hear from me."
    return Beginning(wanted, leg, words)


def change_given(change: str, order: str, wanted: Wanted) -> dict[str, object]:
    """What the flow of a change is given; its negotiation has an id that follows from its own."""
    plain = wanted.model_dump(mode="json")
    return {"id": change, "negotiation": negotiation_of(change), "order": order, "wanted": plain}


def negotiation_of(change: str) -> str:
    """The id of the negotiation about a change."""
    return f"n{change}"
