"""Spans that nobody collects: each still has its place in a trace, which goes on with whatever is started within it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry import context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState, set_span_in_context

from shared.traces import Trace


class Unrecorded(NamedTuple):
    """Satisfies shared.ports.Span and keeps nothing."""

    trace: Trace

    def note(self, name: str, value: str | int) -> None:
        """Nothing is noted."""

    def failed(self, why: str) -> None:
        """Nothing is noted."""


class SpansOff:
    """Satisfies shared.ports.Spans; the durable SDK, which loads what is used here, tells its host of the trace."""

    @contextmanager
    def span(self, name: str, parent: Trace | None, facts: Mapping[str, str]) -> Iterator[Unrecorded]:  # noqa: ARG002
        """A place of its own in the parent's trace, or in a new one."""
        span_id = secrets.token_hex(8)
        trace = parent._replace(span_id=span_id) if parent else Trace(secrets.token_hex(16), span_id)
        token = context.attach(set_span_in_context(NonRecordingSpan(span_context(trace, is_remote=False))))
        try:
            yield Unrecorded(trace)
        finally:
            context.detach(token)


def span_context(trace: Trace, *, is_remote: bool) -> SpanContext:
    """A trace as OpenTelemetry has it."""
    return SpanContext(
        int(trace.trace_id, 16),
        int(trace.span_id, 16),
        is_remote,
        TraceFlags(TraceFlags.SAMPLED if trace.is_sampled else TraceFlags.DEFAULT),
        TraceState.from_header([trace.state]) if trace.state else None,
    )
