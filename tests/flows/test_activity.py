"""The declaration of activities: what is read off a function, and what is refused while it is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import pytest
from pydantic import BaseModel

from activities import activity
from shared.flows import ONCE, QUICK, Call, Refusal
from shared.wiring import Deps


class Order(BaseModel):
    id: str


async def buy(deps: Deps, order: Order) -> Order | Refusal:
    """Buy it."""
    return order


async def maybe(deps: Deps, names: list[str], call: Call) -> Order | Refusal | None:
    return None


async def many(deps: Deps, order: Order) -> list[Refusal]:
    return []


async def only(deps: Deps, order: Order) -> Refusal | None:
    return None


@pytest.mark.parametrize(
    ("work", "takes", "gives"),
    [
        (buy, Order, Order),
        (maybe, list[str], Order | None),
        (many, Order, list[Refusal]),
        (only, Order, type(None)),
    ],
)
def test_types_are_read_off_the_annotations(work: Callable[..., Any], takes: Any, gives: Any) -> None:
    declared = activity(df.Blueprint(), retry=QUICK)(work)
    assert (declared.name, declared.takes, declared.gives, declared.retry) == (work.__name__, takes, gives, QUICK)
    assert declared.run is work


def test_a_function_is_presented_as_the_worker_wants_it() -> None:
    app = df.DFApp()
    blueprint = df.Blueprint()
    activity(blueprint, retry=QUICK)(buy)
    app.register_functions(blueprint)
    (function,) = app.get_functions()
    assert function.get_function_name() == "buy"
    (binding,) = function.get_raw_bindings() and function.get_bindings()
    assert (binding.name, binding.type) == ("given", "activityTrigger")
    assert function.get_user_function().__doc__ == "Buy it."


def sync(deps: Deps, order: Order) -> Order:
    return order


async def alone(deps: Deps) -> Order:
    return Order(id="a")


async def third(deps: Deps, order: Order, other: str) -> Order:
    return order


async def untyped(deps: Deps, order) -> Order:  # type: ignore[no-untyped-def]
    return Order(id=order)


async def silent(deps: Deps, order: Order):  # type: ignore[no-untyped-def]
    return order


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (sync, "activity sync: write it as async def"),
        (alone, "activity alone: its parameters are"),
        (third, "activity third: its parameters are"),
        (untyped, "activity untyped: annotate order"),
        (silent, "activity silent: annotate return"),
    ],
)
def test_what_could_not_run_is_refused_when_it_is_declared(work: Any, sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        activity(df.Blueprint(), retry=ONCE)(work)
