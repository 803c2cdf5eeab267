"""Routes: requests that wait for a person to answer them in a simulated partner's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import azure.durable_functions as df
from pydantic import Field

from shared.discovery.partners import Line, PartnerId
from shared.errors import CONFLICT, NOT_FOUND, AppError
from shared.people.access import Caller
from shared.records import Query, Write
from shared.simulator.asked import RequestType
from shared.simulator.queue import REQUESTS, Answer, ImpossibleMove, SimulatedRequest, Status
from shared.simulator.response_templates import RESPONSE_TEMPLATES, ByHand, ResponseTemplate, Words, checked, typed
from shared.simulator.scenarios import Counter
from shared.simulator.templates import Template
from shared.wiring import Deps
from triggers import endpoint
from triggers.about import About
from triggers.endpoint import Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output, Paging, When
from triggers.simulating import STAFF, refused

routes = Routes("simulator")
QUEUE = "/api/v1/simulator/queue"
TEMPLATES = "/api/v1/simulator/templates"
BULK_MAX = 100
CONVERSATION_MAX = 50
OPEN: tuple[Status, ...] = ("pending", "assigned")
RequestId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.:@=+-]+$")]


class RequestQuery(Paging):
    """Which requests: of a partner, of a kind, in a state, received since and before."""

    partner: PartnerId | None = None
    type: RequestType | None = None
    status: Status | None = None
    since: When | None = None
    before: When | None = None


class RequestList(Output):
    """Requests, the newest first."""

    items: list[SimulatedRequest]
    next: str | None


class RequestDetail(Output):
    """A request, and what else was said to this partner in the same conversation, the oldest first."""

    request: SimulatedRequest
    conversation: list[SimulatedRequest]


class AssignBody(Input):
    """To whom; oneself where nobody is named."""

    to: str | None = Field(default=None, min_length=1, max_length=100)


class RespondBody(Input):
    """An answer: a template, or a decision with its words. counter: what a counter-offer or new price offers."""

    template: str | None = Field(default=None, min_length=1, max_length=63)
    decision: ByHand | None = None
    text: str | None = Field(default=None, min_length=1, max_length=1_500)
    counter: Counter | None = None


class BulkBody(RespondBody):
    """The same answer to several requests."""

    requests: Annotated[list[RequestId], Field(min_length=1, max_length=BULK_MAX)]


class BulkResult(Output):
    """What became of one request."""

    request: str
    result: Literal["responded", "not_found", "conflict"]


class BulkResults(Output):
    """What became of each."""

    items: list[BulkResult]
    responded: int


class TemplateBody(Input):
    """An answer to be used again, with places for the facts of a request, such as {requested_item}."""

    name: Line
    decision: ByHand
    text: Template
    counter: Counter | None = None


class TemplateList(Output):
    """Answers to be used again."""

    items: list[ResponseTemplate]
    next: str | None


@routes.get(QUEUE, need=STAFF)
async def list_queue(query: RequestQuery, deps: Deps) -> RequestList:
    """What waits for an answer, the newest first; with a status what is in it."""
    where: dict[str, object] = {"status": query.status or {"in": OPEN}}
    return await page_of(query, where, deps)


@routes.get(f"{QUEUE}/{{request_id}}", need=STAFF)
async def get_request(request_id: str, deps: Deps) -> RequestDetail:
    """A request with all its details and the conversation it stands in."""
    request = await _request(request_id, deps)
    if request.thread is None:
        return RequestDetail(request=request, conversation=[request])
    page = await deps.store.query(
        REQUESTS, Query({"thread": request.thread}, order="-received_at", limit=CONVERSATION_MAX)
    )
    same = [stored.value for stored in page.items if stored.value.partner == request.partner]
    return RequestDetail(request=request, conversation=same[::-1])


@routes.post(f"{QUEUE}/{{request_id}}/assign", need=STAFF, errors=(CONFLICT,))
async def assign_request(request_id: str, body: AssignBody, caller: Caller, deps: Deps) -> SimulatedRequest:
    """Take a request on, or give it to somebody."""
    from shared.simulator import queue  # noqa: PLC0415  with the first one, not with the app

    try:
        after = await queue.change(deps.store, request_id, lambda one: queue.assigned(one, body.to or caller.subject))
    except ImpossibleMove as no:
        raise AppError(CONFLICT, f"Nobody can take it on: {no}.") from None
    return _there(after)


@routes.post(f"{QUEUE}/{{request_id}}/respond", need=STAFF, errors=(CONFLICT,))
async def respond_to_request(
    request_id: str,
    body: RespondBody,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> SimulatedRequest:
    """Answer in the partner's name, on its own channel; the same answer again changes nothing."""
    words = await _words(body, deps)
    try:
        return _there(await _respond(request_id, words, caller, deps, about, client))
    except ImpossibleMove as no:
        raise AppError(CONFLICT, f"It cannot be answered: {no}.") from None


@routes.post(f"{QUEUE}/respond", need=STAFF)
async def respond_to_many(
    body: BulkBody, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> BulkResults:
    """Give several requests the same answer, each with its own facts in it; says what became of each."""
    words = await _words(body, deps)
    items: list[BulkResult] = []
    for request_id in dict.fromkeys(body.requests):
        try:
            after = await _respond(request_id, words, caller, deps, about, client)
        except ImpossibleMove:
            items.append(BulkResult(request=request_id, result="conflict"))
        else:
            items.append(BulkResult(request=request_id, result="responded" if after else "not_found"))
    return BulkResults(items=items, responded=sum(one.result == "responded" for one in items))


@routes.get(TEMPLATES, need=STAFF)
async def list_templates(query: Paging, deps: Deps) -> TemplateList:
    """Answers to be used again."""
    page = await deps.store.query(RESPONSE_TEMPLATES, Query({}, limit=query.limit, after=query.after))
    return TemplateList(items=[stored.value for stored in page.items], next=page.next)


@routes.post(TEMPLATES, need=STAFF, status=201)
async def create_template(body: TemplateBody, deps: Deps, about: About) -> endpoint.Answer[ResponseTemplate]:
    """Keep an answer to be used again."""
    name = work_id(about, "simulator", body.name)
    template = _kept(name, body)
    await deps.store.apply(RESPONSE_TEMPLATES, name, [Write("put", template)])
    return endpoint.Answer(template, location=f"{TEMPLATES}/{name}")


@routes.put(f"{TEMPLATES}/{{template_id}}", need=STAFF)
async def change_template(template_id: str, body: TemplateBody, deps: Deps) -> ResponseTemplate:
    """Change an answer to be used again."""
    template = _kept(template_id, body)
    await deps.store.apply(RESPONSE_TEMPLATES, template_id, [Write("replace", template)])
    return template


@routes.delete(f"{TEMPLATES}/{{template_id}}", need=STAFF)
async def remove_template(template_id: str, deps: Deps) -> ResponseTemplate:
    """Take an answer away."""
    stored = await deps.store.get(RESPONSE_TEMPLATES, template_id, template_id)
    if stored is None:
        raise AppError(NOT_FOUND, "There is no such template.")
    await deps.store.apply(RESPONSE_TEMPLATES, template_id, [Write("delete", stored.value)])
    return stored.value


async def page_of(query: RequestQuery, where: Mapping[str, object], deps: Deps) -> RequestList:
    """Requests by a query and more conditions, the newest first."""
    wanted = Query({**where_of(query), **where}, None, "-received_at", query.limit, query.after)
    page = await deps.store.query(REQUESTS, wanted)
    return RequestList(items=[stored.value for stored in page.items], next=page.next)


def where_of(query: RequestQuery) -> dict[str, object]:
    """The conditions of a query on its partner, kind, state and span."""
    where: dict[str, object] = {
        name: value for name in ("partner", "type", "status") if (value := getattr(query, name)) is not None
    }
    span = {"ge": query.since, "lt": query.before}
    bounds = {operator: at for operator, at in span.items() if at is not None}
    return {**where, "received_at": bounds} if bounds else where


async def _respond(
    request_id: str,
    words: Words,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> SimulatedRequest | None:
    """Keep a person's answer and have it said; None where there is no such request. Raises ImpossibleMove."""
    from shared.simulator import queue  # noqa: PLC0415
    from shared.simulator.answering import begin  # noqa: PLC0415
    from shared.simulator.partners import simulated  # noqa: PLC0415

    stored = await deps.store.get(REQUESTS, request_id, request_id)
    partner = await simulated(deps.store, stored.value.partner) if stored else None
    if stored is None or partner is None:
        return None
    text, counter = words.said(stored.value.asked, partner.value)
    answer = Answer(
        kind=words.decision, text=text, counter=counter, person=caller.subject, due_at=about.now, said_at=about.now
    )
    after = await queue.change(deps.store, request_id, lambda one: queue.answered(one, answer))
    await begin(client, request_id, by_hand=True)
    return after


async def _words(body: RespondBody, deps: Deps) -> Words:
    """The answer that is meant: one that is kept, or one made of the body. Raises AppError."""
    if (body.template is None) == (body.decision is None):
        raise refused("template", "Send a template or a decision, one of them.")
    if body.template is not None:
        stored = await deps.store.get(RESPONSE_TEMPLATES, body.template, body.template)
        if stored is None:
            raise refused("template", "There is no such template.")
        return stored.value.words
    assert body.decision is not None
    try:
        return typed(body.decision, body.text, body.counter)
    except ValueError:
        raise _no_offer(body.decision) from None


def _kept(template_id: str, body: TemplateBody) -> ResponseTemplate:
    """The template of a body; raises AppError where it offers nothing."""
    try:
        checked(body.decision, body.counter)
    except ValueError:
        raise _no_offer(body.decision) from None
    return ResponseTemplate(id=template_id, **dict(body))


def _no_offer(decision: str) -> AppError:
    return refused("counter", f"A {decision.replace('_', ' ')} needs what is offered, or the new price.")


async def _request(request_id: str, deps: Deps) -> SimulatedRequest:
    stored = await deps.store.get(REQUESTS, request_id, request_id)
    return _there(stored.value if stored else None)


def _there(request: SimulatedRequest | None) -> SimulatedRequest:
    if request is None:
        raise AppError(NOT_FOUND, "There is no such request to a simulated partner.")
    return request
