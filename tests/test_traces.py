"""Trace contexts as W3C writes them: what is read, what is refused, what is given on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span

from shared.adapters.spans_off import SpansOff
from shared.ports import Spans
from shared.traces import STATE_LENGTH_MAX, Trace, trace_of, trace_of_flow

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (f"00-{ID}-{SPAN}-01", True),
        (f"00-{ID}-{SPAN}-00", False),
        (f"00-{ID}-{SPAN}-03", True),
        (f" 00-{ID}-{SPAN}-01 ", True),
        (f"cc-{ID}-{SPAN}-01", True),  # later versions may have more at their end
        (f"cc-{ID}-{SPAN}-01-what-the-future-brings", True),
    ],
)
def test_what_can_be_is_read(header: str, is_sampled: bool) -> None:
    assert trace_of(header) == Trace(ID, SPAN, is_sampled)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "00", f"00-{ID}-{SPAN}", f"ff-{ID}-{SPAN}-01", f"00-{ID}-{SPAN}-01-more", f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01", f"00-{ID.upper()}-{SPAN}-01", f"00-{ID[:-1]}-{SPAN}-01", f"00-{ID}-{SPAN}-1",
        f"00-{ID}-{SPAN}-01\r\nSet-Cookie: x", f"00_{ID}_{SPAN}_01", "00-" + "٣" * 32 + f"-{SPAN}-01", "x" * 10_000,
    ],
)  # fmt: skip
def test_what_cannot_be_is_none(header: str | None) -> None:
    assert trace_of(header) is None


def test_the_state_of_others_goes_along_if_it_can() -> None:
    header = f"00-{ID}-{SPAN}-01"
    for state, kept in [
        ("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",) * 2,
        ("x" * (STATE_LENGTH_MAX + 1), ""),
        ("a=b\r\nX: y", ""),
        ("ä=1", ""),
        (None, ""),
    ]:
        trace = trace_of(header, state)
        assert trace is not None
        assert trace.state == kept


def test_what_is_given_on_can_be_read() -> None:
    for is_sampled in (True, False):
        trace = Trace(ID, SPAN, is_sampled)
        assert trace_of(trace.header) == trace


@given(st.text(max_size=200).filter(lambda instance: ":" not in instance))
def test_a_flow_and_all_that_it_starts_are_one_trace(instance: str) -> None:
    flow = trace_of_flow(instance)
    assert trace_of(flow.header) == flow
    assert trace_of_flow(f"{instance}:release") == trace_of_flow(f"{instance}:0:move_money:1") == flow


def test_a_span_has_a_place_of_its_own_that_the_sdk_sees() -> None:
    spans: Spans = SpansOff()
    parent = Trace(ID, SPAN, is_sampled=True, state="congo=1")
    before = get_current_span().get_span_context()
    with spans.span("outer", parent, {}) as span:
        assert span.trace.trace_id == ID
        assert span.trace.span_id != SPAN
        seen = get_current_span().get_span_context()
        assert (f"{seen.trace_id:032x}", f"{seen.span_id:016x}") == span.trace[:2]
        assert seen.trace_state.to_header() == "congo=1"
        with spans.span("new", None, {}) as other:
            assert trace_of(other.trace.header) == other.trace
            assert other.trace.trace_id != ID
    assert get_current_span().get_span_context() == before
