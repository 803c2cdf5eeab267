"""Telling the customer of what comes to pass, as the Status Narrator does; words for flows, with `yield from`."""

from __future__ import annotations

from typing import Any

from activities.narration import Narrating, narrate
from orchestrators.steps import Context, Flow, Pending, doing, step
from shared.dialogue.narration.event import Event, EventKind, Narration

WORDS_LENGTH_MAX = 300


def told(context: Context, order: str, kind: EventKind, **facts: Any) -> Flow[None]:
    """Tell the customer of an event; facts: those of shared.dialogue.narration.event.Event, what is empty left out."""
    yield from step(context, narrate, _narrating(context, order, kind, facts))


def telling(context: Context, order: str, kind: EventKind, **facts: Any) -> Pending[None]:
    """The same, to be waited for with others. A plain call."""
    return doing(context, narrate, _narrating(context, order, kind, facts))


def asked_elsewhere(context: Context, order: str, kind: EventKind, said: Narration | None, **facts: Any) -> Flow[None]:
    """Tell of a question on all channels but the web, where it stands with its buttons; said: in its very words."""
    narrating = _narrating(context, order, kind, {**facts, "asks": True})
    yield from step(context, narrate, narrating.model_copy(update={"is_asked": True, "said": said}))


def _narrating(context: Context, order: str, kind: EventKind, facts: dict[str, Any]) -> Narrating:
    cut = {name: value[:WORDS_LENGTH_MAX] if isinstance(value, str) else value for name, value in facts.items()}
    given = {name: value for name, value in cut.items() if value is not None and value != ""}
    event = Event.model_validate({"kind": kind, "at": context.current_utc_datetime, **given})
    return Narrating(order=order, event=event)
