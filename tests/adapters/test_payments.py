"""What every payment provider must do (the suite), and the rules by which they decide."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import payments as rules
from shared.money.amounts import CurrencyMismatch, Money
from shared.money.payments import (
    ACTION_MINUTES_MAX,
    HOLD_DAYS_MAX,
    MOVES,
    AmountRefused,
    ImpossibleMove,
    Move,
    OutcomeUnknown,
    PartnerTransfer,
    Payment,
    PaymentError,
    PaymentKeyReused,
    State,
    UnknownMethod,
    UnknownPayment,
)
from shared.ports import Payments
from tests.adapters.payments_providers import START, Provider, Sandbox, Stripe, usd


@pytest.fixture(params=[Sandbox, Stripe])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    with request.param.running(tmp_path) as running:
        yield running


async def captured(payments: Payments, provider: Provider, order: str, minor: int) -> str:
    """A payment of an order whose money rests on the platform."""
    payment = await payments.authorise(order, usd(minor), provider.ok, f"{order}:authorise")
    await payments.capture(payment.id, usd(minor), f"{order}:capture")
    return payment.id


def test_money_is_held_captured_passed_on_taken_back_and_refunded(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        held = await payments.authorise("o1", usd(10_000), provider.ok, "o1:authorise")
        assert (held.state, held.captured, held.decline) == (State.AUTHORISED, usd(0), None)
        taken = await payments.capture(held.id, usd(9_000), "o1:capture")
        assert (taken.state, taken.captured, taken.left) == (State.CAPTURED, usd(9_000), usd(9_000))
        made = await payments.transfer(held.id, provider.partner("florist"), usd(6_000), "o1:leg-1:transfer")
        back = await payments.reverse(made.id, usd(1_000), "o1:leg-1:reverse")
        refund = await payments.refund(held.id, usd(4_000), "o1:refund")
        said = await payments.statement("o1")
        assert said.payments[0].left == usd(0)
        assert said.payments[0].refunded == usd(4_000)
        assert said.transfers == (made.model_copy(update={"reversed": usd(1_000)}),)
        assert (said.reversals, said.refunds) == ((back,), (refund,))

    provider.play(scenario)


def test_a_declined_card_is_an_answer_with_a_reason(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        declined = await payments.authorise("o1", usd(500), provider.declined, "k1")
        assert (declined.state, declined.decline) == (State.DECLINED, "card_declined")
        poor = await payments.authorise("o1", usd(500), provider.insufficient, "k2")
        assert (poor.state, poor.decline) == (State.DECLINED, "insufficient_funds")
        assert await payments.authorise("o1", usd(500), provider.declined, "k1") == declined
        with pytest.raises(ImpossibleMove):
            await payments.capture(declined.id, usd(500), "k3")
        assert (await payments.void(declined.id, "k4")).state is State.DECLINED
        assert {one.id for one in (await payments.statement("o1")).payments} == {declined.id, poor.id}

    provider.play(scenario)


def test_a_repeated_request_gets_the_first_answer_and_does_nothing(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, provider, "o1", 1_000)
        first = await payments.transfer(payment, provider.partner("florist"), usd(400), "t")
        await payments.reverse(first.id, usd(400), "r")
        assert await payments.transfer(payment, provider.partner("florist"), usd(400), "t") == first
        assert await payments.refund(payment, usd(100), "f") == await payments.refund(payment, usd(100), "f")
        said = await payments.statement("o1")
        assert (len(said.transfers), len(said.refunds), said.payments[0].left) == (1, 1, usd(900))

    provider.play(scenario)
    provider.play(scenario)  # after a restart, and all over again


def test_twenty_at_once_with_one_key_are_one(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        answers = await asyncio.gather(*(payments.authorise("o1", usd(500), provider.ok, "k") for _ in range(20)))
        assert len({one.id for one in answers}) == 1
        others = await asyncio.gather(*(captured(payments, provider, "o1", 500) for _ in range(20)))
        assert len(set(others)) == 1
        assert len((await payments.statement("o1")).payments) == 2

    provider.play(scenario)


def test_a_key_stands_for_one_request_across_orders_and_verbs(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, provider, "o1", 1_000)
        await payments.refund(payment, usd(100), "k")
        with pytest.raises(PaymentKeyReused):
            await payments.refund(payment, usd(101), "k")
        with pytest.raises(PaymentKeyReused):
            await payments.transfer(payment, provider.partner("florist"), usd(100), "k")
        with pytest.raises(PaymentKeyReused):
            await payments.authorise("o2", usd(1_000), provider.ok, "o1:authorise")
        with pytest.raises(ValueError, match="1 to 255"):
            await payments.void(payment, "")
        assert (await payments.statement("o2")).payments == ()

    provider.play(scenario)


def test_a_lost_answer_is_told_by_the_look_up_and_by_the_same_key(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o1", usd(500), provider.lost, "k")
        found = (await payments.statement("o1")).payments
        assert [one.state for one in found] == [State.AUTHORISED]
        assert await payments.authorise("o1", usd(500), provider.lost, "k") == found[0]
        assert (await payments.void(found[0].id, "undo")).state is State.VOIDED

    provider.play(scenario)


def test_what_was_lost_before_its_effect_is_held_once_by_the_same_key(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        with pytest.raises(OutcomeUnknown):
            await payments.authorise("o1", usd(500), provider.lost_before, "k")
        assert (await payments.statement("o1")).payments == ()
        held = await payments.authorise("o1", usd(500), provider.lost_before, "k")
        assert held.state is State.AUTHORISED
        assert await payments.authorise("o1", usd(500), provider.lost_before, "k") == held
        assert (await payments.statement("o1")).payments == (held,)

    provider.play(scenario)


def test_what_the_bank_asks_of_the_customer_is_waited_for(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        waits = await payments.authorise("o1", usd(500), provider.needs_action, "k")
        assert (waits.state, waits.captured, waits.decline) == (State.NEEDS_ACTION, usd(0), None)
        assert waits.action is not None
        assert waits.action.url
        assert waits.action.expires_at == START + timedelta(minutes=ACTION_MINUTES_MAX)
        assert (await payments.statement("o1")).payments == (waits,)
        with pytest.raises(ImpossibleMove):
            await payments.capture(waits.id, usd(500), "early")
        await provider.customer(waits.id, confirms=True)
        [held] = (await payments.statement("o1")).payments
        assert (held.id, held.state, held.action) == (waits.id, State.AUTHORISED, None)
        assert await payments.authorise("o1", usd(500), provider.needs_action, "k") == waits, "the first answer"
        assert (await payments.capture(waits.id, usd(500), "c")).captured == usd(500)

    provider.play(scenario)


def test_who_does_not_get_past_the_bank_is_declined(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        waits = await payments.authorise("o1", usd(500), provider.needs_action, "k")
        await provider.customer(waits.id, confirms=False)
        [declined] = (await payments.statement("o1")).payments
        assert (declined.state, declined.decline, declined.action) == (State.DECLINED, "not_authenticated", None)
        assert (declined.id, declined.method) == (waits.id, provider.needs_action)
        with pytest.raises(ImpossibleMove):
            await payments.capture(waits.id, usd(500), "c")
        assert (await payments.void(waits.id, "v")).state is State.DECLINED

    provider.play(scenario)


def test_what_is_not_waited_for_any_longer_is_let_go(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        waits = await payments.authorise("o1", usd(500), provider.needs_action, "k")
        freed = await payments.void(waits.id, "v")
        assert (freed.state, freed.action) == (State.VOIDED, None)
        assert (await payments.statement("o1")).payments == (freed,)
        with pytest.raises(Exception, match=r"voided|canceled"):
            await provider.customer(waits.id, confirms=True)
        assert (await payments.statement("o1")).payments == (freed,)

    provider.play(scenario)


def test_disputed_money_is_not_refunded(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await payments.authorise("o1", usd(500), provider.disputed, "k")
        await payments.capture(payment.id, usd(500), "c")
        with pytest.raises(ImpossibleMove, match="disputed"):
            await payments.refund(payment.id, usd(100), "f")

    provider.play(scenario)


def test_no_more_goes_out_than_came_in_however_many_ask_at_once(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, provider, "o1", 1_000)
        asked = [payments.transfer(payment, provider.partner(f"p{n}"), usd(200), f"t{n}") for n in range(4)]
        asked += [payments.refund(payment, usd(200), f"f{n}") for n in range(4)]  # type: ignore[misc]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(one, AmountRefused) for one in answers) == 3
        said = await payments.statement("o1")
        assert len(said.transfers) + len(said.refunds) == 5
        assert said.payments[0].left == usd(0)

    provider.play(scenario)


def test_what_a_partner_has_must_be_taken_back_before_it_is_refunded(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        payment = await captured(payments, provider, "o1", 1_000)
        made = await payments.transfer(payment, provider.partner("florist"), usd(700), "t")
        with pytest.raises(AmountRefused, match="take back transfers first"):
            await payments.refund(payment, usd(1_000), "f1")
        with pytest.raises(AmountRefused):
            await payments.reverse(made.id, usd(701), "r1")
        await payments.reverse(made.id, usd(700), "r2")
        await payments.refund(payment, usd(1_000), "f1")  # a refusal does not use up the key
        assert (await payments.statement("o1")).payments[0].state is State.REFUNDED
        with pytest.raises(ImpossibleMove):
            await payments.transfer(payment, provider.partner("florist"), usd(1), "t2")

    provider.play(scenario)


def test_amounts_currencies_ids_and_methods_are_checked(provider: Provider) -> None:
    async def scenario(payments: Payments) -> None:
        held = await payments.authorise("o1", usd(500), provider.ok, "k")
        for amount in (0, -1, 501):
            with pytest.raises(AmountRefused):
                await payments.capture(held.id, usd(amount), f"c{amount}")
        with pytest.raises(CurrencyMismatch):
            await payments.capture(held.id, Money(minor=500, currency="EUR"), "c")
        with pytest.raises(AmountRefused):
            await payments.authorise("o1", usd(0), provider.ok, "z")
        with pytest.raises(UnknownMethod, match="card_stolen"):
            await payments.authorise("o1", usd(500), "card_stolen", "s")
        for unknown in ("payment_0", "", "../x", held.id + "?"):
            with pytest.raises(UnknownPayment):
                await payments.void(unknown, "v")
        with pytest.raises(UnknownPayment):
            await payments.reverse(held.id, usd(1), "r")
        assert (await payments.statement("o1")).payments == (held,)

    provider.play(scenario)


def test_a_hold_lapses_after_seven_days(provider: Provider) -> None:
    async def hold(payments: Payments) -> None:
        await payments.authorise("o1", usd(500), provider.ok, "k")

    async def late(payments: Payments) -> None:
        [payment] = (await payments.statement("o1")).payments
        assert payment.state is State.EXPIRED
        with pytest.raises(ImpossibleMove, match="expired"):
            await payments.capture(payment.id, usd(500), "c")
        assert (await payments.void(payment.id, "v")).state is State.EXPIRED

    provider.play(hold)
    provider.clock.moment = START + timedelta(days=HOLD_DAYS_MAX)
    provider.play(late)


def payment_in(state: State) -> Payment:
    taken = usd(100) if state in {State.CAPTURED, State.REFUNDED} else usd(0)
    back = usd(100) if state is State.REFUNDED else usd(0)
    return Payment(
        id="p",
        order="o",
        method="card_ok",
        amount=usd(100),
        state=state,
        captured=taken,
        refunded=back,
        transferred=usd(0),
        at=START,
    )


def made_of(minor: int) -> PartnerTransfer:
    return PartnerTransfer(id="t", order="o", payment="p", to="florist", amount=usd(minor), reversed=usd(0))


DO: dict[Move, Callable[[Payment], Payment]] = {
    Move.CONFIRM: rules.confirmed,
    Move.FAIL: rules.failed,
    Move.CAPTURE: lambda payment: rules.capture(payment, usd(100)),
    Move.VOID: rules.void,
    Move.LAPSE: lambda payment: rules.as_of(payment, START + timedelta(days=8)),
    Move.REFUND_PART: lambda payment: rules.refund(payment, usd(40)),
    Move.REFUND_ALL: lambda payment: rules.refund(payment, usd(100)),
    Move.TRANSFER: lambda payment: rules.transfer(payment, usd(40)),
    Move.REVERSE: lambda payment: rules.reverse(rules.transfer(payment, usd(40)), made_of(40), usd(40))[0],
}


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", State)
def test_every_pair_of_state_and_move_does_what_the_table_says(state: State, move: Move) -> None:
    payment = payment_in(state)
    if (state, move) in MOVES:
        assert DO[move](payment).state is MOVES[state, move]
    elif move is Move.LAPSE or (state, move) in {(State.AUTHORISED, Move.CONFIRM), (State.DECLINED, Move.FAIL)}:
        assert DO[move](payment) == payment
    else:
        with pytest.raises(ImpossibleMove):
            DO[move](payment)


@given(st.lists(st.tuples(st.sampled_from(["capture", "void", "refund", "transfer", "reverse"]), st.integers(-5, 120))))
def test_no_sequence_of_moves_makes_or_loses_money(commands: list[tuple[str, int]]) -> None:
    payment, made = payment_in(State.AUTHORISED), made_of(100)
    for command, minor in commands:
        try:
            if command == "void":
                payment = rules.void(payment)
            elif command == "reverse":
                payment, made = rules.reverse(payment, made, usd(min(minor, payment.transferred.minor)))
            else:
                payment = getattr(rules, command)(payment, usd(minor))
        except PaymentError:
            continue
        parts = (payment.refunded, payment.transferred, payment.left)
        assert min(parts) >= usd(0)
        assert sum(parts, start=usd(0)) == payment.captured <= payment.amount
        assert (payment.state is State.REFUNDED) == (payment.refunded == payment.captured > usd(0))
