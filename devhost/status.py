"""How the management API shows an instance; part of the wire, as the SDK's client reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from devhost.events import Instance


def status_of(instance: Instance, *, with_input: bool, history: Sequence[str] | None = None) -> dict[str, Any]:
    """An instance as the management API shows it, times to whole seconds."""
    status = {
        "name": instance.name,
        "instanceId": instance.id,
        "runtimeStatus": instance.status.value,
        "input": json.loads(instance.input) if with_input and instance.input else None,
        "customStatus": json.loads(instance.custom_status) if instance.custom_status else None,
        "output": json.loads(instance.output) if instance.output else None,
        "createdTime": f"{instance.created:%Y-%m-%dT%H:%M:%SZ}",
        "lastUpdatedTime": f"{instance.updated:%Y-%m-%dT%H:%M:%SZ}",
    }
    if instance.version is not None:
        status["version"] = instance.version
    if history is not None:
        status["historyEvents"] = history_shown(history)
    return status


_SHOWN_NAMES = {
    0: "ExecutionStarted",
    1: "ExecutionCompleted",
    3: "ExecutionTerminated",
    5: "TaskCompleted",
    6: "TaskFailed",
    8: "SubOrchestrationInstanceCompleted",
    9: "SubOrchestrationInstanceFailed",
    11: "TimerFired",
    14: "EventSent",
    15: "EventRaised",
    16: "ContinueAsNew",
    19: "ExecutionSuspended",
    20: "ExecutionResumed",
}
_SCHEDULING = (4, 7, 10)


def history_shown(turns: Sequence[str]) -> list[dict[str, Any]]:
    """A history for people: what was scheduled is folded into what came of it."""
    events = json.loads(f"[{','.join(turns)}]")
    scheduled = {e["EventId"]: e for e in events if e["EventType"] in _SCHEDULING}
    shown = []
    for event in events:
        if event["EventType"] not in _SHOWN_NAMES:
            continue
        line = {"EventType": _SHOWN_NAMES[event["EventType"]], "Timestamp": event["Timestamp"]}
        line |= {k: v for k, v in event.items() if k not in ("EventType", "EventId", "IsPlayed", "Timestamp")}
        cause = scheduled.get(line.pop("TaskScheduledId", None))
        if cause:
            line |= {"FunctionName": cause.get("Name"), "ScheduledTime": cause["Timestamp"]}
        if event["EventType"] == 0:
            line["FunctionName"] = line.pop("Name")
        shown.append(line)
    return shown
