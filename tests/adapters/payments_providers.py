"""The payment providers that the suite is played against; each play is a process of its own on what was left before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from shared.adapters.payments_sandbox import METHODS, SandboxPayments
from shared.adapters.payments_sandbox_bank import SandboxBank
from shared.adapters.payments_stripe import StripePayments
from shared.adapters.store_sqlite import SqliteStore
from shared.money.amounts import Money
from shared.ports import Payments
from tests.peers import stripe_peer
from tests.peers.stripe_peer import KEY, StripePeer

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


class Sandbox:
    """The embedded one."""

    ok, declined, insufficient, lost, lost_before, needs_action, disputed = METHODS

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.file = folder / "records.db"

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Sandbox]:
        yield cls(folder)

    def partner(self, name: str) -> str:
        return name

    async def customer(self, payment: str, *, confirms: bool) -> None:
        """What the customer does at their bank."""
        store = SqliteStore(self.file, self.clock)
        try:
            await SandboxBank(store, self.clock).answer(payment, is_confirmed=confirms)
        finally:
            await store.close()

    def play(self, scenario: Callable[[Payments], Awaitable[None]]) -> None:
        async def run() -> None:
            store = SqliteStore(self.file, self.clock)
            try:
                await scenario(SandboxPayments(store, self.clock))
            finally:
                await store.close()

        asyncio.run(run())


class Stripe:
    """Stripe's adapter, on a loopback server."""

    ok, lost, lost_before = "pm_card_visa", "pm_card_answerLost", "pm_card_requestLost"
    needs_action, disputed = "pm_card_authenticationRequired", "pm_card_createDispute"
    declined, insufficient = "pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"

    def __init__(self, folder: Path, peer: StripePeer) -> None:
        self.clock = SetClock()
        self.file = folder / "records.db"
        self.peer = peer
        self.peer.clock = self.clock.now
        self._accounts: dict[str, str] = {}

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Stripe]:
        with stripe_peer.running() as peer:
            yield cls(folder, peer)

    def partner(self, name: str) -> str:
        """The connected account of a partner, made at first."""
        if name not in self._accounts:
            self._accounts[name] = self.call("POST", "/v1/accounts", {"type": "express"})["id"]
        return self._accounts[name]

    async def customer(self, payment: str, *, confirms: bool) -> None:
        """What the customer does at their bank."""
        await asyncio.to_thread(self.peer.do, lambda: self.peer.world.authenticate(payment, succeeds=confirms))

    def call(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Any:
        """Ask the server past the adapter."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = httpx.request(
            method, self.peer.url + path, data=form, headers={"Authorization": f"Bearer {KEY}", **named}
        )
        return answer.json()

    def play(self, scenario: Callable[[Payments], Awaitable[None]], *, seconds: float = 10) -> None:
        async def run() -> None:
            store = SqliteStore(self.file, self.clock)
            page = "https://shop.example/paid"
            payments = StripePayments(KEY, self.peer.url, store, return_url=page, attempt_seconds_max=seconds)
            try:
                await scenario(payments)
            finally:
                await payments.close()
                await store.close()

        asyncio.run(run())


Provider = Sandbox | Stripe
