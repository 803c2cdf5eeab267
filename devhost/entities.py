"""Entities: one batch of operations at a time for each, in the order they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from devhost import log, protocol
from devhost.events import Event, Kind, Operation
from devhost.invoke import FunctionFailed
from devhost.lanes import Lane
from devhost.plant import Plant
from devhost.protocol import EntityAnswer, EntityResult

if TYPE_CHECKING:
    from devhost.index import Function

_ENTITIES_AT_ONCE_MAX = 16


class Entities:
    """The lane in which entities run; state, consumed operations and answers are committed together."""

    def __init__(self, plant: Plant, functions: Mapping[str, Function]) -> None:
        self._journal = plant.journal
        self._invoker = plant.invoker
        self._clock = plant.clock
        self._functions = functions
        self._batch_max = plant.config.max_entity_batch
        self._inboxes: dict[str, deque[Operation]] = {}
        self.lane: Lane[str] = Lane(self._work, _ENTITIES_AT_ONCE_MAX, plant.changed)

    def receive(self, operation: Operation) -> None:
        """Queue an operation that is already stored."""
        self._inboxes.setdefault(operation.entity, deque()).append(operation)
        self.lane.wake(operation.entity)

    async def _work(self, entity: str) -> None:
        inbox = self._inboxes.get(entity)
        if not inbox:
            return  # woken once more than there was work
        batch = [inbox[i] for i in range(min(len(inbox), self._batch_max))]
        watch = log.Stopwatch()
        state = self._journal.store.get_entity(entity)
        body = protocol.entity_input(entity, state, batch)
        answer = await self._run(entity, state, body, batch)
        self._commit(entity, batch, answer, watch.us, len(body))
        for _ in batch:
            inbox.popleft()
        if inbox:
            self.lane.wake(entity)
        else:
            del self._inboxes[entity]

    async def _run(self, entity: str, state: str | None, body: str, batch: list[Operation]) -> EntityAnswer:
        """Run the batch; where it fails as a whole, run its operations one by one and give up only the bad ones."""
        function = self._functions.get(entity.split("@", 2)[1])
        if function is None:
            gone = protocol.entity_failure(f"there is no entity function for '{entity}' any more")
            return EntityAnswer(state, [gone] * len(batch))
        try:
            return protocol.read_entity(await self._invoker.entity(function, body))
        except FunctionFailed as failure:
            if len(batch) == 1:
                return EntityAnswer(state, [protocol.entity_failure(failure.message)])
        results: list[EntityResult] = []
        for operation in batch:
            one = await self._run(entity, state, protocol.entity_input(entity, state, [operation]), [operation])
            state = one.state
            results += one.results
        return EntityAnswer(state, results)

    def _commit(self, entity: str, batch: list[Operation], answer: EntityAnswer, wall_us: int, bytes_in: int) -> None:
        with self._journal.unit() as store:
            store.put_entity(entity, answer.state, self._clock.now())
            store.delete_operations(batch)
            for operation, result in zip(batch, answer.results, strict=True):
                self._answer(operation, result)
            failures = sum(result.is_error for result in answer.results)
            self._journal.count(
                entity.split("@", 2)[1],
                batch[0].root,
                is_failure=failures > 0,
                wall_us=wall_us,
                bytes_in=bytes_in,
                bytes_out=len(answer.state or ""),
            )
        outcome = "Succeeded" if not failures else f"Failed: {failures} of {len(batch)} operations"
        log.execution(f"{entity.split('@', 2)[1]} x{len(batch)}", entity, wall_us, outcome)

    def _answer(self, operation: Operation, result: EntityResult) -> None:
        if operation.caller is None:
            if result.is_error:
                log.LOG.warning(
                    "signal '%s' to %s failed: %s", operation.name, operation.entity, log.one_line(result.result)
                )
            return
        event = Event(Kind.RESPONDED, name=operation.guid, payload=protocol.entity_response(result))
        self._journal.send(operation.caller.instance, operation.caller.execution, event)
