"""Telling people and partners, each on the channel they have chosen; the same notice twice is sent once."""

from __future__ import annotations

import hashlib

import azure.durable_functions as df

from activities import activity
from shared.flows import PATIENT, Call
from shared.orders.order import ORDERS
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Notice(Plain):
    """What is to be said about an order."""

    order: str
    text: str


class PartnerNotice(Notice):
    """What a partner is to be told."""

    partner: str


@activity(blueprint, retry=PATIENT)
async def tell_customer(deps: Deps, notice: Notice, call: Call) -> None:
    """Tell the customer in their conversation."""
    from shared.dialogue.messages import OutboundMessage  # noqa: PLC0415  with the first notice, not with the app

    stored = await deps.store.get(ORDERS, notice.order, notice.order)
    if stored is not None:
        to = f"customer:{stored.value.customer}"
        await deps.messages.send(
            OutboundMessage(id=_id(call), channel="web", to=to, thread=f"order:{notice.order}", text=notice.text)
        )


@activity(blueprint, retry=PATIENT)
async def tell_partner(deps: Deps, notice: PartnerNotice, call: Call) -> None:
    """Tell a partner on their own channel."""
    from shared.dialogue.messages import OutboundMessage  # noqa: PLC0415
    from shared.discovery.partners import PARTNERS  # noqa: PLC0415

    stored = await deps.store.get(PARTNERS, notice.partner, notice.partner)
    if stored is not None:
        contact = stored.value.contact
        subject = f"Order {notice.order}" if contact.channel == "email" else None
        await deps.messages.send(
            OutboundMessage(
                id=_id(call),
                channel=contact.channel,
                to=notice.partner if contact.channel == "api" else contact.address,
                thread=f"order:{notice.order}",
                text=notice.text,
                subject=subject,
            )
        )


def _id(call: Call) -> str:
    return f"notice:{hashlib.sha256(call.key.encode()).hexdigest()[:40]}"
