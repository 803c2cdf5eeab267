"""What flows do to the outside: one noun per file, each step beside its undo, a line or two each.

    @activity(blueprint, retry=QUICK)
    async def reserve(deps: Deps, request: Reserve) -> Reserved | Refusal:
        ...

The decorator turns the function into a `Step`, which flows name. A parameter `call: Call` behind them brings the key
that all attempts share and the flow's time; one `client: Client` the durable client, for the few steps that start or
wake other flows.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable
from functools import reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Any, Concatenate, Protocol

import azure.functions as func

from shared.flows import FAULT_LENGTH_MAX, Call, In, Out, Refusal, Retry, Step, pack_answer, unpack_call

if TYPE_CHECKING:
    import azure.durable_functions as df

    from shared.wiring import Deps

_MORE = ("call", "client")


class Client(Protocol):
    """What is needed of the durable client."""

    async def get_status(self, instance_id: str) -> Any:
        """Its `runtime_status` is None where there is no such instance."""

    async def start_new(self, orchestration_function_name: str, instance_id: str, client_input: Any) -> str:
        """Raises Exception where the instance is active."""

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any = None) -> None:
        """Raises Exception where it cannot be delivered."""

    async def read_entity_state(self, entity_id: Any) -> Any:
        """Its `entity_exists` is false where there is no such entity."""


class Fault(Exception):
    """An activity failed with a message too long to pass on; this is its beginning."""


def activity(
    blueprint: df.Blueprint, *, retry: Retry
) -> Callable[[Callable[Concatenate[Deps, In, ...], Awaitable[Out]]], Step[In, Out]]:
    """Declare `async def name(deps, input[, call][, client])` as an activity; raises TypeError for what is no such."""

    def declare(work: Callable[Concatenate[Deps, In, ...], Awaitable[Out]]) -> Step[In, Out]:
        step = _step(work, retry)
        more = list(inspect.signature(work).parameters)[2:]

        async def run(given: Any, context: func.Context, client: Any) -> Any:
            from activities.watch import watched  # noqa: PLC0415 - the same
            from shared.wiring import deps  # noqa: PLC0415 - the parts are built when the first step runs

            house = deps()
            call, value = unpack_call(step.takes, given)
            at_hand = {"call": call, "client": client}
            with watched(step.name, call, value, context, house.spans) as answered:
                answer = await _shortly(step.run(house, value, *(at_hand[name] for name in more)))
                answered(answer)
            return pack_answer(answer)

        async def plain(given: Any, context: func.Context) -> Any:
            return await run(given, context, None)

        async def durable(given: Any, context: func.Context, client: str) -> Any:
            return await run(given, context, client)

        function = durable if "client" in more else plain
        function.__name__ = function.__qualname__ = step.name
        function.__module__ = work.__module__
        function.__doc__ = work.__doc__
        bound = blueprint.durable_client_input(client_name="client")(function) if "client" in more else function
        blueprint.activity_trigger(input_name="given")(bound)
        return step

    return declare


async def _shortly(work: Awaitable[Out]) -> Out:
    """Let a fault through, but no endless message."""
    try:
        return await work
    except Exception as fault:
        text = f"{type(fault).__name__}: {fault}"
        if len(text) <= FAULT_LENGTH_MAX:
            raise
        raise Fault(text[:FAULT_LENGTH_MAX]) from None


def _step(work: Callable[..., Awaitable[Out]], retry: Retry) -> Step[Any, Out]:
    """Read the declaration off the function's annotations."""
    name = work.__name__
    parameters = list(inspect.signature(work).parameters)
    hints = typing.get_type_hints(work)
    if not inspect.iscoroutinefunction(work):
        raise TypeError(f"activity {name}: write it as async def")
    if len(parameters) < 2 or parameters[2:] != [name for name in _MORE if name in parameters[2:]]:
        raise TypeError(f"activity {name}: its parameters are (deps: Deps, input: Type), then call, client")
    if "call" in parameters and hints.get("call") != Call:
        raise TypeError(f"activity {name}: annotate call: Call")
    missing = {parameters[1], "return"} - hints.keys()
    if missing:
        raise TypeError(f"activity {name}: annotate {', '.join(sorted(missing))}; the wire needs the types")
    return Step(name, hints[parameters[1]], _without_refusal(hints["return"]), retry, work)


def _without_refusal(gives: Any) -> Any:
    """What remains of a union when the Refusal is taken out."""
    parts = typing.get_args(gives) if typing.get_origin(gives) in (typing.Union, UnionType) else (gives,)
    rest = [part for part in parts if part is not Refusal]
    return reduce(or_, rest) if rest else type(None)
