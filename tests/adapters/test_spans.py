"""Spans: what is recorded of a request and of a flow's steps, where it goes, and that off is off."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, get_current_span

from shared.adapters.spans_otel import OtelSpans
from shared.ports import Spans
from shared.settings import Settings, SettingsError
from shared.traces import Trace, trace_of, trace_of_flow
from shared.wiring import Deps, deps

ROOT = Path(__file__).parents[2]
PARENT = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", state="congo=1")


def test_a_span_stands_in_its_parents_trace_with_its_facts() -> None:
    exporter = InMemorySpanExporter()
    spans = OtelSpans(exporter)
    port: Spans = spans
    with port.span("POST /api/v1/orders", PARENT, {"http.route": "/api/v1/orders"}) as span:
        span.note("http.response.status_code", 503)
        span.failed("503")
        seen = get_current_span().get_span_context()
        assert (f"{seen.trace_id:032x}", f"{seen.span_id:016x}") == span.trace[:2]
        given = span.trace
    with port.span("new", None, {}) as other:
        assert other.trace.trace_id != PARENT.trace_id
        assert trace_of(other.trace.header) == other.trace
    spans.close()
    recorded, _ = exporter.get_finished_spans()
    assert recorded.name == "POST /api/v1/orders"
    assert dict(recorded.attributes or {}) == {"http.route": "/api/v1/orders", "http.response.status_code": 503}
    assert recorded.parent is not None
    assert f"{recorded.parent.span_id:016x}" == PARENT.span_id
    assert (given.trace_id, given.state) == (PARENT.trace_id, PARENT.state)
    assert recorded.status.status_code == StatusCode.ERROR
    assert recorded.resource.attributes["service.name"] == "universal-service-orchestrator"


def test_of_an_error_nothing_is_recorded_that_somebody_has_sent() -> None:
    exporter = InMemorySpanExporter()
    spans = OtelSpans(exporter)
    with pytest.raises(ValueError, match="Barton"), spans.span("step", PARENT, {}):
        raise ValueError("1200 Barton Hills Dr")
    spans.close()
    [recorded] = exporter.get_finished_spans()
    assert "Barton" not in recorded.to_json()


def test_a_parent_that_is_not_kept_is_not_kept_here() -> None:
    exporter = InMemorySpanExporter()
    spans = OtelSpans(exporter)
    with spans.span("step", PARENT._replace(is_sampled=False), {}) as span:
        assert not span.trace.is_sampled
        assert span.trace.trace_id == PARENT.trace_id
    spans.close()
    assert exporter.get_finished_spans() == ()


def test_the_app_tells_of_requests_and_steps(run_app: Callable[..., Any]) -> None:
    exporter = InMemorySpanExporter()
    with run_app(CITY="data/austin") as house:
        ann = house.as_("customer", "c-81")
        spans = vars(deps())["spans"] = OtelSpans(exporter)
        body = {
            "lines": [{"product_id": "rosie-and-thorn.ROSE-12"}],
            "deliver_to": {"address": "1200 Barton Hills Dr, attn. Ann Green", "lat": 30.2583, "lng": -97.7826},
            "deliver_by": _in_five_days(house),
            "payment": {"method": "card_declined"},
        }
        sent = {"Idempotency-Key": "k-1", "traceparent": PARENT.header, "X-Request-Id": "my-request"}
        placed = ann.post("/api/v1/orders", json=body, headers=sent)
        assert placed.status_code == 202, placed.text
        order = placed.json()["data"]["id"]
        house.host.settle()
        spans.close()
    recorded = exporter.get_finished_spans()
    [request] = [one for one in recorded if one.name == "POST /api/v1/orders"]
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/api/v1/orders",
        "http.response.status_code": 202,
        "app.request": "my-request",
        "app.order": order,
    }
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == PARENT.trace_id
    [authorise] = [one for one in recorded if one.name == "authorise"]
    facts = dict(authorise.attributes or {})
    assert facts.pop("app.key", "").startswith(f"{order}:0:authorise:")  # type: ignore[union-attr]
    assert facts == {"app.instance": order, "app.order": order, "app.refused": "card_declined"}
    assert authorise.context is not None
    assert f"{authorise.context.trace_id:032x}" == trace_of_flow(order).trace_id
    told = "".join(one.to_json() for one in recorded)
    assert not [one for one in ("Barton", "Ann Green", "30.2583") if one in told]


def _in_five_days(house: Any) -> str:
    from datetime import timedelta

    return (house.host.now + timedelta(days=5)).isoformat()


def test_off_loads_nothing_of_the_sdk() -> None:
    code = (
        "import json, sys, function_app; from shared.wiring import deps; "
        "parts = deps(); "
        "exec('with parts.spans.span(\"x\", None, {}) as span: print(span.trace.header)'); "
        "print(json.dumps([m for m in sys.modules if m.startswith((\"opentelemetry.sdk\", \"opentelemetry.exporter\", "
        '"azure.monitor"))]))'
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    header, loaded = done.stdout.splitlines()
    assert trace_of(header)
    assert json.loads(loaded) == []


def test_a_setting_whose_packages_are_not_there_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"otlp": "otlp.proto.http.trace_exporter", "azure": ""}
    for traces, name in names.items():
        module = f"opentelemetry.exporter.{name}" if name else "azure.monitor.opentelemetry.exporter"
        monkeypatch.setitem(sys.modules, module, None)
        chosen = Settings.model_validate({"data_dir": str(tmp_path), "traces": traces, "otlp_endpoint": "http://x/v1"})
        with pytest.raises(SettingsError, match=f"TRACES={traces} needs .*telemetry"):
            _ = Deps(chosen).spans


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What takes spans; only with the packages that send them."""
    monkeypatch.setenv("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true")  # it would tell Microsoft of itself
    for module in ("opentelemetry.exporter.otlp.proto.http", "azure.monitor.opentelemetry.exporter"):
        pytest.importorskip(module, reason="the extra `telemetry` is not installed")
    from tests.peers import spans_peer

    with spans_peer.running() as running:
        yield running


@pytest.mark.parametrize("traces", ["otlp", "azure"])
def test_to_a_collector_and_to_application_insights(traces: str, peer: Any, tmp_path: Path) -> None:
    key = "00000000-0000-0000-0000-000000000000"
    chosen = Settings.model_validate(
        {
            "data_dir": str(tmp_path),
            "traces": traces,
            "otlp_endpoint": f"{peer.url}/v1/traces",
            "applicationinsights_connection_string": f"InstrumentationKey={key};IngestionEndpoint={peer.url}/",
        }
    )
    spans = Deps(chosen).spans
    with spans.span("capture", PARENT, {"app.order": "o-1"}) as span:
        span.failed("Unavailable")
    spans.close()  # type: ignore[attr-defined]
    [told] = peer.spans
    assert told == {
        "name": "capture",
        "trace": PARENT.trace_id,
        "span": span.trace.span_id,
        "parent": PARENT.span_id,
        "is_error": True,
        "app.order": "o-1",
    }


def test_a_collector_that_is_not_there_costs_nothing_but_its_spans(peer: Any, tmp_path: Path) -> None:
    chosen = Settings(data_dir=str(tmp_path), traces="otlp", otlp_endpoint=f"{peer.url}/nothing-here")
    spans = Deps(chosen).spans
    with spans.span("capture", PARENT, {}) as span:
        assert span.trace.trace_id == PARENT.trace_id
    spans.close()  # type: ignore[attr-defined]
    assert peer.spans == []
