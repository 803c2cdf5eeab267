"""What every lane works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devhost.clock import Clock
    from devhost.config import HostConfig
    from devhost.invoke import Invoker
    from devhost.journal import Journal


@dataclass(frozen=True, slots=True)
class Plant:
    """One host's parts; client: the text of the durable client binding; changed: set whenever a lane has moved on."""

    journal: Journal
    invoker: Invoker
    clock: Clock
    config: HostConfig
    client: str
    changed: asyncio.Event
