"""How long a sentence takes to be understood, beside packages that read no more of it than its dates.

`recurrent` and `dateparser` are in no requirements file: `pip install recurrent dateparser` where these are wanted.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo

from bench.city import demo_city
from bench.devhost import Round
from bench.graded import stored
from bench.scratch import ROOT
from shared.discovery.intents.resolver import Resolver
from shared.discovery.partners import PARTNERS
from shared.discovery.products import PRODUCTS

SENTENCES = ROOT / "tests" / "discovery" / "intents" / "sentences" / "dev.jsonl"
TIMES = 5
TIMES_PEER = 1


@dataclass(frozen=True)
class Sentence:
    """What somebody said, and when."""

    text: str
    now: datetime
    zone: ZoneInfo


def sentences() -> list[Sentence]:
    """The labelled ones of the tests."""
    entries = map(json.loads, SENTENCES.read_text("utf-8").splitlines())
    return [Sentence(one["text"], datetime.fromisoformat(one["now"]), ZoneInfo(one["zone"])) for one in entries]


@asynccontextmanager
async def rules() -> AsyncIterator[Round]:
    """Microseconds a sentence by the rules, which know the words of the demo city's catalog as the app's do."""
    async with demo_city() as city:
        titles = [product.title for product in await stored(city.store, PRODUCTS)]
        neighbourhoods = {one.place.neighbourhood for one in await stored(city.store, PARTNERS)} - {""}
        resolver = Resolver(city.taxonomy, titles, neighbourhoods)
    given = sentences()

    async def one_round() -> float:
        return _microseconds(lambda one: resolver.resolve(one.text, one.now, one.zone), given * TIMES)

    yield one_round


@asynccontextmanager
async def recurrent() -> AsyncIterator[Round]:
    """The same by `recurrent`, which finds a date or a recurrence; its parser is made once."""
    parser = _needed("recurrent.event_parser").RecurringEvent()
    given = sentences()

    def parse(one: Sentence) -> None:
        parser.now_date = one.now.replace(tzinfo=None)
        # It trips over some sentences with "from ... to ..."; the time that it takes to do so counts.
        with suppress(TypeError):
            parser.parse(one.text)

    async def one_round() -> float:
        return _microseconds(parse, given * TIMES_PEER)

    yield one_round


@asynccontextmanager
async def dateparser() -> AsyncIterator[Round]:
    """The same by `dateparser.search`, which finds dates; told that they are in English."""
    search = _needed("dateparser.search").search_dates
    given = sentences()

    def parse(one: Sentence) -> None:
        search(one.text, languages=["en"], settings={"RELATIVE_BASE": one.now.replace(tzinfo=None)})

    async def one_round() -> float:
        return _microseconds(parse, given * TIMES_PEER)

    yield one_round


def _needed(module: str) -> Any:
    """A peer's module; RuntimeError where it is not installed."""
    package = module.partition(".")[0]
    if find_spec(package) is None:
        raise RuntimeError(f"{package} is not installed here; pip install {package}")
    return import_module(module)


def _microseconds(understand: Callable[[Sentence], object], given: Sequence[Sentence]) -> float:
    began = time.perf_counter()
    for one in given:
        understand(one)
    return 1e6 * (time.perf_counter() - began) / len(given)
