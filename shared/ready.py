"""Whether the parts behind the ports answer: each is asked something cheap, all at once, in little time, and seldom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from shared.logistics.geo import Point
from shared.masking import masked
from shared.people.access import BadToken
from shared.records import Container, Query, Record, Unavailable
from shared.settings import SettingsError
from shared.wiring import PORTS, Deps

PROBE_SECONDS_MAX = 3.0
KEPT_SECONDS = 5.0
"""An answer serves all who ask within this time, so that asking wears nothing out."""
WHY_LENGTH_MAX = 200
NEEDED = frozenset({"store"})
"""Without it nothing works. Where another part is down the rest goes on, and no other instance could do better."""

Status = Literal["ok", "failing", "unchecked"]


class Check(NamedTuple):
    """How a port is; adapter: its class, or `none: ` and why there is none; why: where it fails.

    unchecked: it is there, and cannot be asked without doing something.
    """

    adapter: str
    status: Status
    why: str = ""


class Probe(Record):
    """A record that is never written: asking for it shows that the store answers."""

    group: str


class _Kept(NamedTuple):
    at: float
    checks: Mapping[str, Check]


PROBES = Container("probes", Probe, "group")
_NO_BLOB = "0" * 64
_NO_ORDER = "ready-probe"
_NO_TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJlYWR5LXByb2JlIiwidHlwIjoiSldUIn0.e30.AA"  # noqa: S105  nobody's
"""Header {"alg": "RS256", "kid": "ready-probe", "typ": "JWT"}: whoever knows the present keys knows that it is none."""
_SOMEWHERE = Point(lat=0, lng=0)

_kept: WeakKeyDictionary[Deps, _Kept] = WeakKeyDictionary()
# A lock belongs to one event loop; a process may run several, one after the other.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def checks(house: Deps) -> Mapping[str, Check]:
    """Every port by name, as of KEPT_SECONDS ago at the most."""
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with turn:
        kept = _kept.get(house)
        if kept is None or time.monotonic() - kept.at > KEPT_SECONDS:
            found = await asyncio.gather(*(_check(house, port) for port in PORTS))
            kept = _kept[house] = _Kept(time.monotonic(), dict(zip(PORTS, found, strict=True)))
    return kept.checks


async def _check(house: Deps, port: str) -> Check:
    try:
        part = getattr(house, port)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and not thrown
        why = masked(str(error), WHY_LENGTH_MAX) if isinstance(error, SettingsError) else type(error).__name__
        return Check(f"none: {why}", "failing", why)
    adapter = type(part).__name__
    probe = _PROBES.get(port)
    if probe is None:
        return Check(adapter, "unchecked")
    try:
        async with asyncio.timeout(PROBE_SECONDS_MAX):
            await probe(house)
    except TimeoutError:
        return Check(adapter, "failing", f"no answer within {PROBE_SECONDS_MAX:g} s")
    except Unavailable as error:
        return Check(adapter, "failing", masked(str(error), WHY_LENGTH_MAX))
    except Exception as error:  # noqa: BLE001  the same
        return Check(adapter, "failing", type(error).__name__)
    return Check(adapter, "ok")


async def _store(house: Deps) -> None:
    await house.store.query(PROBES, Query({}, partition="ready", limit=1))


async def _blobs(house: Deps) -> None:
    await house.blobs.get(_NO_BLOB)


async def _identity(house: Deps) -> None:
    try:
        await house.identity.caller_of(_NO_TOKEN)
    except BadToken:
        return


async def _payments(house: Deps) -> None:
    await house.payments.statement(_NO_ORDER)


async def _weather(house: Deps) -> None:
    now = house.clock.now()
    await house.weather.forecast(_SOMEWHERE, now, now)


async def _travel(house: Deps) -> None:
    await house.travel.minutes(_SOMEWHERE, [_SOMEWHERE], house.clock.now())


async def _index(house: Deps) -> None:
    await house.index.upto()


_PROBES: dict[str, Callable[[Deps], Awaitable[None]]] = {
    "store": _store,
    "blobs": _blobs,
    "identity": _identity,
    "payments": _payments,
    "weather": _weather,
    "travel": _travel,
    "index": _index,
}
