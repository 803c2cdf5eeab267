"""Who may do what: every role against every need, whose an order is, and the limits of agents."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.people import access
from shared.people.access import (
    AGENT_MAY,
    ANONYMOUS,
    APPROVAL_OVER_MINOR,
    ORDER_MAX_MINOR,
    PARTY_ROLES,
    PUBLIC,
    ROLE_SCOPES,
    SCOPES,
    SIGNED_IN,
    Caller,
    Decision,
    Limits,
    Need,
    Party,
    Role,
    Verdict,
    decide,
    is_party,
    may_see_order,
    order_verdict,
    owns,
    roles_of,
    scopes_of,
)

STAFF = {"admin", "ops", "regional", "curator", "super"}
OPERATORS = STAFF - {"curator"}

# What each role can open, written down a second time by hand: role of the route → roles that get in.
LETS_IN = {
    "customer": {"customer"},
    "partner": {"partner"},
    "hub": {"hub"},
    "worker": {"worker"},
    "admin": STAFF,
    "ops": {"ops", "super"},
    "regional": {"regional", "super"},
    "curator": {"curator", "super"},
    "super": {"super"},
    "agent": {"agent"},
}

# Scope → roles that have it without the token naming it.
HAVE = {
    "orders:read": {"customer", "partner", "hub", "worker", *OPERATORS},
    "orders:write": {"customer", "super"},
    "deliveries:write": {"customer", "worker", "super"},
    "approvals:read": {"customer", *OPERATORS},
    "approvals:write": {"customer", "super"},
    "mandates:read": {"customer", "super"},
    "mandates:write": {"customer", "super"},
    "intents:read": {"customer", *OPERATORS},
    "intents:write": {"customer", "super"},
    "negotiations:read": {"customer", "partner", "hub", *OPERATORS},
    "negotiations:write": {"partner", "hub", "ops", "super"},
    "catalog:write": {"partner", "hub", "curator", "super"},
    "tasks:read": {"partner", "hub", "worker", *OPERATORS},
    "tasks:write": {"partner", "hub", "worker", "super"},
    "finance:read": {"partner", "hub", "worker", *OPERATORS},
    "finance:write": {"partner", "hub", "worker", "super"},
    "curation:write": {"curator", "super"},
    "operations:read": OPERATORS,
    "operations:write": OPERATORS,
    "simulator:write": {"admin", "ops", "curator", "super"},
    "settings:write": {"super"},
}

# Scope → may an agent's token carry it?
AGENTS_MAY = {
    "orders:read", "orders:write", "deliveries:write", "approvals:read", "mandates:read", "intents:read",
    "intents:write", "negotiations:read",
}  # fmt: skip


def person(role: Role | str, subject: str = "someone", scopes: tuple[str, ...] = ()) -> Caller:
    return Caller(subject, frozenset({Role(role)}), frozenset(scopes))


def agent(*scopes: str, acting_for: str = "ann", limits: Limits | None = None) -> Caller:
    return Caller("bot", frozenset({Role.AGENT}), frozenset(scopes), acting_for, limits)


def caller_with(role: Role, *scopes: str) -> Caller:
    return agent(*scopes) if role is Role.AGENT else person(role, scopes=scopes)


def test_the_tables_name_every_role_and_scope() -> None:
    assert set(LETS_IN) == {role.value for role in Role} == {role.value for role in ROLE_SCOPES}
    assert set(HAVE) == set(SCOPES)
    assert all(text.endswith(".") and len(text) > 10 for text in SCOPES.values())


@pytest.mark.parametrize("asked", Role)
@pytest.mark.parametrize("role", Role)
def test_every_role_at_every_role(role: Role, asked: Role) -> None:
    decision = decide(caller_with(role), Need(roles=frozenset({asked})))
    assert decision.allowed is (role in LETS_IN[asked])
    assert decision.missing == (() if decision.allowed else (asked.value,))


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", Role)
def test_every_role_at_every_scope(role: Role, scope: str) -> None:
    decision = decide(caller_with(role), Need(scopes=frozenset({scope})))
    assert decision.allowed is (role in HAVE[scope])
    assert decision.missing == (() if decision.allowed else (scope,))


@pytest.mark.parametrize("scope", SCOPES)
def test_an_agent_needs_the_scope_named_and_never_gets_more_than_a_customer_can_hand_on(scope: str) -> None:
    need = Need(roles=frozenset({Role.CUSTOMER, Role.AGENT}), scopes=frozenset({scope}))
    assert not decide(agent(), need).allowed
    assert decide(agent(*SCOPES), need).allowed is (scope in AGENTS_MAY)
    assert decide(agent(*(SCOPES.keys() - {scope})), need) == Decision(False, "the token does not cover it", (scope,))


@given(st.sampled_from([r for r in Role if r is not Role.AGENT]), st.frozensets(st.sampled_from(sorted(SCOPES))))
def test_scopes_of_a_token_only_ever_narrow_a_person(role: Role, named: frozenset[str]) -> None:
    everything = scopes_of(person(role))
    assert scopes_of(person(role, scopes=tuple(named))) == (everything & named if named else everything)


@given(st.frozensets(st.sampled_from(sorted(SCOPES))))
def test_an_agent_may_no_more_than_its_customer(named: frozenset[str]) -> None:
    assert scopes_of(agent(*named)) <= named
    assert scopes_of(agent(*named)) < scopes_of(person(Role.CUSTOMER))


def test_who_is_unknown_gets_only_what_is_public() -> None:
    assert decide(ANONYMOUS, PUBLIC).allowed
    assert decide(ANONYMOUS, SIGNED_IN) == Decision(False, "nobody is signed in", tuple(sorted(Role)))
    assert decide(ANONYMOUS, Need(scopes=frozenset({"orders:read"}))).missing == ("orders:read",)
    assert scopes_of(ANONYMOUS) == roles_of(ANONYMOUS) == frozenset()


def test_who_has_no_role_is_known_and_may_nothing_else() -> None:
    nobody = Caller("someone")
    assert not nobody.is_anonymous
    assert decide(nobody, PUBLIC).allowed
    assert not decide(nobody, SIGNED_IN).allowed


@pytest.mark.parametrize("role", Role)
def test_every_role_is_signed_in(role: Role) -> None:
    assert decide(caller_with(role), SIGNED_IN).allowed
    assert decide(caller_with(role), PUBLIC).allowed


def test_all_scopes_of_a_need_are_asked_for_and_one_of_its_roles() -> None:
    need = Need(frozenset({Role.WORKER, Role.HUB}), frozenset({"tasks:read", "deliveries:write"}))
    assert decide(person(Role.WORKER), need).allowed
    assert decide(person(Role.HUB), need).missing == ("deliveries:write",)
    assert decide(person(Role.CUSTOMER), need).missing == ("hub", "worker")


def test_two_roles_count_together() -> None:
    both = Caller("someone", frozenset({Role.CUSTOMER, Role.PARTNER}))
    assert scopes_of(both) == scopes_of(person(Role.CUSTOMER)) | scopes_of(person(Role.PARTNER))


def test_a_need_with_an_unknown_scope_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="unknown scopes orders:eat"):
        Need(scopes=frozenset({"orders:eat"}))


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"subject": "", "roles": frozenset({Role.CUSTOMER})}, "without a subject"),
        ({"subject": "", "scopes": frozenset({"orders:read"})}, "without a subject"),
        ({"subject": "bot", "roles": frozenset({Role.AGENT})}, "acting_for"),
        ({"subject": "bot", "roles": frozenset({Role.AGENT, Role.ADMIN}), "acting_for": "ann"}, "no other role"),
        ({"subject": "cat", "roles": frozenset({Role.CUSTOMER}), "acting_for": "ann"}, "only an agent"),
        ({"subject": "cat", "roles": frozenset({Role.CUSTOMER}), "limits": Limits()}, "only an agent"),
    ],
)
def test_callers_that_make_no_sense_cannot_be_made(given_: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Caller(**given_)  # type: ignore[arg-type]


def test_a_customer_owns_what_is_theirs_and_so_does_their_agent() -> None:
    assert owns(person(Role.CUSTOMER, "ann"), "ann")
    assert owns(agent(acting_for="ann"), "ann")
    assert not owns(person(Role.CUSTOMER, "bob"), "ann")
    assert not owns(agent(acting_for="bob"), "ann")
    assert not owns(agent(acting_for="ann"), "bot")
    assert not owns(person(Role.PARTNER, "ann"), "ann")
    assert not owns(person(Role.SUPER, "ann"), "ann")
    assert not owns(ANONYMOUS, "")


@pytest.mark.parametrize("kind", Role)
@pytest.mark.parametrize("role", Role)
def test_a_party_is_known_by_role_and_id_together(role: Role, kind: Role) -> None:
    who = Caller("p1", frozenset({role}), acting_for="p1" if role is Role.AGENT else None)
    assert is_party(who, Party(kind, "p1")) is (role == kind and kind in PARTY_ROLES)
    assert not is_party(who, Party(kind, "p2"))


def test_an_order_is_seen_by_its_customer_their_agent_its_parties_and_operations() -> None:
    parties = [Party(Role.PARTNER, "shop"), Party(Role.HUB, "hub"), Party(Role.WORKER, "rider")]
    may = [
        person(Role.CUSTOMER, "ann"), agent(acting_for="ann"), person(Role.PARTNER, "shop"), person(Role.HUB, "hub"),
        person(Role.WORKER, "rider"), person(Role.OPS), person(Role.REGIONAL), person(Role.SUPER),
        person(Role.ADMIN),
    ]  # fmt: skip
    may_not = [
        ANONYMOUS, Caller("ann"), person(Role.CUSTOMER, "bob"), person(Role.CUSTOMER, "shop"), agent(acting_for="bob"),
        person(Role.PARTNER, "rider"), person(Role.WORKER, "shop"), person(Role.CURATOR),
        agent("operations:read", acting_for="bob"), person(Role.OPS, scopes=("simulator:write",)),
    ]  # fmt: skip
    assert [may_see_order(who, "ann", parties) for who in may] == [True] * len(may)
    assert [may_see_order(who, "ann", parties) for who in may_not] == [False] * len(may_not)


@pytest.mark.parametrize(
    ("minor", "verdict"),
    [
        (0, Verdict.ALLOWED),
        (20_000, Verdict.ALLOWED),
        (20_001, Verdict.NEEDS_APPROVAL),
        (1_000_000, Verdict.NEEDS_APPROVAL),
        (1_000_001, Verdict.REFUSED),
    ],
)
def test_an_agent_s_order_by_its_amount(minor: int, verdict: Verdict) -> None:
    assert order_verdict(agent("orders:write"), minor, "USD") is verdict


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENT])
def test_people_have_no_limit(role: Role) -> None:
    assert order_verdict(person(role), 5_000_000, "USD", consent=Limits(0, 0)) is Verdict.ALLOWED


def test_token_and_consent_each_bring_the_limits_down() -> None:
    careful = agent(limits=Limits(approval_over_minor=5_000, order_max_minor=9_000))
    assert [order_verdict(careful, minor, "USD") for minor in (5_000, 5_001, 9_000, 9_001)] == [
        Verdict.ALLOWED, Verdict.NEEDS_APPROVAL, Verdict.NEEDS_APPROVAL, Verdict.REFUSED,
    ]  # fmt: skip
    assert order_verdict(careful, 100, "USD", consent=Limits(approval_over_minor=50)) is Verdict.NEEDS_APPROVAL
    assert order_verdict(careful, 100, "USD", consent=Limits(order_max_minor=50)) is Verdict.REFUSED
    assert order_verdict(agent(), 100, "USD", consent=Limits(0, 0)) is Verdict.REFUSED


AMOUNTS = st.integers(0, 10**9)
LIMITS = st.builds(Limits, AMOUNTS, AMOUNTS)
SEVERITY = [Verdict.ALLOWED, Verdict.NEEDS_APPROVAL, Verdict.REFUSED]


@given(AMOUNTS, LIMITS, LIMITS)
def test_no_token_and_no_consent_ever_widens_the_platform_s_limits(minor: int, token: Limits, consent: Limits) -> None:
    plain = order_verdict(agent(), minor, "USD")
    narrowed = order_verdict(agent(limits=token), minor, "USD", consent)
    assert SEVERITY.index(narrowed) >= SEVERITY.index(plain)
    assert token.approval_over_minor <= APPROVAL_OVER_MINOR
    assert token.order_max_minor <= ORDER_MAX_MINOR
    assert token.narrowed_by(consent) == consent.narrowed_by(token)


def test_limits_hold_in_their_own_currency_only() -> None:
    assert order_verdict(agent(), 1, "KWD") is Verdict.REFUSED
    assert order_verdict(person(Role.CUSTOMER), 1, "KWD") is Verdict.ALLOWED


@pytest.mark.parametrize("limits", [(-1, 0), (0, -1)])
def test_limits_and_totals_below_zero_are_refused(limits: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        Limits(*limits)
    with pytest.raises(ValueError, match="zero or more"):
        order_verdict(agent(), -1, "USD")


def test_the_numbers_of_the_rules() -> None:
    assert (APPROVAL_OVER_MINOR, ORDER_MAX_MINOR) == (200_00, 10_000_00)
    assert AGENT_MAY == AGENTS_MAY


def test_the_module_is_pure() -> None:
    tree = ast.parse(Path(access.__file__).read_text(encoding="utf-8"))
    loaded = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    loaded |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert loaded <= {"__future__", "collections.abc", "dataclasses", "enum", "typing"}
