"""Activities: run at least once, counted once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from devhost import log
from devhost.events import Activity, Event, Kind
from devhost.httpcall import HttpCaller, HttpCallFailed, poll_after
from devhost.invoke import FunctionFailed
from devhost.lanes import Lane
from devhost.plant import Plant
from devhost.protocol import HTTP_ACTIVITY

if TYPE_CHECKING:
    from devhost.index import Function

_REASON_LENGTH_MAX = 8_000


class Activities:
    """The lane in which activities run; an activity's row is its lease, gone when its result is stored."""

    def __init__(self, plant: Plant, functions: Mapping[str, Function]) -> None:
        self._journal = plant.journal
        self._invoker = plant.invoker
        self._clock = plant.clock
        self._client = plant.client
        self._functions = functions
        self._http = HttpCaller()
        self.lane: Lane[Activity] = Lane(self._work, plant.config.max_activities, plant.changed)
        self.on_poll: Callable[[Activity], None]

    async def close(self) -> None:
        """Stop; what has no result yet runs again at the next start."""
        await self.lane.close()
        await self._http.close()

    async def _work(self, activity: Activity) -> None:
        watch = log.Stopwatch()
        if activity.name == HTTP_ACTIVITY:
            event = await self._call_http(activity)
        else:
            event = await self._invoke(activity)
        if event is not None:
            self._settle(activity, event, watch.us)

    async def _invoke(self, activity: Activity) -> Event:
        function = self._functions.get(activity.name.lower())
        if function is None:
            return _failed(activity, f"there is no activity function '{activity.name}' any more", "")
        try:
            result = await self._invoker.activity(function, activity.input, self._client)
        except FunctionFailed as failure:
            return _failed(activity, f"{failure.kind}: {failure.message}", failure.details)
        return Event(Kind.TASK_COMPLETED, task=activity.task, payload=result)

    async def _call_http(self, activity: Activity) -> Event | None:
        request = json.loads(activity.input or "{}")
        try:
            answer = await self._http.call(request)
        except HttpCallFailed as failure:
            return _failed(activity, str(failure), "")
        again = poll_after(request, answer, self._clock.now())
        if again is None:
            return Event(Kind.TASK_COMPLETED, task=activity.task, payload=json.dumps(answer))
        later = activity._replace(input=again[0], due=again[1])
        with self._journal.unit() as store:
            store.postpone_activity(later)
        self.on_poll(later)
        return None

    def _settle(self, activity: Activity, event: Event, wall_us: int) -> None:
        is_failure = event.kind is Kind.TASK_FAILED
        with self._journal.unit() as store:
            store.delete_activity(activity)
            self._journal.send(activity.instance, activity.execution, event)
            self._journal.count(
                activity.name,
                activity.root,
                is_failure=is_failure,
                wall_us=wall_us,
                bytes_in=len(activity.input or ""),
                bytes_out=len(event.payload or event.reason),
            )
        outcome = f"Failed: {log.one_line(event.reason)}" if is_failure else "Succeeded"
        log.execution(activity.name, activity.instance, wall_us, outcome)


def _failed(activity: Activity, reason: str, details: str) -> Event:
    text = f"Activity function '{activity.name}' failed: {reason}"
    return Event(Kind.TASK_FAILED, task=activity.task, reason=text[:_REASON_LENGTH_MAX], details=details)
