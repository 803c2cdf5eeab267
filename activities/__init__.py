"""What flows do to the outside: one noun per file, each step beside its undo, a line or two each.

    @activity(blueprint, retry=QUICK)
    async def reserve(deps: Deps, request: Reserve) -> Reserved | Refusal:
        ...

The decorator turns the function into a `Step`, which flows name. A third parameter `call: Call` brings the key that all
attempts share and the flow's time.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable
from functools import reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Any, Concatenate

from shared.flows import FAULT_LENGTH_MAX, Call, In, Out, Refusal, Retry, Step, pack_answer, unpack_call

if TYPE_CHECKING:
    import azure.durable_functions as df

    from shared.wiring import Deps

_PARAMETERS = (2, 3)


class Fault(Exception):
    """An activity failed with a message too long to pass on; this is its beginning."""


def activity(
    blueprint: df.Blueprint, *, retry: Retry
) -> Callable[[Callable[Concatenate[Deps, In, ...], Awaitable[Out]]], Step[In, Out]]:
    """Declare `async def name(deps, input[, call])` as an activity; raises TypeError where its signature is no such."""

    def declare(work: Callable[Concatenate[Deps, In, ...], Awaitable[Out]]) -> Step[In, Out]:
        step = _step(work, retry)
        wants_call = len(inspect.signature(work).parameters) == max(_PARAMETERS)

        async def run(given: Any) -> Any:
            from shared.wiring import deps  # noqa: PLC0415 - the parts are built when the first step runs

            call, value = unpack_call(step.takes, given)
            more = (call,) if wants_call else ()
            return pack_answer(await _shortly(step.run(deps(), value, *more)))

        run.__name__ = run.__qualname__ = step.name
        run.__module__ = work.__module__
        run.__doc__ = work.__doc__
        blueprint.activity_trigger(input_name="given")(run)
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
    if len(parameters) not in _PARAMETERS or (len(parameters) == max(_PARAMETERS) and hints.get(parameters[2]) != Call):
        raise TypeError(f"activity {name}: its parameters are (deps: Deps, input: Type) and, if it likes, call: Call")
    missing = {parameters[1], "return"} - hints.keys()
    if missing:
        raise TypeError(f"activity {name}: annotate {', '.join(sorted(missing))}; the wire needs the types")
    return Step(name, hints[parameters[1]], _without_refusal(hints["return"]), retry, work)


def _without_refusal(gives: Any) -> Any:
    """What remains of a union when the Refusal is taken out."""
    parts = typing.get_args(gives) if typing.get_origin(gives) in (typing.Union, UnionType) else (gives,)
    rest = [part for part in parts if part is not Refusal]
    return reduce(or_, rest) if rest else type(None)
