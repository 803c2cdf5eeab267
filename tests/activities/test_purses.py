"""Purses kept in a store: told in any order, twice and at once, they come to the same."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.ledger import Moved, write_ledger
from shared.money.payees import PAYEES
from shared.money.payouts import PAYOUTS
from shared.money.purses import PURSES, TOTALS, is_payee, lines_of
from shared.records import Query
from shared.settings import Settings
from shared.wiring import Deps
from tests.money.walks import Step, walks

PAYEES_OF_WALKS = ("vendor:V", "affiliate:A", "worker:W", "hub:H", "worker:X")


def play(work: Callable[[Deps], Awaitable[Any]]) -> Any:
    async def run(folder: str) -> Any:
        deps = Deps(Settings(data_dir=folder, city=""))
        try:
            return await work(deps)
        finally:
            await deps.store.close()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(folder))


def moves(steps: list[Step]) -> list[Moved]:
    return [Moved(order="O1", customer="C1", entries=one.outcome.entries) for one in steps if one.outcome.entries]


def expected(steps: list[Step]) -> dict[str, dict[str, int]]:
    """Account → what → minor units, out of the transfers themselves."""
    found: dict[str, dict[str, int]] = {}
    for step in steps:
        for line in lines_of("O1", step.outcome.transfers):
            figures = found.setdefault(line.account, {})
            assert line.what is not None
            assert line.amount is not None
            figures[line.what] = figures.get(line.what, 0) + line.amount.minor
    return found


async def seen(deps: Deps) -> dict[str, dict[str, int]]:
    found = {}
    for account in PAYEES_OF_WALKS:
        totals = await deps.store.get(PURSES, account, TOTALS)
        if totals is not None and totals.value.figures is not None:
            plain = totals.value.figures.model_dump(exclude={"pending"})
            found[account] = {what: one["USD"] for what, one in plain.items() if one}
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=walks(), seed=st.integers(0, 1_000))
def test_told_in_any_order_and_again_it_is_the_same(steps: list[Step], seed: int) -> None:
    chance = random.Random(seed)
    told = moves(steps)
    told += chance.sample(told, len(told) // 2)
    chance.shuffle(told)

    async def work(deps: Deps) -> None:
        for one in told:
            await write_ledger.run(deps, one)
        assert await seen(deps) == expected(steps)
        for account, figures in expected(steps).items():
            payouts = (await deps.store.query(PAYOUTS, Query({}, account, limit=200))).items
            assert sum(one.value.amount.minor for one in payouts) == figures.get("earned", 0)
            lines = (await deps.store.query(PURSES, Query({"kind": "line"}, account, "-at", 200))).items
            wanted = [line for step in steps for line in lines_of("O1", step.outcome.transfers)]
            assert sorted(one.value.id for one in lines) == sorted(one.id for one in wanted if one.account == account)

    play(work)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=walks(kinds=("hold", "release", "pay_out", "paid_out")))
def test_told_at_once_nothing_is_lost(steps: list[Step]) -> None:
    async def work(deps: Deps) -> None:
        told = moves(steps)
        await asyncio.gather(*(write_ledger.run(deps, one) for one in [*told, *told]))
        assert await seen(deps) == expected(steps)

    play(work)


def test_who_earns_something_is_looked_at() -> None:
    from shared.money import commands as ask
    from shared.money.escrow import apply
    from shared.money.legs import open_escrow
    from tests.money.walks import NOON, usd

    state, _ = apply(open_escrow("O1", "C1", "USD"), ask.Hold(id="h", at=NOON, leg="L1", amount=usd(1000)))
    _, outcome = apply(state, ask.PayOut(id="p", at=NOON, leg="L1", to="worker:W", amount=usd(400)))

    async def work(deps: Deps) -> None:
        await write_ledger.run(deps, Moved(order="O1", customer="C1", entries=outcome.entries))
        payee = await deps.store.get(PAYEES, "worker:W", "worker:W")
        assert payee is not None
        assert payee.value.next_at is not None
        (payout,) = (await deps.store.query(PAYOUTS, Query({}, "worker:W"))).items
        assert (payout.value.status, payout.value.leg, payout.value.due) == ("waiting", "L1", usd(400))
        assert (await deps.store.query(PURSES, Query({}, "platform:fees"))).items == []

    play(work)


@pytest.mark.parametrize("name", ["customer:C1", "platform:fees", "provider:clearing", "escrow:O1:L1"])
def test_who_is_not_paid_out_has_no_purse(name: str) -> None:
    assert not is_payee(name)
