"""Everything that is measured: who stands beside whom, and what is aimed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from bench.devhost import Round

Probe = Callable[[], AbstractAsyncContextManager[Round]]

ROUNDS = 5
ROUNDS_QUICK = 1
_MORE_IS_BETTER = frozenset({"/s", "nDCG@10"})


@dataclass(frozen=True, eq=False)
class Contender:
    """One row of the table.

    probe: function of a module of this package, given `arguments`; aim: in the measurement's unit; beside: the label
    of the contender that this one is held against; level: the aim for how many times as fast as that one it is.
    """

    label: str
    probe: str
    arguments: Mapping[str, Any]
    aim: float | None = None
    beside: str | None = None
    level: float | None = None

    def load(self) -> Probe:
        """The probe itself; its module is imported only here, in the process that measures."""
        module, name = self.probe.split(".")
        return partial(getattr(import_module(f"bench.{module}"), name), **self.arguments)


@dataclass(frozen=True)
class Measurement:
    """Contenders that take turns; more is better where the unit is a rate or a quality."""

    name: str
    title: str
    unit: str
    contenders: tuple[Contender, ...]
    rounds: int = ROUNDS

    @property
    def is_rate(self) -> bool:
        """Whether more is better."""
        return self.unit in _MORE_IS_BETTER


PEER = "durabletask, in memory"
FILE = "devhost, on file"
MEMORY = "devhost, in memory"
HTTP = "devhost, file, over HTTP"


def _probe(label: str, probe: str, /, aim: float | None = None, **arguments: Any) -> Contender:
    return Contender(label, probe, arguments, aim)


def _beside(contender: Contender, label: str, level: float | None = None) -> Contender:
    return Contender(contender.label, contender.probe, contender.arguments, contender.aim, label, level)


def _routes(count: int, clients: int) -> tuple[Contender, ...]:
    """The chat entry's routes beside the one that costs least."""
    base = f"GET health, {clients} clients"
    routes = {"POST chat": "chat", "GET products": "products", "POST resolve": "resolve"}
    probe, shared = "chat.requests", {"clients": clients, "count": count}
    return (
        *(_beside(_probe(label, probe, route=route, **shared), base) for label, route in routes.items()),
        _probe(base, probe, route="health", **shared),
    )


SDK = "import azure.functions, azure.durable_functions"
FLOOR = "azure-functions + durable + pydantic"
PYDANTIC = "import pydantic; pydantic.create_model('M', x=(int, 1))"
RECURRENT = "recurrent, dates alone"

MEASUREMENTS = (
    Measurement(
        "chain",
        "chain of 3 activities, alone",
        "ms",
        (
            _beside(_probe(FILE, "devhost.chain_alone", aim=5, on_file=True), PEER, 1),
            _beside(_probe(MEMORY, "devhost.chain_alone", on_file=False), PEER),
            _beside(_probe(HTTP, "served.chain_alone"), PEER),
            _probe(PEER, "peer.chain_alone"),
        ),
    ),
    Measurement(
        "chains",
        "chains of 3 activities, 400 at once",
        "/s",
        (
            _beside(_probe(FILE, "devhost.chains", aim=200, on_file=True), PEER, 1),
            _beside(_probe(MEMORY, "devhost.chains", on_file=False), PEER),
            _beside(_probe(HTTP, "served.chains"), PEER),
            _probe(PEER, "peer.chains"),
        ),
    ),
    Measurement(
        "fan-out",
        "fan-out of 500 activities",
        "s",
        (
            _beside(_probe(FILE, "devhost.fan_out", on_file=True), PEER),
            _beside(_probe(MEMORY, "devhost.fan_out", on_file=False), PEER),
            _probe(PEER, "peer.fan_out"),
        ),
    ),
    Measurement(
        "signals",
        "entity signals",
        "/s",
        (
            _probe("one entity, on file", "devhost.signals", aim=10_000, on_file=True, entities=1),
            _probe("100 entities, on file", "devhost.signals", aim=10_000, on_file=True, entities=100),
            _probe("one entity, in memory", "devhost.signals", on_file=False, entities=1),
            _probe("one entity, file, over HTTP", "served.signals"),
        ),
    ),
    Measurement(
        "events",
        "raise_event to continued and committed",
        "ms",
        (
            _probe("first events", "devhost.events", received=0, timed=2, instances=20),
            _beside(_probe("after 50 events", "devhost.events", received=50, timed=5, instances=3), "first events"),
        ),
    ),
    Measurement(
        "week",
        "168 hourly checks, 7 virtual days",
        "s",
        (
            _probe("with continue_as_new", "devhost.week", aim=0.7, flow="hourly_anew"),
            _beside(_probe("as one loop", "devhost.week", flow="hourly_loop"), "with continue_as_new"),
        ),
        rounds=2,
    ),
    Measurement(
        "boot",
        "start, until it answers",
        "s",
        (
            _beside(_probe("python -m devhost", "served.boot", aim=0.4), "imports of the SDK alone"),
            _probe("imports of the SDK alone", "served.imports", code=SDK),
        ),
        rounds=7,
    ),
    Measurement(
        "cold",
        "import of the app",
        "s",
        (
            _beside(_probe("function_app", "served.imports", code="import function_app"), FLOOR, 0.83),
            _probe(FLOOR, "served.imports", code=f"{SDK}, pydantic; pydantic.create_model('M', x=(int, 1))"),
        ),
        rounds=9,
    ),
    Measurement(
        "http",
        "HTTP function, from another process",
        "/s",
        (
            _beside(_probe("1 client", "served.requests", clients=1, is_bare=False), "bare uvicorn, 1 client"),
            _probe("bare uvicorn, 1 client", "served.requests", clients=1, is_bare=True),
            _beside(_probe("10 clients", "served.requests", clients=10, is_bare=False), "bare uvicorn, 10 clients"),
            _probe("bare uvicorn, 10 clients", "served.requests", clients=10, is_bare=True),
        ),
    ),
    Measurement(
        # By kind of query, with intervals and ratios: python -m bench.relevance.
        "relevance",
        "relevance over the graded set",
        "nDCG@10",
        (
            _probe("hybrid", "relevance.quality", aim=0.716, way="hybrid"),
            _probe("the scout's ranking", "relevance.quality", way="scout"),
            _probe("vectors alone", "relevance.quality", way="vectors"),
            _probe("words alone", "relevance.quality", way="words"),
        ),
        rounds=1,
    ),
    Measurement(
        "resolver",
        "a sentence understood",
        "us",
        (
            _beside(_probe("rules, everything", "resolver.rules", aim=1_000), RECURRENT),
            _probe(RECURRENT, "resolver.recurrent"),
            _beside(_probe("dateparser, dates alone", "resolver.dateparser"), RECURRENT),
        ),
    ),
    Measurement(
        "resolver-import",
        "import of the resolver",
        "s",
        (
            _beside(
                _probe("the resolver", "served.imports", code="import shared.discovery.intents.resolver"), "pydantic"
            ),
            _probe("pydantic", "served.imports", code=PYDANTIC),
        ),
        rounds=9,
    ),
    Measurement(
        # With the time by the wall, and 1,000 negotiations at once: python -m bench.recovery.
        "recovery",
        "rejection to proposal, 100,000 products",
        "ms",
        (
            _beside(_probe("rejection to proposal", "recovery.proposal", aim=100, count=100_000), "one search"),
            _probe("one search", "recovery.search", count=100_000),
        ),
        rounds=3,
    ),
    Measurement(
        # With 1,000 to 1,000,000 intents, memory and cost: python -m bench.standing.
        "standing",
        "standing intents: an hour's look at 1,000 things for 10,000",
        "s",
        (
            _beside(_probe("each thing once", "standing.watcher", intents=10_000), "each intent"),
            _probe("each intent", "standing.every_intent", intents=10_000),
        ),
        rounds=3,
    ),
    Measurement(
        "waiting",
        "a week on the local host, by its clock",
        "s",
        (
            _probe("one intent, the watcher alone", "waiting.week", aim=1.0, has_all_timers=False, has_intent=True),
            _probe("nobody waits, the watcher alone", "waiting.week", has_all_timers=False, has_intent=False),
            _probe("one intent, all timers", "waiting.week", has_all_timers=True, has_intent=True),
            _probe("nobody waits, all timers", "waiting.week", has_all_timers=True, has_intent=False),
        ),
        rounds=3,
    ),
    # Latencies, 1 client and 100,000 products: python -m bench.chat.
    Measurement("chat", "chat over HTTP, the demo city", "/s", _routes(count=0, clients=10), rounds=3),
    Measurement("chat-10k", "chat over HTTP, 10,000 products", "/s", _routes(count=10_000, clients=10), rounds=3),
)


def named(name: str) -> Measurement:
    """A measurement by its name. KeyError where there is none."""
    return {one.name: one for one in MEASUREMENTS}[name]
