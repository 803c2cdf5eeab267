"""What somebody who is signed in says in chat about an order: answered from its record, begun, or brought to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import azure.durable_functions as df
from pydantic import AwareDatetime

from shared.dialogue.asked_back import Meant, Open, Reads, joined, meant
from shared.dialogue.chat import OrderTold
from shared.dialogue.reply.model import Asked
from shared.dialogue.saying import SUPPORT_FLOW, TEXT_LENGTH_MAX, Said
from shared.dialogue.support import CUSTOMER
from shared.dialogue.support_topics import Routing
from shared.dialogue.thread import Thread
from shared.discovery.intent import Intent
from shared.orders.changing import CHANGE_FLOW, Beginning, Cannot, change_given, negotiation_of
from shared.orders.legs import RUNNING
from shared.orders.order import ORDERS, Order, OrderStatus
from shared.orders.wanted import Unclear
from shared.people.access import Caller, scopes_of
from shared.people.approvals import APPROVALS
from shared.people.customers import CUSTOMERS, Customer, newcomer
from shared.records import PAGE_MAX, Query
from shared.wiring import Deps
from triggers.about import About
from triggers.flows import start
from triggers.http_support import say
from triggers.idempotency import work_id
from triggers.order_views import NarrationView, narration_of
from triggers.parse import Output

ORDERS_LOOKED_AT_MAX = 50
NARRATIONS_SHOWN = 10
OPEN: frozenset[OrderStatus] = RUNNING | {"placing", "awaiting_approval", "delivered"}
_ABOUT_ORDERS = frozenset({"change", "track", "support"})
_ID = re.compile(r"\b[0-9a-f]{24}\b")
_ASKED_A_PERSON = "I've asked a member of our team to look at it. They answer in the conversation of your order."
_NOT_YOURS = "I may look at this order, but not change it or write about it: ask the customer for a wider permission."


class Begun(Output):
    """What a sentence has begun: a change, with its negotiation, or a message in the order's conversation."""

    kind: str
    id: str
    negotiation_id: str | None
    path: str


class PendingApproval(Output):
    """A question that waits for the customer, with its card."""

    id: str
    title: str
    text: str
    yes: str
    no: str
    expires_at: AwareDatetime
    card: dict[str, Any]


class OrderInChat(Output):
    """The order that was spoken of: how it stands, what was begun, what waits for the customer, what they were told."""

    id: str
    status: OrderStatus
    arrives: AwareDatetime
    begun: Begun | None
    approvals: list[PendingApproval]
    narration: list[NarrationView]


@dataclass(frozen=True)
class OrderTalk:
    """Answers for one caller; satisfies shared.dialogue.chat.OrderTalk."""

    caller: Caller
    deps: Deps
    about: About
    client: df.DurableOrchestrationClient

    @property
    def customer(self) -> str:
        """Whose orders are spoken of."""
        return self.caller.acting_for or self.caller.subject

    async def __call__(self, text: str, intent: Intent, thread: Thread) -> OrderTold | None:
        """What comes of a sentence about an order; None where there is none, or it is about something else."""
        told = await self._answered(text, thread)
        if told is not None or intent.kind not in _ABOUT_ORDERS:
            return told
        order = await self._meant(text, thread)
        if order is None or (intent.kind == "change" and _is_refining(thread, order)):
            return None
        if intent.kind == "change":
            return await self._change(text, intent, order)
        customer = await self._customer()
        response = self.deps.hybrid.respond(text, order, self.about.now, customer.zone, customer.language)
        if response.text is not None:
            return OrderTold(order=order.id, words=response.text, why=response.routing.why)
        if response.routing.who != "ai":
            routing = response.routing
            return await self._passed_on(text, order, _passed_words(order, routing), routing.why)
        return await self._change(text, intent, order) if response.routing.topic == "change" else None

    async def _answered(self, text: str, thread: Thread) -> OrderTold | None:
        """What answers the question that the last answer ended with, or what waits for the customer's word."""
        order = await self._own(thread.order) if thread.order and thread.is_about_order else None
        if order is None:
            return None
        if thread.open is not None:
            reads = await self._reads()
            found = await joined(thread.open, order, text, reads)
            return await self._told(found, order) if found else None
        return await self._decided(text, order)

    async def _decided(self, text: str, order: Order) -> OrderTold | None:
        """A yes or no is said in the order's conversation, where it decides what the customer is asked."""
        if "approvals:read" not in scopes_of(self.caller):
            return None
        page = await self.deps.store.query(APPROVALS, Query({"status": "pending"}, self.customer, limit=PAGE_MAX))
        asked = [one.value for one in page.items if one.value.about == f"order:{order.id}"]
        if not asked:
            return None
        customer = await self._customer()
        about = Asked(wanted=asked[0].title)
        reading = await self.deps.replies.read_reply(text, about, self.about.now, customer.zone)
        if reading.decision is None:
            return None
        words = self.deps.phrasebook.support.decisions[customer.language]
        if self.caller.is_agent:
            return OrderTold(order=order.id, words=words["unproven"], why="An agent decides nothing for a customer.")
        return await self._passed_on(text, order, words["heard"], "It answers what the order asks.")

    async def _change(self, text: str, intent: Intent, order: Order) -> OrderTold:
        return await self._told(await meant(order, text, intent, await self._reads()), order)

    async def _told(self, change: Meant, order: Order) -> OrderTold:
        """What the customer is told of a change, which has begun by then where it can be."""
        found = change.found
        if isinstance(found, Unclear):
            unclear = Open(text=change.text, unclear=found)
            return OrderTold(order=order.id, words=found.question, why="It is not clear what is meant.", open=unclear)
        if isinstance(found, Cannot):
            return OrderTold(order=order.id, words=found.reason, why="The order has come too far for it.")
        if found is None:
            return await self._passed_on(change.text, order, _ASKED_A_PERSON, "It takes a person.")
        return await self._begun(found, order)

    async def _begun(self, found: Beginning, order: Order) -> OrderTold:
        if not self._may_write:
            return OrderTold(order=order.id, words=_NOT_YOURS, why="The token does not cover it.")
        change = work_id(self.about, self.customer, f"change:{order.id}")
        await start(self.client, CHANGE_FLOW, change, change_given(change, order.id, found.wanted))
        return OrderTold(
            order=order.id, words=found.words, why="Whoever makes it is asked first.", begun=(CHANGE_FLOW, change)
        )

    async def _passed_on(self, text: str, order: Order, words: str, why: str) -> OrderTold:
        """Say it in the order's conversation, where whoever it concerns answers."""
        if not self._may_write:
            return OrderTold(order=order.id, words=_NOT_YOURS, why="The token does not cover it.")
        said = Said(
            id=f"web-{work_id(self.about, f'customer:{self.customer}', f'message:{order.id}')}",
            order=order.id,
            by="customer",
            who=self.customer,
            ref=CUSTOMER,
            text=text[:TEXT_LENGTH_MAX],
            is_agents=self.caller.is_agent,
        )
        message = await say(self.deps, self.client, said, self.about)
        return OrderTold(order=order.id, words=words, why=why, begun=(SUPPORT_FLOW, message.id))

    async def _meant(self, text: str, thread: Thread) -> Order | None:
        """The order that is named, else the one spoken of last or the newest, those that are open first."""
        named = [order for name in _ID.findall(text)[:3] if (order := await self._own(name)) is not None]
        if named:
            return named[0]
        wanted = Query({"customer": self.customer}, order="-created_at", limit=ORDERS_LOOKED_AT_MAX)
        page = await self.deps.store.query(ORDERS, wanted)
        orders = [stored.value for stored in page.items if stored.value.status not in {"failed", "cancelled"}]
        orders.sort(key=lambda order: (order.status in OPEN, order.id == thread.order, order.created_at), reverse=True)
        return orders[0] if orders else None

    async def _own(self, order: str) -> Order | None:
        stored = await self.deps.store.get(ORDERS, order, order)
        return stored.value if stored and stored.value.customer == self.customer else None

    async def _customer(self) -> Customer:
        stored = await self.deps.store.get(CUSTOMERS, self.customer, self.customer)
        return stored.value if stored else newcomer(self.customer)

    async def _reads(self) -> Reads:
        zone = (await self._customer()).zone
        return Reads(self.deps.understanding, self.deps.replies, self.deps.taxonomy, self.about.now, zone)

    @property
    def _may_write(self) -> bool:
        return "orders:write" in scopes_of(self.caller)


async def order_in_chat(
    deps: Deps, caller: Caller, order_id: str, begun: tuple[str, str] | None = None
) -> OrderInChat | None:
    """An order as chat shows it; None for whoever may not see it."""
    customer = caller.acting_for or caller.subject
    stored = await deps.store.get(ORDERS, order_id, order_id)
    if stored is None or stored.value.customer != customer or "orders:read" not in scopes_of(caller):
        return None
    order = stored.value
    narration = await narration_of(deps, order, caller)
    return OrderInChat(
        id=order.id,
        status=order.status,
        arrives=order.expected or order.arrives,
        begun=_begun_view(order.id, *begun) if begun else None,
        approvals=await _approvals(deps, caller, customer, order.id),
        narration=narration[-NARRATIONS_SHOWN:],
    )


async def _approvals(deps: Deps, caller: Caller, customer: str, order: str) -> list[PendingApproval]:
    from shared.dialogue.cards import approval_card  # noqa: PLC0415  with the first question

    if "approvals:read" not in scopes_of(caller):
        return []
    page = await deps.store.query(APPROVALS, Query({"status": "pending"}, customer, "-created_at", PAGE_MAX))
    return [
        PendingApproval(
            **one.model_dump(include={"id", "title", "text", "yes", "no", "expires_at"}),
            card=approval_card(one.title, one.text, one.facts, one.id, yes=one.yes, no=one.no),
        )
        for one in (stored.value for stored in page.items)
        if one.about == f"order:{order}"
    ]


def _begun_view(order: str, flow: str, name: str) -> Begun:
    if flow == CHANGE_FLOW:
        negotiation = negotiation_of(name)
        path = f"/api/v1/negotiations/{negotiation}"
        return Begun(kind="change", id=name, negotiation_id=negotiation, path=path)
    return Begun(kind="support", id=name, negotiation_id=None, path=f"/api/v1/orders/{order}/messages")


def _is_refining(thread: Thread, order: Order) -> bool:
    """Whether a wish for something else is about what was shown last, and not about what was ordered since."""
    return bool(thread.shown) and thread.order is None and order.created_at <= thread.updated_at


def _passed_words(order: Order, routing: Routing) -> str:
    if routing.who == "person":
        return _ASKED_A_PERSON
    leg = order.leg(routing.leg or "")
    who = leg.partner_name if leg and leg.shows_partner else "whoever works on it"
    return f"I've passed it on to {who}. The answer comes in the conversation of your order."
