"""Whether the parts behind the ports answer."""

from __future__ import annotations

import asyncio

from shared.records import Container, Query, Record
from shared.wiring import Deps

PROBE_SECONDS_MAX = 5.0


class Probe(Record):
    """A record that is never written: asking for it shows that the store answers."""

    group: str


PROBES = Container("probes", Probe, "group")


async def problems(house: Deps) -> list[str]:
    """A sentence for each part that does not answer in time; empty where all do."""
    try:
        async with asyncio.timeout(PROBE_SECONDS_MAX):
            await house.store.query(PROBES, Query({}, partition="ready", limit=1))
    except TimeoutError:
        return [f"store: no answer within {PROBE_SECONDS_MAX:g} s"]
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and not thrown
        return [f"store: {type(error).__name__}"]
    return []
