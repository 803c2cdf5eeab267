"""The host: everything put together, started and stopped."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from devhost import index, protocol
from devhost.admin import Admin
from devhost.clock import Clock, ClockError, FrozenClock, RealClock
from devhost.config import HostConfig, read_host_json, read_settings
from devhost.engine import Engine
from devhost.http import Functions, application
from devhost.index import App, Function, Trigger
from devhost.invoke import Invoker
from devhost.journal import Journal
from devhost.keys import Keys
from devhost.management import Management
from devhost.plant import Plant
from devhost.store import Store
from devhost.timers import TimerTriggers

_CLOCK = "clock"
_FROZEN = "FROZEN_NOW"
_TIME_ZONE = "WEBSITE_TIME_ZONE"


@dataclass(frozen=True)
class Options:
    """How a host is started; data=None keeps everything in memory, port=0 takes a free one."""

    app: Path
    data: Path | None = None
    address: str = "127.0.0.1"
    port: int = 0
    is_frozen: bool = False
    start: datetime | None = None
    survives_power_loss: bool = False


class Host:
    """One running app. Make it with `await Host.start(options)` and end it with `await host.close()`."""

    def __init__(self, options: Options) -> None:
        self.config: HostConfig = read_host_json(options.app)
        self._settings = read_settings(options.app)
        self.app: App = index.load(options.app, {**self._settings, **os.environ})
        self.store = Store(options.data, survives_power_loss=options.survives_power_loss)
        try:
            self._listener = _listen(options.address, options.port)
        except OSError:
            self.store.close()
            raise
        port = self._listener.getsockname()[1]
        self.url = f"http://{_reachable(options.address)}:{port}"
        self.clock: Clock = self._clock(options)
        self.keys = Keys(self.store)
        self._environment = [*_export(self._settings), _FROZEN]
        self._tell_time()
        self._put_together()

    def _clock(self, options: Options) -> Clock:
        if not options.is_frozen:
            return RealClock()
        stored = self.store.get_meta(_CLOCK)
        moment = datetime.fromisoformat(stored) if stored else options.start or datetime.now(UTC)
        return FrozenClock(moment)

    def _put_together(self) -> None:
        client = protocol.client_binding(self.url, self.config.hub_name, self.keys.system)
        timeout = self.config.function_timeout
        self._invoker = Invoker(self.app.directory, timeout.total_seconds() if timeout else None)
        journal, changed = Journal(self.store), asyncio.Event()
        plant = Plant(journal, self._invoker, self.clock, self.config, client, changed)
        self.engine = Engine(self.app, plant)
        self.timers = TimerTriggers(plant, self.app.triggered_by(Trigger.TIMER), os.environ.get(_TIME_ZONE))
        functions = Functions(
            self.app.triggered_by(Trigger.HTTP),
            self.config.route_prefix,
            self._invoker,
            self.engine,
            self.keys,
            client,
        )
        admin = Admin(self.store, self.clock, self.listing(), self.move_to, self.timers.run_now)
        management = Management(self.engine, self.keys, self.config.hub_name)
        asgi = application(functions, management, admin, self.keys)
        self._server = uvicorn.Server(
            uvicorn.Config(
                asgi,
                lifespan="off",
                log_config=None,
                access_log=False,
                ws="none",
                server_header=False,
                date_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=2,
            )
        )

    @classmethod
    async def start(cls, options: Options) -> Host:
        """Index the app, open the store, listen, and take up what was left unfinished.

        Raises index.Refused, config.ConfigError, store.StoreBusy, OSError (the port is taken).
        """
        host = cls(options)
        server = host._server
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup(sockets=[host._listener])
        host.engine.start()
        host.timers.start()
        return host

    async def close(self) -> None:
        """Stop listening, stop between two commits, leave no thread, file or connection behind."""
        await self._server.shutdown(sockets=[self._listener])
        await self.timers.close()
        await self.engine.close()
        self._invoker.close()
        await _close_sdk_session()
        self.store.close()
        for name in self._environment:
            os.environ.pop(name, None)

    # time

    @property
    def is_idle(self) -> bool:
        """Whether no orchestration, entity, activity or timer function runs or could run now."""
        return self.engine.is_idle and self.timers.lane.is_idle

    async def settle(self) -> None:
        """Wait until idle."""
        while not self.is_idle:
            self.engine.changed.clear()
            await self.engine.changed.wait()

    def next_due(self) -> datetime | None:
        """The next moment at which something is to happen by itself."""
        return min(filter(None, (self.engine.next_due(), self.timers.next_due())), default=None)

    async def advance(self, span: timedelta) -> None:
        """Move a frozen clock forward, see move_to."""
        await self.move_to(self.clock.now() + span)

    async def move_to(self, moment: datetime) -> None:
        """Move a frozen clock to a moment through every due one before it, each settled before the next."""
        if not self.clock.is_frozen:
            raise ClockError("this host runs on real time; start it with --clock frozen to move its clock")
        await self.settle()
        while (due := self.next_due()) is not None and due <= moment:
            await self._step(max(due, self.clock.now()))
        await self._step(moment)

    def _tell_time(self) -> None:
        """Let the app's own code know where a frozen clock stands, by an environment variable."""
        if self.clock.is_frozen:
            os.environ[_FROZEN] = self.clock.now().isoformat()

    async def _step(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        self._tell_time()
        with self.store.transaction():
            self.store.set_meta(_CLOCK, moment.isoformat())
        self.engine.ring()
        self.timers.ring()
        await self.settle()

    # what there is

    def listing(self) -> list[dict[str, Any]]:
        """Every function with its trigger and, where it has one, its URL or schedule."""
        return [self._listed(function) for function in self.app.functions]

    def _listed(self, function: Function) -> dict[str, Any]:
        line: dict[str, Any] = {"name": function.name, "trigger": function.trigger.value}
        if function.trigger is Trigger.HTTP:
            prefix = f"/{self.config.route_prefix}" if self.config.route_prefix else ""
            line["url"] = f"{self.url}{prefix}/{function.route.lstrip('/')}"
            line["methods"] = sorted(function.methods)
            line["auth"] = function.auth_level.lower()
        elif function.trigger is Trigger.TIMER:
            line["schedule"] = function.schedule
        return line


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's delay off; without it every answer waits some 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError:
        listener.close()
        raise
    listener.listen(1024)
    listener.settimeout(0)
    return listener


def _reachable(address: str) -> str:
    if address in ("0.0.0.0", "::"):  # noqa: S104  compared, not bound
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address


def _export(settings: Mapping[str, str]) -> Sequence[str]:
    """Put the app's settings into the environment; the names that were not there before."""
    fresh = [name for name in settings if name not in os.environ]
    os.environ.update({name: settings[name] for name in fresh})
    return fresh


async def _close_sdk_session() -> None:
    """The SDK keeps one HTTP session and its lock for the process; both belong to the loop that ends here."""
    module = sys.modules.get("azure.durable_functions.models.utils.http_utils")
    if module is not None:
        await module._close_session()  # noqa: SLF001  it has no public way
        setattr(module, "_session_lock", asyncio.Lock())  # noqa: B010
