"""Spans over OpenTelemetry, sent in batches by a thread of their own to a collector (OTLP) or to Application Insights.

This module loads the SDK; the exporters are packages of their own: `pip install .[telemetry]`. Which share of traces
is kept, and headers that a collector wants, are told by the SDK's own variables, such as OTEL_TRACES_SAMPLER and
OTEL_EXPORTER_OTLP_HEADERS (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    NonRecordingSpan,
    Status,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from shared.adapters.spans_off import span_context
from shared.traces import Trace

SERVICE = "universal-service-orchestrator"
EXPORT_SECONDS_MAX = 10


class Recorded(NamedTuple):
    """Satisfies shared.ports.Span."""

    span: OtelSpan
    trace: Trace

    def note(self, name: str, value: str | int) -> None:
        """Keep a fact."""
        self.span.set_attribute(name, value)

    def failed(self, why: str) -> None:
        """It came to a bad end."""
        self.span.set_status(Status(StatusCode.ERROR, why))


class OtelSpans:
    """Satisfies shared.ports.Spans. Errors are told by kind: their messages may hold what somebody has sent."""

    def __init__(self, exporter: SpanExporter, provider: TracerProvider | None = None) -> None:
        """provider: a fresh one of _provider, where the exporter needs it, too."""
        self._provider = provider or _provider()
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def span(self, name: str, parent: Trace | None, facts: Mapping[str, str]) -> Iterator[Recorded]:
        """A place of its own in the parent's trace, or in a new one."""
        above = set_span_in_context(NonRecordingSpan(span_context(parent, is_remote=True))) if parent else None
        # Of the kind INTERNAL: requests are the host's, and counted there.
        with self._tracer.start_as_current_span(
            name, above, attributes=facts, record_exception=False, set_status_on_exception=False
        ) as span:
            yield Recorded(span, _trace_of(span))

    def close(self) -> None:
        """Send what is left, and end the thread."""
        self._provider.shutdown()


def to_collector(endpoint: str) -> OtelSpans:
    """Over OTLP, protobuf by HTTP; endpoint: whole, such as `http://localhost:4318/v1/traces`. Raises ImportError."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    return OtelSpans(OTLPSpanExporter(endpoint, timeout=EXPORT_SECONDS_MAX))


def to_application_insights(connection: str) -> OtelSpans:
    """To Application Insights, by its connection string. Raises ImportError."""
    from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter  # noqa: PLC0415

    provider = _provider()
    exporter = AzureMonitorTraceExporter(
        connection_string=connection, disable_offline_storage=True, tracer_provider=provider
    )
    return OtelSpans(exporter, provider)


def _provider() -> TracerProvider:
    return TracerProvider(resource=Resource.create({SERVICE_NAME: SERVICE}))


def _trace_of(span: OtelSpan) -> Trace:
    place = span.get_span_context()
    is_sampled = bool(place.trace_flags & TraceFlags.SAMPLED)
    state = place.trace_state.to_header() if place.trace_state else ""
    return Trace(format_trace_id(place.trace_id), format_span_id(place.span_id), is_sampled, state)
