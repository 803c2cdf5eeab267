"""A leg as its own partner agrees to change it: what it is, what it costs, when it is ready; and what stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.reply.counter import Offer
from shared.money.amounts import Money
from shared.money.commands import Share
from shared.orders.agreed import AGREED, altered, is_same_price, repriced
from shared.orders.order import Destination, Order, OrderLeg
from tests.orders.made_up import HOME, MONDAY, maker


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def red(minor: int = 1_000, fee: int = 100) -> OrderLeg:
    parts = {"vendor:p1": minor - fee, "platform:fees": fee}
    kept = tuple(Share(account=name, amount=usd(part)) for name, part in parts.items() if part)
    return maker(1, HOME, 20).model_copy(update={"price": usd(minor), "shares": kept, "escrow": "held"})


def order(*legs: OrderLeg) -> Order:
    return Order(
        id="o1", customer="ann", status="placed", legs=legs, total=usd(sum(leg.price.minor for leg in legs)),
        currency="USD", deliver_to=Destination(address="1", lat=HOME.lat, lng=HOME.lng), deliver_by=MONDAY,
        begins=MONDAY, arrives=MONDAY, method="card_ok", created_at=MONDAY, updated_at=MONDAY,
    )  # fmt: skip


def offer(price: int | None, quantity: int = 1, later: int | None = None) -> Offer:
    money = None if price is None else usd(price)
    return Offer(title="Deep Purple", quantity=quantity, price=money, delay_minutes=later, says="")


def test_as_asked_it_is_called_what_was_asked_for() -> None:
    leg = altered(red(), "pink flowers", None)
    assert (leg.title, leg.lines[0].options[AGREED], leg.price) == ("Pink flowers", "pink flowers", usd(1_000))
    assert leg.timing == red().timing


def test_a_delay_is_work_of_its_own() -> None:
    assert altered(red(), "pink", offer(1_000, later=45)).timing.minutes == red().timing.minutes + 45


def test_only_another_price_moves_money() -> None:
    assert is_same_price(red(), None)
    assert is_same_price(red(), offer(None))
    assert is_same_price(red(), offer(1_000))
    assert not is_same_price(red(), offer(1_001))


@given(st.integers(1, 100_000), st.integers(0, 100), st.integers(1, 100_000), st.integers(1, 20))
def test_shares_and_lines_add_up_to_the_new_price(minor: int, percent: int, price: int, quantity: int) -> None:
    old = red(minor, minor * percent // 100)
    new = repriced(order(old), old, "pink", offer(price, quantity), MONDAY)
    line = new.lines[0]
    assert new.price == usd(price)
    assert sum(share.amount.minor for share in new.shares) == price
    assert line.unit_price.minor * line.quantity + line.extra_minor == price
    assert (new.id, new.replaces, new.held_as) == ("leg-2", "leg-1", "o1:leg-1")


def test_what_is_changed_twice_is_held_under_the_first_name() -> None:
    first = repriced(order(red()), red(), "pink", offer(1_500), MONDAY)
    second = repriced(order(red(), first), first, "blue", offer(900), MONDAY)
    assert (second.id, second.held_as) == ("leg-3", "o1:leg-1")
