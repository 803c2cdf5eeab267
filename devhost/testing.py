"""A host inside a test: started in a moment, driven step by step, gone without a trace."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx

from devhost.admin import meter
from devhost.engine import NotFound
from devhost.host import Host, Options
from devhost.status import status_of

T = TypeVar("T")

# Certificates are of no use here, and to read them takes as long as to start a host.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class DevHost:
    """A host with a loop and a thread of its own, for use as a context manager.

    app: the folder of function_app.py; data: a folder to keep, or None for memory; start: where a frozen clock begins.
    """

    def __init__(
        self,
        app: Path | str,
        data: Path | str | None = None,
        clock: Literal["frozen", "real"] = "frozen",
        start: datetime | None = None,
    ) -> None:
        self._options = Options(Path(app), Path(data) if data else None, is_frozen=clock == "frozen", start=start)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="devhost", daemon=True)
        self._thread.start()
        try:
            self._host = self._call(Host.start(self._options))
        except BaseException:
            self._stop_loop()
            raise
        self.url = self._host.url
        self.http = httpx.Client(base_url=self.url, timeout=60, verify=_NO_TLS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()
        self._call(self._host.close())
        self._stop_loop()

    def _stop_loop(self) -> None:
        self._call(_cancel_the_rest())
        self._call(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T], timeout_seconds: float | None = None) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_seconds)

    def _do(self, act: Any, *arguments: Any, **named: Any) -> Any:
        """Run a plain function on the host's loop."""

        async def work() -> Any:
            return act(*arguments, **named)

        return self._call(work())

    # time

    @property
    def now(self) -> datetime:
        """The host's time."""
        return self._host.clock.now()

    def advance(self, span: timedelta) -> None:
        """Move a frozen clock forward through every due moment, in order."""
        self._call(self._host.advance(span))

    def settle(self, timeout_seconds: float = 60) -> None:
        """Wait until nothing runs and nothing could run now."""
        self._call(self._host.settle(), timeout_seconds)

    # orchestrations

    def start(self, name: str, data: Any = None, *, instance_id: str | None = None, version: str | None = None) -> str:
        """Start an orchestration as the SDK's client would; its instance id."""
        text = None if data is None else json.dumps(json.dumps(data))
        started: str = self._do(self._host.engine.start_new, name, text, instance_id, version)
        return started

    def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Send an event whose data arrives as it is (the SDK's own client would send it as a string)."""
        self._do(self._host.engine.raise_event, instance_id, name, json.dumps(data))

    def status(self, instance_id: str, *, history: bool = False) -> dict[str, Any] | None:
        """The instance as the management API shows it, None where there is none."""
        try:
            one = self._do(self._host.engine.get, instance_id)
        except NotFound:
            return None
        turns = self._do(self._host.engine.history, instance_id) if history else None
        return status_of(one, with_input=True, history=turns)

    def result(self, instance_id: str) -> Any:
        """Settle; the output of an instance that has completed. AssertionError for any other state."""
        self.settle()
        status = self.status(instance_id)
        assert status is not None, f"there is no instance {instance_id}"
        assert status["runtimeStatus"] == "Completed", status
        return status["output"]

    def terminate(self, instance_id: str, reason: str = "") -> None:
        """End an instance."""
        self._do(self._host.engine.terminate, instance_id, reason)

    def suspend(self, instance_id: str, reason: str = "") -> None:
        """Hold an instance."""
        self._do(self._host.engine.suspend, instance_id, reason)

    def resume(self, instance_id: str, reason: str = "") -> None:
        """Let a held instance go on."""
        self._do(self._host.engine.resume, instance_id, reason)

    def restart(self, instance_id: str, *, with_new_id: bool = True) -> str:
        """Start an instance anew; its id."""
        restarted: str = self._do(self._host.engine.restart, instance_id, with_new_id=with_new_id)
        return restarted

    def purge(self, instance_id: str) -> None:
        """Forget an instance."""
        self._do(self._host.engine.purge, instance_id)

    # entities, meter, keys

    def signal(self, entity: str, key: str, operation: str, data: Any = None) -> None:
        """Send an operation to an entity."""
        text = json.dumps(json.dumps(data))
        self._do(self._host.engine.signal, entity, key, operation, text)

    def entity(self, entity: str, key: str) -> Any:
        """An entity's state, None where there is no such entity."""
        state = self._do(self._host.engine.read_entity, entity, key)
        return None if state is None else json.loads(state)

    def meter(self) -> dict[str, Any]:
        """What functions and root instances have used."""
        used: dict[str, Any] = self._do(meter, self._host.store)
        return used

    def key(self, function: str | None = None) -> str:
        """A function's key, or the one that opens every function."""
        return self._host.keys.of(function) if function else self._host.keys.default


async def _cancel_the_rest() -> None:
    """End what the app itself has left running on the loop, such as the lifespan of an ASGI app."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
