"""The sandbox's bank: what a customer does on its page, and chargebacks that are told by themselves."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.payments_sandbox import SandboxPayments
from shared.adapters.payments_sandbox_bank import SandboxBank
from shared.adapters.store_sqlite import SqliteStore
from shared.money.payments import ACTION_MINUTES_MAX, ImpossibleMove, State, UnknownPayment
from tests.adapters.payments_providers import SetClock, usd

Scenario = Callable[[SandboxPayments, SandboxBank, SetClock], Awaitable[None]]


def play(folder: Path, scenario: Scenario) -> None:
    async def run() -> None:
        clock = SetClock()
        store = SqliteStore(folder / "records.db", clock)
        try:
            await scenario(SandboxPayments(store, clock), SandboxBank(store, clock), clock)
        finally:
            await store.close()

    asyncio.run(run())


def test_told_twice_is_told_once_and_the_first_counts(tmp_path: Path) -> None:
    async def scenario(payments: SandboxPayments, bank: SandboxBank, clock: SetClock) -> None:
        one = await payments.authorise("o1", usd(500), "card_needs_action", "k1")
        two = await payments.authorise("o1", usd(500), "card_needs_action", "k2")
        for _ in range(2):
            assert (await bank.answer(one.id, is_confirmed=True)).state is State.AUTHORISED
            assert (await bank.answer(two.id, is_confirmed=False)).state is State.DECLINED
        with pytest.raises(ImpossibleMove):
            await bank.answer(one.id, is_confirmed=False)
        with pytest.raises(ImpossibleMove):
            await bank.answer(two.id, is_confirmed=True)
        with pytest.raises(UnknownPayment):
            await bank.answer("payment_0", is_confirmed=True)

    play(tmp_path, scenario)


def test_who_comes_too_late_to_the_bank_finds_nothing_to_confirm(tmp_path: Path) -> None:
    async def scenario(payments: SandboxPayments, bank: SandboxBank, clock: SetClock) -> None:
        one = await payments.authorise("o1", usd(500), "card_needs_action", "k1")
        clock.moment += timedelta(minutes=ACTION_MINUTES_MAX)
        with pytest.raises(ImpossibleMove, match="expired"):
            await bank.answer(one.id, is_confirmed=True)
        [late] = (await payments.statement("o1")).payments
        assert (late.state, late.action) == (State.EXPIRED, None)

    play(tmp_path, scenario)


def test_a_chargeback_is_told_until_it_is_heard_and_again_once_decided(tmp_path: Path) -> None:
    async def scenario(payments: SandboxPayments, bank: SandboxBank, clock: SetClock) -> None:
        payment = await payments.authorise("o1", usd(500), "card_dispute", "k")
        assert await bank.news() == []
        with pytest.raises(UnknownPayment):
            await bank.decide(payment.id, is_won=True)
        await payments.capture(payment.id, usd(500), "c")
        [(news, entry)] = await bank.news()
        assert (news.type, news.order, news.payment) == ("charge.dispute.created", "o1", payment.id)
        assert news.amount == usd(500)
        await bank.heard(entry)
        assert await bank.news() == []
        await bank.decide(payment.id, is_won=True)
        await bank.decide(payment.id, is_won=True)
        with pytest.raises(ImpossibleMove):
            await bank.decide(payment.id, is_won=False)
        await bank.heard(entry)  # late: it does not hide what came after it
        [(closed, entry)] = await bank.news()
        assert (closed.type, closed.status, closed.about) == ("charge.dispute.closed", "won", news.about)
        await bank.heard(entry)
        assert (await payments.refund(payment.id, usd(500), "f")).amount == usd(500)

    play(tmp_path, scenario)
