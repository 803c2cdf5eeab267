"""Watching one step of a flow: its place in a trace, the ids on all that is logged meanwhile, a line at its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shared import logs
from shared.flows import Call, Refusal
from shared.traces import trace_of, trace_of_flow

if TYPE_CHECKING:
    import azure.functions as func

    from shared.ports import Spans

_log = logging.getLogger(logs.STEPS)


@contextmanager
def watched(name: str, call: Call, given: Any, context: func.Context, spans: Spans) -> Iterator[Callable[[Any], None]]:
    """Whom to tell of the step's answer. context: the host's, whose trace goes before the flow's own."""
    began = time.perf_counter()
    instance = call.key.rsplit(":", 3)[0]
    order = getattr(given, "order", None)
    told = context.trace_context
    parent = trace_of(told.trace_parent, told.trace_state) or trace_of_flow(instance)
    ids = {"instance": instance, "key": call.key, **({"order": order} if isinstance(order, str) else {})}
    with spans.span(name, parent, {f"app.{one}": value for one, value in ids.items()}) as span:

        def answered(answer: Any) -> None:
            reason = answer.reason if isinstance(answer, Refusal) else None
            if reason:
                span.note("app.refused", reason)
            _tell(logging.INFO, name, "refused" if reason else "done", reason, began)

        with logs.about(trace=span.trace.trace_id, **ids):
            try:
                yield answered
            except Exception as fault:
                span.failed(type(fault).__name__)
                _tell(logging.WARNING, name, "failed", type(fault).__name__, began, fault)
                raise


def _tell(
    level: int, name: str, outcome: str, reason: str | None, began: float, fault: Exception | None = None
) -> None:
    if _log.isEnabledFor(level):
        ms = round((time.perf_counter() - began) * 1000, 1)
        fields = {"step": name, "outcome": outcome, "reason": reason, "ms": ms}
        _log.log(level, "%s: %s", name, outcome, exc_info=fault, extra={"fields": fields})
