"""The Stripe adapter where things go wrong: lost answers, kept refusals, other processes, odd currencies."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.payments_stripe import StripePayments
from shared.adapters.store_sqlite import SqliteStore
from shared.adapters.stripe_client import RETRIES_MAX
from shared.adapters.stripe_keys import StripeKeys
from shared.adapters.stripe_shapes import from_units, to_units
from shared.money.amounts import Money
from shared.money.currencies import MINOR_DIGITS
from shared.money.payments import (
    AmountRefused,
    OutcomeUnknown,
    PaymentError,
    PaymentKeyReused,
    State,
)
from shared.ports import Payments
from shared.records import Unavailable
from tests.adapters.payments_providers import Stripe, usd
from tests.peers.stripe_peer import KEY, Fault

ATTEMPTS = RETRIES_MAX + 1
Ask = Callable[[], Awaitable[Any]]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Stripe]:
    with Stripe.running(tmp_path) as running:
        yield running


async def held(payments: Payments, order: str, minor: int = 1_000, method: str = Stripe.ok) -> str:
    return (await payments.authorise(order, usd(minor), method, f"{order}:a")).id


async def captured(payments: Payments, order: str, minor: int = 1_000, method: str = Stripe.ok) -> str:
    payment = await held(payments, order, minor, method)
    await payments.capture(payment, usd(minor), f"{order}:c")
    return payment


async def every_verb(payments: Payments, provider: Stripe) -> dict[str, Ask]:
    """One request of each kind, each on an order of its own, by the end of the path that it writes to."""
    florist = provider.partner("florist")
    to_capture, to_void = await held(payments, "o2"), await held(payments, "o3")
    to_refund, to_transfer, to_reverse = [await captured(payments, order) for order in ("o4", "o5", "o6")]
    made = await payments.transfer(to_reverse, florist, usd(700), "o6:t")
    return {
        "POST /v1/payment_intents": lambda: payments.authorise("o1", usd(500), provider.ok, "o1:x"),
        "/capture": lambda: payments.capture(to_capture, usd(900), "o2:x"),
        "/cancel": lambda: payments.void(to_void, "o3:x"),
        "POST /v1/refunds": lambda: payments.refund(to_refund, usd(300), "o4:x"),
        "POST /v1/transfers": lambda: payments.transfer(to_transfer, florist, usd(300), "o5:x"),
        "/reversals": lambda: payments.reverse(made.id, usd(300), "o6:x"),
    }


async def must_be_done_once(payments: Payments) -> None:
    said = [await payments.statement(f"o{n}") for n in range(1, 7)]
    [held_], [taken], [freed] = (one.payments for one in said[:3])
    assert (held_.state, taken.captured, freed.state) == (State.AUTHORISED, usd(900), State.VOIDED)
    assert [one.amount for one in said[3].refunds] == [usd(300)]
    assert [one.amount for one in said[4].transfers] == [usd(300)]
    assert [one.amount for one in said[5].reversals] == [usd(300)]
    assert [one.payments[0].left for one in said[3:]] == [usd(700), usd(700), usd(600)]


@pytest.mark.parametrize("is_day_later", [False, True])
@pytest.mark.parametrize("is_after", [False, True])
def test_a_lost_answer_is_unknown_and_the_same_key_does_it_once(
    provider: Stripe, is_after: bool, is_day_later: bool
) -> None:
    async def scenario(payments: Payments) -> None:
        asked = await every_verb(payments, provider)
        provider.peer.faults = [Fault(path, is_after=is_after, is_cut=True) for path in asked] * ATTEMPTS
        lost = await asyncio.gather(*(ask() for ask in asked.values()), return_exceptions=True)
        assert [type(one) for one in lost] == [OutcomeUnknown] * 6
        assert provider.peer.faults == []
        if is_day_later:
            provider.peer.forget_keys()
        first = [await ask() for ask in asked.values()]
        assert [await ask() for ask in asked.values()] == first
        await must_be_done_once(payments)

    provider.play(scenario)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(is_after=True, is_cut=True),
        Fault(is_after=True, is_torn=True),
        Fault(status=409),
        Fault(status=503, is_after=True),
    ],
)
def test_what_passes_is_tried_again_with_the_same_key(provider: Stripe, fault: Fault) -> None:
    async def scenario(payments: Payments) -> None:
        asked = await every_verb(payments, provider)
        provider.peer.faults = [fault._replace(on=path) for path in asked]
        provider.peer.asked.clear()
        await asyncio.gather(*(ask() for ask in asked.values()))
        assert provider.peer.faults == []
        keys = [one.headers["Idempotency-Key"] for one in provider.peer.asked if one.method == "POST"]
        assert (len(keys), len(set(keys))) == (12, 6)
        await must_be_done_once(payments)

    provider.play(scenario)


def test_after_a_refused_connection_nothing_is_in_doubt(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await held(payments, "o1")
        there, provider.peer.url = provider.peer.url, "http://127.0.0.1:9"
        async with other(provider) as far:
            for ask in (far.authorise("o2", usd(500), provider.ok, "k"), far.capture(payment, usd(500), "c")):
                with pytest.raises(Unavailable, match="not to be reached") as said:
                    await ask
                assert not isinstance(said.value, OutcomeUnknown)
        provider.peer.url = there
        assert (await payments.authorise("o2", usd(500), provider.ok, "k")).state is State.AUTHORISED

    provider.play(scenario)


class other:  # noqa: N801 - reads as the words do
    """Another process on the same account and store."""

    def __init__(self, provider: Stripe, key: str = KEY, seconds: float = 10) -> None:
        self.store = SqliteStore(provider.file, provider.clock)
        self.payments = StripePayments(key, provider.peer.url, self.store, attempt_seconds_max=seconds)

    async def __aenter__(self) -> StripePayments:
        return self.payments

    async def __aexit__(self, *_: object) -> None:
        await self.payments.close()
        await self.store.close()


def test_too_many_requests_tell_when_to_come_again(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        provider.peer.faults = [Fault("POST", status=429, headers={"Retry-After": "7"})]
        with pytest.raises(Unavailable, match="429") as said:
            await payments.refund(payment, usd(100), "f")
        assert (said.value.retry_seconds, isinstance(said.value, OutcomeUnknown)) == (7, False)
        assert (await payments.refund(payment, usd(100), "f")).amount == usd(100)

    provider.play(scenario)


@pytest.mark.parametrize("is_after", [False, True])
def test_a_time_out_is_unknown(provider: Stripe, is_after: bool) -> None:
    async def scenario(payments: Payments) -> None:
        provider.peer.faults = [Fault("POST", is_after=is_after, seconds=1.0, is_cut=True)] * ATTEMPTS
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o1", usd(500), provider.ok, "k")
        assert [one.state for one in (await payments.statement("o1")).payments] == [State.AUTHORISED] * is_after
        await payments.authorise("o1", usd(500), provider.ok, "k")
        assert len((await payments.statement("o1")).payments) == 1

    provider.play(scenario, seconds=0.25)


def test_a_fault_that_stripe_keeps_stays_unknown_until_it_forgets(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        provider.peer.faults = [Fault("POST", status=500, is_kept=True)]
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match="500"):
                await payments.refund(payment, usd(400), "f")
        with pytest.raises(AmountRefused):  # the money is promised as long
            await payments.refund(payment, usd(601), "g")
        provider.peer.forget_keys()
        await payments.refund(payment, usd(400), "f")
        assert (await payments.statement("o1")).payments[0].left == usd(600)

    provider.play(scenario)


def test_an_answer_that_cannot_be_read_is_unknown_after_a_write_alone(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        provider.peer.faults = [Fault("POST", status=200, is_after=True, text="<html>")]
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o1", usd(500), provider.ok, "k")
        for text in ("<html>", "{}", '{"object": "list", "data": [{}]}'):
            provider.peer.faults = [Fault("GET", status=200, text=text)]
            with pytest.raises(Unavailable) as said:
                await payments.statement("o1")
            assert not isinstance(said.value, OutcomeUnknown)
        provider.peer.faults = [Fault("POST", status=200, is_after=True, text='{"object": "payment_intent"}')]
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o2", usd(500), provider.ok, "l")

    provider.play(scenario)


def test_a_wrong_api_key_is_no_fault_of_the_request_and_is_not_told(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        async with other(provider, key="sk_test_wrong") as stranger:
            for ask in (stranger.statement("o1"), stranger.authorise("o1", usd(500), provider.ok, "k")):
                with pytest.raises(Unavailable, match="API key") as said:
                    await ask
                assert "sk_test" not in str(said.value)

    provider.play(scenario)


def test_a_refusal_that_stripe_keeps_does_not_use_up_the_key(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        florist = provider.partner("florist")
        payment = await captured(payments, "o1")
        made = await payments.transfer(payment, florist, usd(700), "t")
        purse = provider.peer.world.connected
        purse[florist, "usd"] = 100  # the rest has been paid out
        for _ in range(2):
            with pytest.raises(AmountRefused, match="insufficient funds"):
                await payments.reverse(made.id, usd(700), "r")
        purse[florist, "usd"] = 700
        back = await payments.reverse(made.id, usd(700), "r")
        assert (await payments.statement("o1")).reversals == (back,)

    provider.play(scenario)


def test_a_refused_request_gives_its_promise_back(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        with pytest.raises(PaymentError, match="No such destination"):
            await payments.transfer(payment, "acct_nobody", usd(1_000), "t")
        await payments.refund(payment, usd(1_000), "f")

    provider.play(scenario)


def test_other_refusals_of_a_card_are_declines_too(provider: Stripe) -> None:
    method = "pm_card_chargeDeclinedExpiredCard"

    async def scenario(payments: Payments) -> None:
        declined = await payments.authorise("o1", usd(500), method, "k")
        assert (declined.state, declined.decline, declined.method) == (State.DECLINED, "card_declined", method)
        assert (await payments.statement("o1")).payments == (declined,)

    provider.play(scenario)


def test_without_a_place_to_return_to_the_customer_confirms_in_stripes_own_form(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        async with other(provider) as bare:
            waits = await bare.authorise("o1", usd(500), provider.needs_action, "k")
            assert waits.action is not None
            assert (waits.action.url, waits.action.client_secret) == (None, f"{waits.id}_secret_loopback")
        paged = await payments.authorise("o2", usd(500), provider.needs_action, "k2")
        assert paged.action is not None
        assert str(paged.action.url).startswith("https://hooks.stripe.com/")

    provider.play(scenario)


@pytest.mark.parametrize("is_day_later", [False, True])
def test_a_lost_answer_that_wanted_the_customer_is_found_again(provider: Stripe, is_day_later: bool) -> None:
    async def scenario(payments: Payments) -> None:
        provider.peer.faults = [Fault("POST /v1/payment_intents", is_after=True, is_cut=True)] * ATTEMPTS
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o1", usd(500), provider.needs_action, "k")
        if is_day_later:
            provider.peer.forget_keys()
        waits = await payments.authorise("o1", usd(500), provider.needs_action, "k")
        assert waits.state is State.NEEDS_ACTION
        await provider.customer(waits.id, confirms=True)
        [held_] = (await payments.statement("o1")).payments
        assert (held_.id, held_.state) == (waits.id, State.AUTHORISED)

    provider.play(scenario)


def test_two_processes_do_not_give_the_same_money_twice(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        florist = provider.partner("florist")
        payment = await captured(payments, "o1")
        async with other(provider) as twin:
            asked = [who.refund(payment, usd(300), f"f{n}") for n, who in enumerate((payments, twin) * 2)]
            asked += [who.transfer(payment, florist, usd(300), f"t{n}") for n, who in enumerate((payments, twin) * 2)]  # type: ignore[misc]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert sum(isinstance(one, AmountRefused) for one in answers) == 5
            same = await asyncio.gather(
                *(who.authorise("o2", usd(500), provider.ok, "k") for who in (payments, twin) * 5)
            )
            assert len({one.id for one in same}) == 1
        said = await payments.statement("o1")
        assert (len(said.refunds) + len(said.transfers), said.payments[0].left) == (3, usd(100))
        assert len((await payments.statement("o2")).payments) == 1

    provider.play(scenario)


def test_a_key_that_was_bound_before_a_crash_is_served(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        request = ["authorise", "o1", usd(500).model_dump(), provider.ok]
        async with other(provider) as dying:
            await StripeKeys(dying._keys._store).bind("k", list(request))
        with pytest.raises(PaymentKeyReused):
            await payments.authorise("o1", usd(501), provider.ok, "k")
        assert (await payments.authorise("o1", usd(500), provider.ok, "k")).state is State.AUTHORISED

    provider.play(scenario)


def test_another_request_under_a_key_that_stripe_knows_leaves_it_bound(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        provider.peer.faults = [Fault("POST /v1/refunds", is_after=True, is_cut=True)] * ATTEMPTS
        with pytest.raises(OutcomeUnknown):
            await payments.refund(payment, usd(400), "f")
        # As if a newer version of ours asked with other parameters, and the refund were not to be seen yet.
        [made] = provider.peer.world.all("refund")
        made["metadata"] = {"order": "o1"}
        [key] = [key for key, saved in provider.peer._saved.items() if saved.body.get("object") == "refund"]
        provider.peer._saved[key] = provider.peer._saved[key]._replace(fingerprint="older")
        for _ in range(2):
            with pytest.raises(PaymentKeyReused):
                await payments.refund(payment, usd(400), "f")
        assert len((await payments.statement("o1")).refunds) == 1

    provider.play(scenario)


def test_long_lists_are_read_to_their_end(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1", 50_000)
        made = await payments.transfer(payment, provider.partner("florist"), usd(1_000), "t")
        world = provider.peer.world
        charge = world.things[payment]["latest_charge"]
        said = {"amount": "100", "currency": "usd", "destination": provider.partner("florist")}
        for _ in range(120):
            world.create_transfer({**said, "source_transaction": charge, "transfer_group": "o1"})
            world.create_refund({"payment_intent": payment, "amount": "10"})
        for _ in range(110):
            world.create_reversal(made.id, {"amount": "5"})
        found = await payments.statement("o1")
        assert (len(found.transfers), len(found.refunds), len(found.reversals)) == (121, 120, 110)
        assert found.payments[0].left == usd(50_000 - 13_000 - 1_200 + 550)
        assert [one.id for one in found.refunds] == sorted(one.id for one in found.refunds)

    provider.play(scenario)


def test_a_refund_that_the_bank_sends_back_is_none(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        refund = await payments.refund(payment, usd(1_000), "f")
        assert (await payments.statement("o1")).payments[0].state is State.REFUNDED
        provider.peer.world.fail_refund(refund.id)
        said = await payments.statement("o1")
        assert (said.payments[0].state, said.payments[0].left, said.refunds) == (State.CAPTURED, usd(1_000), ())
        await payments.refund(payment, usd(1_000), "g")

    provider.play(scenario)


def test_money_passed_on_need_not_be_available_yet(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, "o1")
        assert provider.peer.world.platform("usd") == {"pending": 1_000 - 59, "available": 0}
        await payments.transfer(payment, provider.partner("florist"), usd(900), "t")
        [sent] = [one.said for one in provider.peer.asked if one.path == "/v1/transfers" and one.method == "POST"]
        assert sent["source_transaction"].startswith("ch_")
        assert (sent["transfer_group"], sent["metadata"]["key"]) == ("o1", "t")

    provider.play(scenario)


def test_nothing_of_a_card_is_sent_or_kept(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        await captured(payments, "o1")
        names = {name for one in provider.peer.asked for name in one.said}
        assert not {one for one in names if "card" in one or "number" in one or "payment_method_data" in one}

    provider.play(scenario)
    assert b"client_secret" not in provider.file.read_bytes()
    assert b"_secret_" not in provider.file.read_bytes()


def test_an_order_that_stripe_does_not_know_is_empty(provider: Stripe) -> None:
    async def scenario(payments: Payments) -> None:
        said = await payments.statement("nobody")
        assert (said.payments, said.refunds, said.transfers, said.reversals) == ((), (), (), ())

    provider.play(scenario)


def test_a_hold_that_lapsed_a_while_ago_stays_expired(provider: Stripe) -> None:
    provider.play(lambda payments: held(payments, "o1"))  # type: ignore[arg-type, return-value]
    provider.clock.moment += timedelta(days=30)

    async def later(payments: Payments) -> None:
        assert [one.state for one in (await payments.statement("o1")).payments] == [State.EXPIRED]

    provider.play(later)


@pytest.mark.parametrize("currency", sorted(MINOR_DIGITS))
def test_amounts_come_back_as_they_went(currency: str) -> None:
    amount = Money(minor=1_230, currency=currency)
    if currency == "MGA":
        with pytest.raises(AmountRefused):
            to_units(amount)
        return
    units = to_units(amount)
    assert units == (123_000 if currency in {"ISK", "UGX"} else 1_230)
    assert from_units(units, currency.lower()) == amount
