"""Answering requests: what to answer is decided once and kept, and said when it is due."""

from __future__ import annotations

from collections import Counter as Tally
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from shared.discovery.partners import Partner
from shared.ports import Store
from shared.records import PAGE_MAX, Query
from shared.simulator import queue
from shared.simulator.deciding import Decision, decide
from shared.simulator.partners import simulated
from shared.simulator.queue import FLOW, REQUESTS, SimulatedRequest, flow_of
from shared.simulator.scenario_book import scenarios_of
from shared.simulator.shelf import not_to_be_had, shelf_of


class Client(Protocol):
    """What is needed of the durable client."""

    async def get_status(self, instance_id: str) -> Any:
        """Its `runtime_status` is None where there is no such instance."""

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        """Raises Exception where the instance is active."""


async def begin(client: Client, request: str, *, by_hand: bool = False) -> None:
    """Start the flow that answers a request, unless it was started before; by_hand: the one that a person's answer has.

    A planned answer may still wait in the first one, which then finds that everything is said.
    """
    instance = f"{flow_of(request)}:by-hand" if by_hand else flow_of(request)
    status = await client.get_status(instance)
    if status is None or status.runtime_status is None:
        await client.start_new(FLOW, instance, request)


async def plan(store: Store, request_id: str, at: datetime) -> datetime | None:
    """Decide how a request is answered, once; when the answer is due, None where it waits for a person or for ever."""
    stored = await store.get(REQUESTS, request_id, request_id)
    if stored is None:
        return None
    request = stored.value
    if request.decided_at is None and request.status != "responded":
        decision = await _decision(store, request)
        request = await queue.change(store, request_id, lambda one: queue.planned(one, decision, at)) or request
    return request.answer.due_at if request.answer else None


async def _decision(store: Store, request: SimulatedRequest) -> Decision:
    """The partner's answer by its own clock at the time the request came."""
    stored = await simulated(store, request.partner)
    if stored is None:
        return Decision(kind="manual")
    partner = stored.value
    now = request.received_at.astimezone(ZoneInfo(partner.hours.time_zone))
    missing = not_to_be_had(await shelf_of(store, partner.id), request.asked, now, partner)
    return missing or await _by_scenario(store, request, now, partner)


async def _by_scenario(store: Store, request: SimulatedRequest, now: datetime, partner: Partner) -> Decision:
    scenarios = await scenarios_of(store, partner.id)
    return decide(scenarios, request.asked, now, partner, taken=await _taken(store, request))


async def _taken(store: Store, request: SimulatedRequest) -> dict[str, int]:
    """Scenario → how many requests of this conversation it has answered or is about to."""
    if request.thread is None:
        return {}
    before = Query(
        {"thread": request.thread, "received_at": {"le": request.received_at}}, order="-received_at", limit=PAGE_MAX
    )
    page = await store.query(REQUESTS, before)
    earlier = [one.value for one in page.items if one.value.partner == request.partner and one.value.id != request.id]
    return dict(Tally(one.scenario for one in earlier if one.scenario))
