"""When a scenario answers: a tree of AND, OR, NOT over what is wanted, the kind, the time, the value, the customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from shared.discovery.hours import WEEKDAYS, Weekday
from shared.discovery.manifests.words import words_in
from shared.money.amounts import Money
from shared.simulator.asked import Asked, RequestType
from shared.wire import Plain

BRANCHES_MAX = 10
DEPTH_MAX = 5
LEAVES_MAX = 40
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of the partner's own day, such as 17:00."""
Phrase = Annotated[str, Field(min_length=1, max_length=100)]


class ProductLeaf(Plain):
    """All words of one of the phrases are in what is asked for; plurals are alike."""

    type: Literal["product"] = "product"
    any_of: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=20)]


class RequestLeaf(Plain):
    """The request is one of these kinds."""

    type: Literal["request"] = "request"
    any_of: Annotated[tuple[RequestType, ...], Field(min_length=1, max_length=4)]


class TimeLeaf(Plain):
    """It comes on one of the weekdays, from `after` on and before `before`, by the partner's clock.

    With `after` later than `before` the span goes over midnight.
    """

    type: Literal["time"] = "time"
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    after: Clock | None = None
    before: Clock | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.weekdays and self.after is None and self.before is None:
            raise ValueError("say weekdays, after or before")
        if self.after is not None and self.after == self.before:
            raise ValueError("`after` and `before` are the same: leave both out for the whole day")
        return self


class ValueLeaf(Plain):
    """The order is worth more than `over` and less than `under`; in another currency it is neither."""

    type: Literal["order_value"] = "order_value"
    over: Money | None = None
    under: Money | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.over is None and self.under is None:
            raise ValueError("say over or under")
        return self


class CustomerLeaf(Plain):
    """The customer is one of these, by name or id."""

    type: Literal["customer"] = "customer"
    any_of: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=20)]


Leaf = ProductLeaf | RequestLeaf | TimeLeaf | ValueLeaf | CustomerLeaf


class Branch(Plain):
    """All of, one of, or none of; `not` has exactly one."""

    op: Literal["and", "or", "not"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=BRANCHES_MAX)]

    @model_validator(mode="after")
    def _not_one(self) -> Self:
        if self.op == "not" and len(self.of) != 1:
            raise ValueError("`not` has exactly one condition: put an `or` around several")
        return self


def _kind(given: Any) -> str:
    """Which of the models a condition is meant to be."""
    if isinstance(given, Branch) or (isinstance(given, dict) and "op" in given):
        return "branch"
    kind = given.get("type") if isinstance(given, dict) else getattr(given, "type", None)
    return str(kind)


Condition = Annotated[
    Annotated[Branch, Tag("branch")]
    | Annotated[ProductLeaf, Tag("product")]
    | Annotated[RequestLeaf, Tag("request")]
    | Annotated[TimeLeaf, Tag("time")]
    | Annotated[ValueLeaf, Tag("order_value")]
    | Annotated[CustomerLeaf, Tag("customer")],
    Discriminator(_kind),
]


def _within_limits(condition: Branch | Leaf) -> Branch | Leaf:
    if _depth(condition) > DEPTH_MAX:
        raise ValueError(f"conditions stand in each other {DEPTH_MAX} deep at most")
    if sum(1 for _ in leaves(condition)) > LEAVES_MAX:
        raise ValueError(f"a tree has {LEAVES_MAX} conditions at most: make several scenarios")
    return condition


Trigger = Annotated[Condition, AfterValidator(_within_limits)]
"""A whole tree, not too deep and not too wide."""


def holds(condition: Branch | Leaf | None, asked: Asked, now: datetime) -> bool:
    """Whether a condition holds for a request; none always does. now: by the partner's own clock."""
    match condition:
        case None:
            return True
        case Branch(op="and"):
            return all(holds(one, asked, now) for one in condition.of)
        case Branch(op="or"):
            return any(holds(one, asked, now) for one in condition.of)
        case Branch():
            return not holds(condition.of[0], asked, now)
        case ProductLeaf():
            words = set(words_in(asked.wanted))
            return any(is_in(phrase, words) for phrase in condition.any_of)
        case RequestLeaf():
            return asked.type in condition.any_of
        case TimeLeaf():
            return _is_time(condition, now)
        case ValueLeaf():
            return _is_worth(condition, asked.facts.order_value)
        case CustomerLeaf():
            return asked.facts.customer.casefold() in {one.casefold() for one in condition.any_of}


def is_in(phrase: str, words: set[str]) -> bool:
    """Whether all words of a phrase, and one at least, are among these."""
    said = words_in(phrase)
    return bool(said) and words.issuperset(said)


def leaves(condition: Branch | Leaf | None) -> Iterator[Leaf]:
    """The leaves of a tree, left to right."""
    if isinstance(condition, Branch):
        for one in condition.of:
            yield from leaves(one)
    elif condition is not None:
        yield condition


def contradictions(condition: Branch | Leaf | None) -> Iterator[str]:
    """What can never hold, because two conditions of one `and` shut each other out; a sentence each."""
    if not isinstance(condition, Branch):
        return
    if condition.op == "and":
        yield from _shut_out(condition)
    for one in condition.of:
        yield from contradictions(one)


def _shut_out(branch: Branch) -> Iterator[str]:
    kinds = [set(one.any_of) for one in branch.of if isinstance(one, RequestLeaf)]
    if kinds and not set.intersection(*kinds):
        yield "no request is of all these kinds at once: join them by `or`"
    days = [set(one.weekdays) for one in branch.of if isinstance(one, TimeLeaf) and one.weekdays]
    if days and not set.intersection(*days):
        yield "no day is all these weekdays at once: join them by `or`"
    values = [one for one in branch.of if isinstance(one, ValueLeaf)]
    over = max((one.over.minor for one in values if one.over), default=None)
    under = min((one.under.minor for one in values if one.under), default=None)
    if over is not None and under is not None and over + 1 >= under:
        yield "no order is worth more than `over` and less than `under`"


def _depth(condition: Branch | Leaf) -> int:
    return 1 + max(map(_depth, condition.of)) if isinstance(condition, Branch) else 1


def _is_time(leaf: TimeLeaf, now: datetime) -> bool:
    if leaf.weekdays and WEEKDAYS[now.weekday()] not in leaf.weekdays:
        return False
    clock = f"{now:%H:%M}"
    after, before = leaf.after or "00:00", leaf.before or "24:00"
    return after <= clock < before if after <= before else clock >= after or clock < before


def _is_worth(leaf: ValueLeaf, value: Money | None) -> bool:
    bounds = [bound for bound in (leaf.over, leaf.under) if bound]
    if value is None or any(bound.currency != value.currency for bound in bounds):
        return False
    over = leaf.over is None or value > leaf.over
    return over and (leaf.under is None or value < leaf.under)
