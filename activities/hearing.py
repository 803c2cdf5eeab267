"""What came in by a channel, as a message of an order's conversation: who wrote it, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from activities.decisions import boxes_of
from activities.speaking import contact_of
from shared.dialogue.saying import TEXT_LENGTH_MAX, Said
from shared.flows import Refusal
from shared.orders.order import ORDERS

if TYPE_CHECKING:
    from shared.blobs import BlobRef
    from shared.dialogue.inbound import Received
    from shared.dialogue.saying import Heard
    from shared.dialogue.support import Seat
    from shared.orders.order import Order
    from shared.wiring import Deps

_BUTTONS: dict[str, Literal["track", "support"]] = {"track": "track", "support": "support"}


async def said_of(deps: Deps, heard: Heard) -> tuple[Said, tuple[BlobRef, ...]] | Refusal:
    """A message with its files; refused where nobody in the order has written it, or it says nothing."""
    from shared.dialogue.media import with_media  # noqa: PLC0415  with the first message, not with the app
    from shared.dialogue.reply.own_text import own_text  # noqa: PLC0415

    stored = await deps.store.get(ORDERS, heard.order, heard.order)
    received = await with_media(deps.store, deps.blobs, deps.media, heard.inbound)
    if stored is None or received is None:
        return Refusal("no_such_order")
    seat = await _writer(deps, stored.value, received)
    if seat is None:
        return Refusal("unknown_sender")
    files = tuple(one.blob for one in received.message.media if one.blob)
    text = own_text(received.message.text).strip()[:TEXT_LENGTH_MAX]
    if not text and not received.message.media:
        return Refusal("empty")
    said = Said(
        id=f"in:{received.id}",
        order=heard.order,
        by=seat.by,
        who=seat.id,
        ref=seat.ref,
        text=text or "(a file)",
        channel=received.message.channel,
        button=_BUTTONS.get((heard.payload or "").rsplit(":", 1)[-1]),
    )
    return said, files


async def _writer(deps: Deps, order: Order, received: Received) -> Seat | None:
    """Who of those in an order it comes from; an email from elsewhere that answers ours speaks for who got that."""
    from shared.dialogue.support import seats_of  # noqa: PLC0415

    boxes = [received.box, *(await _answered(deps, received))]
    known = {box: seat for seat in reversed(seats_of(order)) for box in await _boxes(deps, seat)}
    return next((known[box] for box in boxes if box in known), None)


async def _answered(deps: Deps, received: Received) -> list[str]:
    from shared.dialogue.delivery import OUTGOING  # noqa: PLC0415

    if received.message.channel != "email" or received.answers is None:
        return []
    stored = await deps.store.get(OUTGOING, received.answers, received.answers)
    return [stored.value.box] if stored else []


async def _boxes(deps: Deps, seat: Seat) -> list[str]:
    """Where messages of somebody come from."""
    from shared.dialogue.messages import box_of  # noqa: PLC0415
    from shared.dialogue.reaching import to_of  # noqa: PLC0415
    from shared.people.customers import CUSTOMERS  # noqa: PLC0415

    if seat.by == "customer":
        stored = await deps.store.get(CUSTOMERS, seat.id, seat.id)
        return [*(boxes_of(stored.value) if stored else ()), box_of("web", f"customer:{seat.id}")]
    if seat.by == "ai" or seat.by == "staff":  # noqa: PLR1714  so that the type of the rest is known
        return []
    contact = await contact_of(deps, seat.by, seat.id)
    ways = [contact, contact.fallback] if contact else []
    return [*(box_of(way.channel, to_of(way, seat.id)) for way in ways if way), box_of("web", seat.id)]
