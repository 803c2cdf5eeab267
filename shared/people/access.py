"""Who may do what: roles, scopes, what a route needs, whose an order is, and how far an agent may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What somebody is to the platform."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    HUB = "hub"
    WORKER = "worker"
    ADMIN = "admin"
    OPS = "ops"
    REGIONAL = "regional"
    CURATOR = "curator"
    SUPER = "super"
    AGENT = "agent"


ALSO: dict[Role, frozenset[Role]] = {
    Role.OPS: frozenset({Role.ADMIN}),
    Role.REGIONAL: frozenset({Role.ADMIN}),
    Role.CURATOR: frozenset({Role.ADMIN}),
    Role.SUPER: frozenset({Role.ADMIN, Role.OPS, Role.REGIONAL, Role.CURATOR}),
}
"""Role → the roles it is let in as besides its own: a route for `admin` takes all of the staff."""

SCOPES: dict[str, str] = {
    "orders:read": "See orders with their legs, timeline and ledger.",
    "orders:write": "Place orders, change them and try changes out.",
    "deliveries:write": "Confirm deliveries, which releases the money held for them.",
    "approvals:read": "See what waits for an approval.",
    "approvals:write": "Approve or reject in one's own name; never given to an agent.",
    "mandates:read": "See which agents may pay in one's name, and what they have spent.",
    "mandates:write": "Let agents pay in one's name, and take that back; never given to an agent.",
    "intents:read": "See standing intents and their progress.",
    "intents:write": "Set up, change and cancel standing intents.",
    "negotiations:read": "Follow negotiations about one's orders.",
    "negotiations:write": "Answer proposals and make counter-offers.",
    "catalog:write": "Keep products, capabilities, prices and stock.",
    "tasks:read": "See the tasks of one's own queue.",
    "tasks:write": "Accept, do and hand over tasks.",
    "finance:read": "See what one has earned: what is held, released and paid out.",
    "finance:write": "Say where and when one's own money is paid out.",
    "curation:write": "Keep bundles, promotions and rankings.",
    "operations:read": "See every order, the health of the system and its figures.",
    "operations:write": "Intervene in running orders and settle disputes.",
    "simulator:write": "Set up, run and take away simulated partners.",
    "settings:write": "Set fees and the ways of the protocols.",
}
"""Scope → what it lets its holder do, as shown to whoever grants it."""

PERSON_ONLY = frozenset({"approvals:write", "mandates:write"})
"""What the customer does in person: an agent that could approve would approve its own orders."""

_STAFF_READ = frozenset(
    {
        "orders:read", "approvals:read", "intents:read", "negotiations:read", "tasks:read", "finance:read",
        "operations:read",
    }
)  # fmt: skip

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.CUSTOMER: frozenset(
        {
            "orders:read", "orders:write", "deliveries:write", "approvals:read", "approvals:write",
            "mandates:read", "mandates:write", "intents:read", "intents:write", "negotiations:read",
        }
    ),
    Role.PARTNER: frozenset(
        {
            "orders:read", "negotiations:read", "negotiations:write", "catalog:write", "tasks:read", "tasks:write",
            "finance:read", "finance:write",
        }
    ),
    Role.HUB: frozenset(
        {
            "orders:read", "negotiations:read", "negotiations:write", "catalog:write", "tasks:read", "tasks:write",
            "finance:read", "finance:write",
        }
    ),
    Role.WORKER: frozenset(
        {"orders:read", "tasks:read", "tasks:write", "deliveries:write", "finance:read", "finance:write"}
    ),
    Role.ADMIN: _STAFF_READ | {"operations:write", "simulator:write"},
    Role.OPS: _STAFF_READ | {"operations:write", "simulator:write", "negotiations:write"},
    Role.REGIONAL: _STAFF_READ | {"operations:write"},
    Role.CURATOR: frozenset({"catalog:write", "curation:write", "simulator:write"}),
    Role.SUPER: frozenset(SCOPES),
    Role.AGENT: frozenset(),
}  # fmt: skip
"""Role → all that comes with it, none inherited through ALSO; an agent has nothing but what its token names."""

AGENT_MAY = ROLE_SCOPES[Role.CUSTOMER] - PERSON_ONLY
"""What a customer can hand on to an agent."""

LIMIT_CURRENCY = "USD"
APPROVAL_OVER_MINOR = 20_000
ORDER_MAX_MINOR = 1_000_000


@dataclass(frozen=True)
class Limits:
    """How far an agent may go with one order, in minor units of LIMIT_CURRENCY.

    Over approval_over_minor the customer decides in person; over order_max_minor it is refused. Both are at most the
    platform's own: whatever is higher is brought down to those. Raises ValueError for a limit below zero.
    """

    approval_over_minor: int = APPROVAL_OVER_MINOR
    order_max_minor: int = ORDER_MAX_MINOR

    def __post_init__(self) -> None:
        if min(self.approval_over_minor, self.order_max_minor) < 0:
            raise ValueError(f"the limits of an agent are zero or more, not {self}")
        object.__setattr__(self, "approval_over_minor", min(self.approval_over_minor, APPROVAL_OVER_MINOR))
        object.__setattr__(self, "order_max_minor", min(self.order_max_minor, ORDER_MAX_MINOR))

    def narrowed_by(self, other: Limits) -> Limits:
        """The lower of both, each by each: those of a token and those of a customer's consent."""
        return Limits(
            min(self.approval_over_minor, other.approval_over_minor), min(self.order_max_minor, other.order_max_minor)
        )


class BadToken(Exception):
    """A token that is not believed; reason says why, and holds nothing of the token's content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Caller:
    """Who is calling.

    subject: the id of the customer, partner, hub, worker or member of staff, or of the agent; empty for nobody known.
    scopes: those that the token names. acting_for: the customer an agent acts for. limits: those of an agent's token.
    Raises ValueError for an agent without a customer or with a second role, and for anybody else who acts for one.
    """

    subject: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()
    acting_for: str | None = None
    limits: Limits | None = None

    def __post_init__(self) -> None:
        if self.is_anonymous and (self.roles or self.scopes):
            raise ValueError("a caller without a subject has neither roles nor scopes")
        if self.is_agent and (self.roles != {Role.AGENT} or not self.acting_for):
            raise ValueError("an agent acts for a customer, named in acting_for, and has no other role")
        if not self.is_agent and (self.acting_for is not None or self.limits is not None):
            raise ValueError("only an agent has acting_for and limits")

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing is known of who calls."""
        return not self.subject

    @property
    def is_agent(self) -> bool:
        """Whether this is a program that acts for a customer."""
        return Role.AGENT in self.roles


ANONYMOUS = Caller(subject="")


def roles_of(caller: Caller) -> frozenset[Role]:
    """The caller's roles with those they stand for."""
    return caller.roles.union(*(ALSO.get(role, frozenset()) for role in caller.roles))


def scopes_of(caller: Caller) -> frozenset[str]:
    """What the caller may do.

    An agent: what its token names, of what a customer can hand on. A person: what comes with the roles, and only the
    part that the token names where it names any (a token made for less than all).
    """
    if caller.is_agent:
        return caller.scopes & AGENT_MAY
    with_roles = frozenset[str]().union(*(ROLE_SCOPES[role] for role in caller.roles))
    return with_roles & caller.scopes if caller.scopes else with_roles


@dataclass(frozen=True)
class Need:
    """What a route asks for: one of the roles (any, where none is named) and all of the scopes; nothing: it is public.

    Raises ValueError for a scope that is not in SCOPES.
    """

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if unknown := self.scopes - SCOPES.keys():
            raise ValueError(f"unknown scopes {', '.join(sorted(unknown))}: add them to SCOPES or mend the name")

    @property
    def is_public(self) -> bool:
        """Whether everybody may, known or not."""
        return not self.roles and not self.scopes


PUBLIC = Need()
SIGNED_IN = Need(roles=frozenset(Role))


class Decision(NamedTuple):
    """Whether somebody is let in, why in words for the audit log, and what is missing: one of the roles, or scopes."""

    allowed: bool
    reason: str
    missing: tuple[str, ...] = ()


def decide(caller: Caller, need: Need) -> Decision:
    """Whether the caller has what a route needs; whose the thing behind it is, the functions below tell."""
    if need.is_public:
        return Decision(allowed=True, reason="open to everybody")
    if caller.is_anonymous:
        return Decision(allowed=False, reason="nobody is signed in", missing=_names(need.roles or need.scopes))
    if need.roles and not need.roles & roles_of(caller):
        return Decision(allowed=False, reason="the role is not one of those asked for", missing=_names(need.roles))
    if lacking := need.scopes - scopes_of(caller):
        return Decision(allowed=False, reason="the token does not cover it", missing=_names(lacking))
    return Decision(allowed=True, reason="role and scopes cover it")


def _names(of: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(str(one) for one in of))


class Party(NamedTuple):
    """Somebody with a part in an order: a partner, hub or worker, by id."""

    role: Role
    id: str


PARTY_ROLES = frozenset({Role.PARTNER, Role.HUB, Role.WORKER})


def owns(caller: Caller, customer_id: str) -> bool:
    """Whether the caller is this customer, or an agent acting for them."""
    if caller.is_agent:
        return caller.acting_for == customer_id
    return Role.CUSTOMER in caller.roles and caller.subject == customer_id


def is_party(caller: Caller, party: Party) -> bool:
    """Whether the caller is this partner, hub or worker; the same id under another role is somebody else."""
    return party.role in PARTY_ROLES and party.role in caller.roles and caller.subject == party.id


def may_see_order(caller: Caller, customer_id: str, parties: Iterable[Party] = ()) -> bool:
    """Whether an order of this customer with these parties may be shown.

    Whoever asks answers False and an id that does not exist alike, with NOT_FOUND.
    """
    return (
        owns(caller, customer_id)
        or any(is_party(caller, party) for party in parties)
        or "operations:read" in scopes_of(caller)
    )


class Verdict(StrEnum):
    """What becomes of an order for its amount."""

    ALLOWED = "allowed"
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = "refused"


def order_verdict(caller: Caller, total_minor: int, currency: str, consent: Limits | None = None) -> Verdict:
    """Whether the caller may place an order of this total alone; people always, agents within all limits that apply.

    consent: what the customer has set. In another currency than LIMIT_CURRENCY no limit can be held, so an agent is
    refused. Raises ValueError for a negative total.
    """
    if total_minor < 0:
        raise ValueError(f"the total of an order is zero or more, not {total_minor}")
    if not caller.is_agent:
        return Verdict.ALLOWED
    limits = Limits().narrowed_by(caller.limits or Limits()).narrowed_by(consent or Limits())
    if currency != LIMIT_CURRENCY or total_minor > limits.order_max_minor:
        return Verdict.REFUSED
    return Verdict.NEEDS_APPROVAL if total_minor > limits.approval_over_minor else Verdict.ALLOWED
