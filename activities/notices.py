"""Telling people and partners, each on the channel they have chosen; the same notice twice is sent once."""

from __future__ import annotations

import azure.durable_functions as df

from activities import Client, activity
from activities.speaking import Saying, about_leg, say_to_customer, say_to_party
from shared.flows import PATIENT, Call
from shared.orders.order import ORDERS, PartyKind, PartyWord
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Notice(Plain):
    """What is to be said about an order."""

    order: str
    text: str


class PartnerNotice(Notice):
    """What a partner, hub or worker is to be told, in words that are there already."""

    partner: str
    party: PartyKind = "partner"


class PartyNotice(Plain):
    """What the party of a leg is to be told."""

    order: str
    leg: str
    kind: PartyWord


@activity(blueprint, retry=PATIENT)
async def tell_customer(deps: Deps, notice: Notice, call: Call) -> None:
    """Tell the customer in their conversation, and on every channel that they want news on."""
    stored = await deps.store.get(ORDERS, notice.order, notice.order)
    if stored is not None:
        await say_to_customer(deps, stored.value.customer, f"order:{notice.order}", notice.text, call)


@activity(blueprint, retry=PATIENT)
async def tell_partner(deps: Deps, notice: PartnerNotice, call: Call, client: Client) -> None:
    """Tell a party on its own channel; it can wait until the morning."""
    saying = Saying(thread=f"order:{notice.order}", text=notice.text, facts={"request_type": "notice"})
    await say_to_party(deps, client, notice.party, notice.partner, saying, call)


@activity(blueprint, retry=PATIENT)
async def tell_party(deps: Deps, notice: PartyNotice, call: Call, client: Client) -> None:
    """Tell the party of a leg what there is to do, on its own channel, at once."""
    stored = await deps.store.get(ORDERS, notice.order, notice.order)
    leg = stored.value.leg(notice.leg) if stored else None
    if stored is not None and leg is not None:
        saying = about_leg(stored.value, leg, notice.kind, deps.settings.time_zone)
        await say_to_party(deps, client, leg.party, leg.partner, saying, call)
