"""The wire: what the SDK reads and writes as JSON, and nothing else knows of.

Written for azure-functions-durable 1.7 (out-of-process protocol, replay schema V3).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from devhost.events import (
    Decision,
    Event,
    Instance,
    Kind,
    Operation,
    RetryPolicy,
    Step,
    StepKind,
)

HTTP_ACTIVITY = "BuiltIn::HttpActivity"
FAILURE_MARK = "\n\n$OutOfProcData$:"
_INSTANCE_MARK = "INSTANCEID"

# ── history events ──────────────────────────────────────────────────────────────────────────────────────────────────

_NUMBERS = {
    Kind.STARTED: 0,
    Kind.COMPLETED: 1,
    Kind.FAILED: 2,
    Kind.TERMINATED: 3,
    Kind.TASK_SCHEDULED: 4,
    Kind.TASK_COMPLETED: 5,
    Kind.TASK_FAILED: 6,
    Kind.CHILD_CREATED: 7,
    Kind.CHILD_COMPLETED: 8,
    Kind.CHILD_FAILED: 9,
    Kind.TIMER_CREATED: 10,
    Kind.TIMER_FIRED: 11,
    Kind.TURN_STARTED: 12,
    Kind.TURN_COMPLETED: 13,
    Kind.SENT: 14,
    Kind.RAISED: 15,
    Kind.RESPONDED: 15,
    Kind.CONTINUED: 16,
    Kind.SUSPENDED: 19,
    Kind.RESUMED: 20,
}


def _none(_event: Event) -> dict[str, Any]:
    return {}


def _result(event: Event) -> dict[str, Any]:
    return {"TaskScheduledId": event.task, "Result": event.payload}


def _failure(event: Event) -> dict[str, Any]:
    return {"TaskScheduledId": event.task, "Reason": event.reason, "Details": event.details}


def _sent(event: Event) -> dict[str, Any]:
    request = {"op": event.name, "signal": not event.payload, "id": event.payload}
    return {"InstanceId": event.instance, "Name": "op", "Input": json.dumps(request)}


def _incoming(event: Event) -> dict[str, Any]:
    return {"Name": event.name, "Input": event.payload}


def _ended(event: Event) -> dict[str, Any]:
    return {"OrchestrationStatus": event.name, "Result": event.payload}


_FIELDS: Mapping[Kind, Callable[[Event], dict[str, Any]]] = {
    Kind.STARTED: lambda e: {"Name": e.name, "Version": e.version, "Input": e.payload},
    Kind.COMPLETED: _ended,
    Kind.CONTINUED: _ended,
    Kind.TERMINATED: lambda e: {"Reason": e.reason},
    Kind.TASK_SCHEDULED: lambda e: {"Name": e.name, "Input": e.payload},
    Kind.TASK_COMPLETED: _result,
    Kind.TASK_FAILED: _failure,
    Kind.CHILD_CREATED: lambda e: {"Name": e.name, "InstanceId": e.instance, "Input": e.payload},
    Kind.CHILD_COMPLETED: _result,
    Kind.CHILD_FAILED: _failure,
    Kind.TIMER_CREATED: lambda e: {"FireAt": _time(e.fire_at)},
    Kind.TIMER_FIRED: lambda e: {"TimerId": e.task, "FireAt": _time(e.fire_at)},
    Kind.SENT: _sent,
    Kind.RAISED: _incoming,
    Kind.RESPONDED: _incoming,
    Kind.SUSPENDED: lambda e: {"Reason": e.reason},
    Kind.RESUMED: lambda e: {"Reason": e.reason},
}


def encode_event(event: Event, moment: datetime) -> str:
    """One history event as the SDK reads it, marked as not yet played."""
    head = f'{{"EventType":{_NUMBERS[event.kind]},"EventId":{event.id},"IsPlayed":false,"Timestamp":"{_time(moment)}"'
    fields = _FIELDS.get(event.kind, _none)(event)
    return f"{head},{json.dumps(fields)[1:]}" if fields else f"{head}}}"


def as_played(event: str) -> str:
    """The same event once its turn is over."""
    return event.replace('"IsPlayed":false', '"IsPlayed":true', 1)


def _time(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


# ── orchestrators ───────────────────────────────────────────────────────────────────────────────────────────────────


def orchestrator_input(instance: Instance, history: Sequence[str]) -> str:
    """What an orchestrator's handle is given; history: JSON texts of events, each one or several joined by commas.

    The limits of long timers are left out, as storage providers without such limits do: the SDK then sets one timer.
    """
    parent = json.dumps(instance.parent.instance) if instance.parent else "null"
    return (
        f'{{"history":[{",".join(history)}],"input":{instance.input or "null"},'
        f'"instanceId":{json.dumps(instance.id)},"isReplaying":false,"parentInstanceId":{parent},'
        f'"upperSchemaVersion":1,"upperSchemaVersionNew":2}}'
    )


def decide(answer: str) -> Decision:
    """What a replay that ended well came to."""
    return _decision(json.loads(answer), None)


def decide_failed(message: str) -> Decision:
    """What a replay that raised came to: its error, and the steps asked for before, which ride in the message."""
    at = message.rfind(FAILURE_MARK)
    if at < 0:
        return Decision(error=message)
    try:
        state = json.loads(message[at + len(FAILURE_MARK) :])
    except ValueError:
        return Decision(error=message)
    return _decision(state, state.get("error") or message[:at])


def _decision(state: dict[str, Any], error: str | None) -> Decision:
    steps: list[Step] = []
    for group in state.get("actions", ()):
        for action in group:
            _flatten(action, steps)
    status = state.get("customStatus")
    return Decision(
        steps=steps,
        is_done=bool(state.get("isDone")),
        output=json.dumps(state["output"]) if state.get("output") is not None else None,
        error=error,
        custom_status=json.dumps(status) if status is not None else None,
    )


def _flatten(action: dict[str, Any], steps: list[Step]) -> None:
    if action["actionType"] in (11, 12):
        for inner in action["compoundActions"]:
            _flatten(inner, steps)
    else:
        steps.append(_STEPS[action["actionType"]](action))


def _activity(action: dict[str, Any]) -> Step:
    return Step(StepKind.ACTIVITY, action["functionName"], action.get("input"), retry=_retry(action))


def _child(action: dict[str, Any]) -> Step:
    return Step(
        StepKind.CHILD,
        action["functionName"],
        action.get("input"),
        instance=action.get("instanceId"),
        version=action.get("version"),
        retry=_retry(action),
    )


def _retry(action: dict[str, Any]) -> RetryPolicy | None:
    options = action.get("retryOptions")
    if not options:
        return None
    return RetryPolicy(options["firstRetryIntervalInMilliseconds"], options["maxNumberOfAttempts"])


def _entity(kind: StepKind) -> Callable[[dict[str, Any]], Step]:
    def step(action: dict[str, Any]) -> Step:
        # The SDK reads an operation's input twice, so it is JSON text of JSON text.
        payload = json.dumps(action["input"]) if action.get("input") is not None else None
        return Step(kind, action["instanceId"], payload, operation=action["operation"])

    return step


def _timer(action: dict[str, Any]) -> Step:
    return Step(
        StepKind.TIMER,
        fire_at=datetime.fromisoformat(action["fireAt"]).astimezone(UTC),
        is_cancelled=bool(action.get("isCanceled")),
    )


_STEPS: dict[int, Callable[[dict[str, Any]], Step]] = {
    0: _activity,
    1: _activity,
    2: _child,
    3: _child,
    4: lambda a: Step(StepKind.CONTINUE, payload=json.dumps(a.get("input"))),
    5: _timer,
    6: lambda a: Step(StepKind.WAIT, a["externalEventName"]),
    7: _entity(StepKind.CALL),
    8: lambda a: Step(StepKind.HTTP, HTTP_ACTIVITY, json.dumps(a["httpRequest"])),
    9: _entity(StepKind.SIGNAL),
}


def child_input(payload: str | None) -> str | None:
    """The input of a sub-orchestration: JSON text inside a JSON string, as the SDK sent it."""
    return json.dumps(payload) if payload is not None else None


def result_of(output: str | None) -> str:
    """An ended instance's output as the result that its parent reads."""
    return output if output is not None else "null"


# ── entities ────────────────────────────────────────────────────────────────────────────────────────────────────────


class EntityResult(NamedTuple):
    """What one operation came to; result is JSON text."""

    is_error: bool
    result: str


class EntityAnswer(NamedTuple):
    """What a batch of operations came to; state is JSON text, None where the entity is gone."""

    state: str | None
    results: list[EntityResult]


def entity_input(entity: str, state: str | None, batch: Iterable[Operation]) -> str:
    """What an entity's handle is given."""
    _, name, key = entity.split("@", 2)
    operations = [{"name": o.name, "input": o.input, "isSignal": o.caller is None} for o in batch]
    return json.dumps(
        {"self": {"name": name, "key": key}, "exists": state is not None, "state": state, "batch": operations}
    )


def read_entity(answer: str) -> EntityAnswer:
    """What an entity's handle gave back."""
    plain = json.loads(answer)
    results = [EntityResult(bool(r["isError"]), r["result"]) for r in plain["results"]]
    return EntityAnswer(plain["entityState"] if plain["entityExists"] else None, results)


def entity_response(result: EntityResult) -> str:
    """The answer to a caller, as the input of the event it waits for."""
    if not result.is_error:
        return json.dumps({"result": result.result})
    return json.dumps({"result": result.result, "exceptionType": "System.Exception"})


def entity_failure(message: str) -> EntityResult:
    """An operation that the host had to give up."""
    return EntityResult(is_error=True, result=json.dumps(message))


# ── the client binding and its URLs ─────────────────────────────────────────────────────────────────────────────────

_ACTIONS = ("raiseEvent/{eventName}", "terminate", "rewind", "restart", "suspend", "resume")
_NAMES = (
    "sendEventPostUri",
    "terminatePostUri",
    "rewindPostUri",
    "restartPostUri",
    "suspendPostUri",
    "resumePostUri",
)


def management_urls(base: str, hub: str, key: str, instance: str = _INSTANCE_MARK) -> dict[str, str]:
    """The URLs to ask about and steer one instance; base: the webhook root, with a slash at its end."""
    query = f"taskHub={hub}&connection=Storage&code={key}"
    root = f"{base}instances/{instance}"
    urls = {
        "id": instance,
        "statusQueryGetUri": f"{root}?{query}",
        "purgeHistoryDeleteUri": f"{root}?{query}",
    }
    for name, action in zip(_NAMES, _ACTIONS, strict=True):
        extra = "" if action.startswith("raiseEvent") or action == "restart" else "reason={text}&"
        urls[name] = f"{root}/{action}?{extra}{query}"
    return urls


def client_binding(origin: str, hub: str, key: str) -> str:
    """The text from which the SDK builds a durable client; origin: like http://127.0.0.1:7071."""
    webhooks = f"{origin}/runtime/webhooks/durabletask/"
    query = f"taskHub={hub}&connection=Storage&code={key}"
    create = f"{webhooks}orchestrators/{{functionName}}[/{{instanceId}}]?"
    return json.dumps(
        {
            "taskHubName": hub,
            "creationUrls": {
                "createNewInstancePostUri": f"{create}code={key}",
                "createAndWaitOnNewInstancePostUri": (
                    f"{create}timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}&code={key}"
                ),
            },
            "managementUrls": management_urls(webhooks, hub, key),
            "baseUrl": webhooks.rstrip("/"),
            "requiredQueryStringParameters": query,
            "rpcBaseUrl": f"{origin}/durabletask/",
        }
    )


# ── events and timers ──


def event_text(body: bytes) -> str:
    """The body of a raised event, checked to be JSON; ValueError where it is not."""
    text = body.decode("utf-8")
    json.loads(text)
    return text


def timer_info(last: datetime | None, following: datetime, *, is_past_due: bool) -> str:
    """What a timer-triggered function is given."""
    never = datetime(1, 1, 1, tzinfo=UTC)
    return json.dumps(
        {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {
                "Last": (last or never).isoformat(),
                "LastUpdated": (last or never).isoformat(),
                "Next": following.isoformat(),
            },
            "IsPastDue": is_past_due,
        }
    )
