"""Payouts at a provider that loses answers, refuses, and is asked twice: each sum is sent once or waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from activities.ledger import Moved, write_ledger
from activities.payments import GivingBack, refund_payment
from activities.payouts import Asking, PayoutRef, Transferred, book_payout, look_again, pass_on, read_due
from activities.takings import Taking, take_back
from shared.flows import Call, Refusal
from shared.money import commands as ask
from shared.money.commands import Share
from shared.money.escrow import apply
from shared.money.legs import open_escrow
from shared.money.payees import PAYEES, Payee
from shared.money.payouts import PAYOUTS, Payout
from shared.records import Unavailable, Write
from shared.settings import Settings
from shared.wiring import Deps
from tests.money.walks import NOON, usd
from tests.peers import stripe_peer
from tests.peers.stripe_peer import KEY, Fault, StripePeer

SHARES = (Share(account="vendor:V", amount=usd(900)), Share(account="platform:fees", amount=usd(100)))
REF = PayoutRef(account="vendor:V", id="O1:r:0")


class House:
    """The steps on Stripe's loopback server; each play is a process of its own on what was left before."""

    def __init__(self, folder: Path, peer: StripePeer) -> None:
        self.folder = folder
        self.peer = peer
        self.calls = 0
        self.account = self.post("accounts", type="express")["id"]

    def post(self, path: str, **form: str) -> Any:
        headers = {"Authorization": f"Bearer {KEY}"}
        return httpx.post(f"{self.peer.url}/v1/{path}", data=form, headers=headers).json()

    def play(self, work: Callable[[Deps], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            chosen = {"payments": "stripe", "stripe_key": KEY, "stripe_url": self.peer.url}
            deps = Deps(Settings.model_validate({"data_dir": str(self.folder), "city": "", **chosen}))
            try:
                return await work(deps)
            finally:
                payments: Any = deps.payments
                await payments.close()
                await deps.store.close()

        return asyncio.run(run())

    def call(self) -> Call:
        self.calls += 1
        return Call(f"flow:{self.calls}", datetime.now(UTC))

    def sent(self) -> list[int]:
        return [one["amount"] for one in self.peer.world.all("transfer")]

    def earned(self, *captured: int) -> None:
        """An order of $10.00, paid by one card or several, released: nine are the vendor's."""
        state = open_escrow("O1", "C1", "USD")
        state, held = apply(state, ask.Hold(id="h", at=NOON, leg="L1", amount=usd(1000)))
        state, released = apply(state, ask.Release(id="r", at=NOON, leg="L1", shares=SHARES))

        async def work(deps: Deps) -> None:
            for number, minor in enumerate(captured):
                paid = await deps.payments.authorise("O1", usd(minor), "pm_card_visa", f"a{number}")
                await deps.payments.capture(paid.id, usd(minor), f"c{number}")
            for outcome in (held, released):
                await write_ledger.run(deps, Moved(order="O1", customer="C1", entries=outcome.entries))

        self.play(work)

    def name(self, destination: str | None = None) -> None:
        payee = Payee(id="vendor:V", destination=destination or self.account, updated_at=NOON)
        self.play(lambda deps: deps.store.apply(PAYEES, payee.id, [Write("put", payee)]))

    def pay(self) -> Any:
        return self.play(lambda deps: pass_on.run(deps, REF, self.call()))

    def payout(self) -> Payout:
        stored = self.play(lambda deps: deps.store.get(PAYOUTS, REF.account, REF.id))
        found: Payout = stored.value
        return found


@pytest.fixture
def there(tmp_path: Path) -> Iterator[House]:
    with stripe_peer.running() as peer:
        yield House(tmp_path, peer)


def test_it_is_sent_once_however_often_it_is_asked_for(there: House) -> None:
    there.earned(1000)
    there.name()
    first = there.pay()
    assert isinstance(first, Transferred)
    assert (first.amount, first.account, first.leg) == (usd(900), "vendor:V", "L1")
    there.peer.forget_keys()  # a day goes by
    assert there.pay() == first
    there.play(lambda deps: book_payout.run(deps, REF, there.call()))
    assert there.pay() == first
    assert there.sent() == [900]
    assert there.payout().status == "paid"


def test_an_answer_that_was_lost_is_found_again(there: House) -> None:
    there.earned(1000)
    there.name()
    there.peer.faults += [Fault(on="POST /v1/transfers", is_cut=True, is_after=True)] * 3
    with pytest.raises(Unavailable):
        there.pay()
    assert there.payout().status == "sending"
    there.peer.forget_keys()
    assert isinstance(there.pay(), Transferred)
    assert there.sent() == [900]


def test_one_that_nobody_can_be_sent_to_waits(there: House) -> None:
    there.earned(1000)
    due = there.play(lambda deps: read_due.run(deps, Asking(account="vendor:V", by="release"), there.call()))
    assert (due.payouts, due.waits_for) == ((), "no_account")
    assert "$9.00 wait for you" in due.says
    assert there.pay() == Refusal("no_account", "It waits for an account that it can be paid to.")
    assert there.pay() == Refusal("no_account"), "what was told is not told again"
    there.play(lambda deps: look_again.run(deps, "vendor:V", there.call()))
    assert there.play(lambda deps: deps.store.get(PAYEES, "vendor:V", "vendor:V")).value.next_at is None
    there.name()
    due = there.play(lambda deps: read_due.run(deps, Asking(account="vendor:V", by="account"), there.call()))
    assert due.payouts == (REF,)
    assert isinstance(there.pay(), Transferred)


def test_a_refusal_ends_the_plan_and_another_account_is_another_plan(there: House) -> None:
    there.earned(1000)
    there.name("acct_nobody")
    refused = there.pay()
    assert isinstance(refused, Refusal)
    assert refused.reason == "refused"
    assert (there.payout().status, there.payout().parts) == ("waiting", ())
    there.name()
    assert isinstance(there.pay(), Transferred)
    assert there.payout().destination == there.account
    assert there.sent() == [900]


def test_a_sum_may_come_out_of_several_payments(there: House) -> None:
    there.earned(500, 500)
    there.name()
    there.peer.faults += [Fault(on="POST /v1/transfers", status=500, is_after=True)] * 3
    with pytest.raises(Unavailable):
        there.pay()
    assert isinstance(there.pay(), Transferred)
    assert sorted(there.sent()) == [400, 500]
    assert there.payout().at_payee == usd(900)


def test_more_than_the_payments_have_left_is_not_sent(there: House) -> None:
    there.earned(800)
    there.name()
    refused = there.pay()
    assert isinstance(refused, Refusal)
    assert refused.reason == "not_enough"
    assert there.sent() == []


def taken(there: House, minor: int, key: str = "k") -> Any:
    asked = Taking(order="O1", leg="L1", account="vendor:V", amount=usd(minor), key=key)
    return there.play(lambda deps: take_back.run(deps, asked))


def test_what_waits_is_kept_back_and_the_rest_is_sent(there: House) -> None:
    there.earned(1000)
    there.name()
    for _ in range(2):
        assert (taken(there, 300).kept, taken(there, 300).reversed) == (usd(300), usd(0))
    made = there.pay()
    assert made.amount == usd(600)
    assert there.sent() == [600]


def test_what_is_on_its_way_is_waited_for(there: House) -> None:
    there.earned(1000)
    there.name()
    there.pay()
    with pytest.raises(Unavailable, match="on its way"):
        taken(there, 300)
    there.play(lambda deps: book_payout.run(deps, REF, there.call()))
    assert taken(there, 300).reversed == usd(300)


def test_what_was_paid_is_reversed_once(there: House) -> None:
    there.earned(1000)
    there.name()
    there.pay()
    there.play(lambda deps: book_payout.run(deps, REF, there.call()))
    there.peer.faults += [Fault(on="/reversals", is_cut=True, is_after=True)] * 3
    with pytest.raises(Unavailable):
        taken(there, 300)
    for _ in range(3):
        there.peer.forget_keys()
        assert taken(there, 300).reversed == usd(300)
    assert taken(there, 200, key="other").reversed == usd(200)
    assert sum(one["amount"] for one in there.peer.world.all("transfer_reversal")) == 500
    assert there.payout().at_payee == usd(400)


def test_an_empty_account_gives_nothing(there: House) -> None:
    there.earned(1000)
    there.name()
    there.pay()
    there.play(lambda deps: book_payout.run(deps, REF, there.call()))
    there.peer.world.connected[there.account, "usd"] = 0  # its owner was quicker
    assert (taken(there, 300).kept, taken(there, 300).reversed) == (usd(0), usd(0))
    assert there.payout().at_payee == usd(900)


def test_a_refund_over_several_payments_is_made_once(there: House) -> None:
    there.earned(500, 500)
    asked = GivingBack(order="O1", id="r-1", amount=usd(700))
    there.peer.faults += [Fault(on="POST /v1/refunds", is_cut=True, is_after=True)] * 3
    with pytest.raises(Unavailable):
        there.play(lambda deps: refund_payment.run(deps, asked, there.call()))
    there.peer.forget_keys()
    for _ in range(2):
        assert there.play(lambda deps: refund_payment.run(deps, asked, there.call())) is None
    assert sorted(one["amount"] for one in there.peer.world.all("refund")) == [200, 500]
    more = GivingBack(order="O1", id="r-2", amount=usd(301))
    refused = there.play(lambda deps: refund_payment.run(deps, more, there.call()))
    assert refused.reason == "not_enough"


def test_a_payee_is_looked_at_again_while_something_waits(there: House) -> None:
    there.earned(1000)
    there.name("acct_nobody")
    there.pay()
    call = there.call()
    there.play(lambda deps: look_again.run(deps, "vendor:V", call))
    looked = there.play(lambda deps: deps.store.get(PAYEES, "vendor:V", "vendor:V")).value.next_at
    assert looked == call.at + timedelta(hours=1)
