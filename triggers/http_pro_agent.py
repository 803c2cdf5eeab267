"""Routes: a partner's Pro-Agent: by which rules it accepts orders alone, and which it has accepted."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from shared.discovery.partners import PARTNERS, Partner
from shared.errors import CHANGED, NOT_FOUND, AppError
from shared.money.amounts import Money
from shared.people.access import Caller, Need, Role
from shared.people.pro_agent import ACCEPTED, RULES_MAX, Rule
from shared.records import Query, Stored, Write
from shared.wiring import Deps
from triggers import audit
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.parse import Input, Output, Paging

routes = Routes("pro-agent")
PARTNER = frozenset({Role.PARTNER})
READER = Need(roles=PARTNER, scopes=frozenset({"tasks:read"}))
OWNER = Need(roles=PARTNER, scopes=frozenset({"tasks:write"}))


class ProAgentBody(Input):
    """Accept everything within stock and capacity, or what any of the rules accepts; of the rest one is asked."""

    accepts_all: bool = False
    rules: list[Rule] = Field(default_factory=list, max_length=RULES_MAX)


class RuleView(Output):
    """A rule, and the same in words."""

    rule: Rule
    words: str


class ProAgentView(Output):
    """What is accepted without asking."""

    accepts_all: bool
    rules: list[RuleView]


class AcceptedView(Output):
    """An order that was accepted alone; rule: by which, in words as they were then."""

    order: str
    leg: str
    title: str
    price: Money
    rule: str
    starts: AwareDatetime
    at: AwareDatetime


class AcceptedList(Output):
    """The newest first."""

    items: list[AcceptedView]
    next: str | None


@routes.get("/api/v1/partners/{partner_id}/pro-agent", need=READER)
async def get_pro_agent(partner_id: str, caller: Caller, deps: Deps, about: About) -> Answer[ProAgentView]:
    """What is accepted without asking."""
    stored = await _own(partner_id, caller, deps, about)
    return Answer(_view(stored.value), etag=stored.etag)


@routes.put("/api/v1/partners/{partner_id}/pro-agent", need=OWNER, errors=(CHANGED,))
async def set_pro_agent(
    partner_id: str, body: ProAgentBody, caller: Caller, deps: Deps, about: About
) -> Answer[ProAgentView]:
    """Say what is to be accepted without asking, from the next order on."""
    stored = await _own(partner_id, caller, deps, about)
    news = {"accepts_alone": body.accepts_all, "pro_agent": tuple(body.rules)}
    write = Write("replace", stored.value.model_copy(update=news), about.if_match or stored.etag)
    (kept,) = await deps.store.apply(PARTNERS, partner_id, [write])
    assert kept is not None
    return Answer(_view(kept.value), etag=kept.etag)


@routes.get("/api/v1/partners/{partner_id}/pro-agent/activity", need=READER)
async def list_accepted(partner_id: str, query: Paging, caller: Caller, deps: Deps, about: About) -> AcceptedList:
    """Which orders were accepted without asking, the newest first."""
    await _own(partner_id, caller, deps, about)
    page = await deps.store.query(ACCEPTED, Query({}, partner_id, "-at", query.limit, query.after))
    items = [
        AcceptedView.model_validate(one.value.model_dump(include=set(AcceptedView.model_fields))) for one in page.items
    ]
    return AcceptedList(items=items, next=page.next)


async def _own(partner_id: str, caller: Caller, deps: Deps, about: About) -> Stored[Partner]:
    """The partner, if it is the caller; else nobody learns whether there is one."""
    await deps.catalog_ready()
    stored = await deps.store.get(PARTNERS, partner_id, partner_id) if caller.subject == partner_id else None
    if stored is None:
        audit.refused_object(caller, f"partner {partner_id}", about)
        raise AppError(NOT_FOUND, "There is no such partner, or it is not you.")
    return stored


def _view(partner: Partner) -> ProAgentView:
    rules = [RuleView(rule=one, words=one.words) for one in partner.pro_agent]
    return ProAgentView(accepts_all=partner.accepts_alone, rules=rules)
