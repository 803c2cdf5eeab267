"""Traces: which request or flow something belongs to, as W3C Trace Context has it (https://www.w3.org/TR/trace-context)."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

STATE_LENGTH_MAX = 512
"""So much of a `tracestate` is to be passed on; a longer one may be dropped whole."""
_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_STATE = re.compile(r"[\x20-\x7e]{1,512}")
_SAMPLED = 1


class Trace(NamedTuple):
    """One place in a trace: 32 and 16 hex digits; state: what other vendors have added."""

    trace_id: str
    span_id: str
    is_sampled: bool = True
    state: str = ""

    @property
    def header(self) -> str:
        """As a `traceparent`."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.is_sampled):02x}"


def trace_of(parent: str | None, state: str | None = None) -> Trace | None:
    """The trace of a `traceparent` and a `tracestate`, None where there is none or it cannot be."""
    found = _PARENT.fullmatch((parent or "").strip())
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    kept = (state or "").strip()
    return Trace(trace_id, span_id, bool(int(flags, 16) & _SAMPLED), kept if _STATE.fullmatch(kept) else "")


def trace_of_flow(instance: str) -> Trace:
    """The trace of a flow and of all that it has started: an order's flows begin with the order's id and a colon."""
    digest = sha256(instance.partition(":")[0].encode()).hexdigest()
    return Trace(digest[:32], digest[32:48])
