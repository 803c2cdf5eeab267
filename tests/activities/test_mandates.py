"""Mandates pay from the store: once an order, never over the cap, whoever comes at once, twice or out of order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.mandates import spend, unspend
from shared.flows import Call, Refusal
from shared.money.amounts import Money
from shared.people import mandate_book
from shared.people.mandates import MANDATES, Mandate, Paid, Spending, lowered, revoked
from shared.records import NotThere, Query
from shared.settings import Settings
from shared.wiring import Deps

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL = Call("k", NOON)
T = TypeVar("T")


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def mandate(total: int, **more: Any) -> Mandate:
    plain = {
        "id": "m1",
        "customer": "ann",
        "agent": "gemini",
        "scopes": ("orders:write",),
        "per_order_max": usd(total),
        "total_max": usd(total),
        "method": "card_ok",
        "expires_at": NOON + timedelta(days=30),
        "spent": usd(0),
        "created_at": NOON,
    }
    return Mandate.model_validate({**plain, **more})


def spending(order: str, minor: int = 1_000, **more: Any) -> Spending:
    plain = {"mandate": "m1", "order": order, "customer": "ann", "agent": "gemini", "merchants": ("shop",)}
    return Spending.model_validate({**plain, "amount": usd(minor), **more})


def play(folder: Path, work: Callable[..., Awaitable[T]], houses: int = 1) -> T:
    """Do something on one folder of records, as several processes would have it."""

    async def all_of_it() -> T:
        opened = [Deps(Settings(data_dir=str(folder))) for _ in range(houses)]
        try:
            return await work(*opened)
        finally:
            for house in opened:
                await house.store.close()

    return asyncio.run(all_of_it())


async def kept(house: Deps) -> tuple[Mandate, dict[str, Paid]]:
    """The mandate, and its orders."""
    found = await mandate_book.find(house.store, "m1")
    assert found is not None
    page = await house.store.query(MANDATES, Query({}, partition="m1", limit=200))
    paid = [one.value.body for one in page.items if isinstance(one.value.body, Paid)]
    return found, {one.order: one for one in paid}


async def checked(house: Deps) -> tuple[Mandate, set[str]]:
    """The mandate, whose sum is that of its live orders, and these."""
    found, entries = await kept(house)
    live = {order: one.amount.minor for order, one in entries.items() if one.is_live}
    assert found.spent.minor == sum(live.values()) <= found.total_max.minor
    assert found.orders == len(live)
    return found, set(live)


def test_fifty_at_once_against_what_is_enough_for_seven(tmp_path: Path) -> None:
    async def work(*houses: Deps) -> Any:
        await mandate_book.add(houses[0].store, mandate(7_999))
        asked = [spend.run(houses[number % 5], spending(f"o{number}"), CALL) for number in range(50)]
        answers = await asyncio.gather(*asked)
        return answers, *(await checked(houses[0]))

    answers, found, live = play(tmp_path, work, houses=5)
    assert sorted(one for one in answers if isinstance(one, str)) == ["card_ok"] * 7
    assert {one.reason for one in answers if isinstance(one, Refusal)} == {"over_what_is_left"}
    assert live == {f"o{number}" for number, one in enumerate(answers) if isinstance(one, str)}
    assert (found.spent, found.left, found.status) == (usd(7_000), usd(999), "active")


def test_each_order_thrice_at_once_is_paid_once(tmp_path: Path) -> None:
    async def work(*houses: Deps) -> Any:
        await mandate_book.add(houses[0].store, mandate(5_000))
        asked = [spend.run(house, spending(f"o{number}"), CALL) for number in range(5) for house in houses]
        return await asyncio.gather(*asked), *(await checked(houses[0]))

    answers, found, live = play(tmp_path, work, houses=3)
    assert answers == ["card_ok"] * 15
    assert (found.status, len(live)) == ("exhausted", 5)


def test_paid_and_taken_back_at_once_ends_taken_back(tmp_path: Path) -> None:
    async def work(one: Deps, other: Deps) -> Any:
        await mandate_book.add(one.store, mandate(50_000))
        asked: list[Any] = []
        for number in range(8):
            asked += [spend.run(one, spending(f"o{number}"), CALL), unspend.run(other, spending(f"o{number}"), CALL)]
        await asyncio.gather(*asked)
        late = [await spend.run(other, spending(f"o{number}"), CALL) for number in range(8)]
        return late, *(await checked(one))

    late, found, live = play(tmp_path, work, houses=2)
    assert {one.reason for one in late} == {"taken_back"}
    assert (found.spent, live) == (usd(0), set())


def test_what_is_left_is_paid_to_the_last_cent_and_what_comes_back_can_be_used(tmp_path: Path) -> None:
    async def work(house: Deps) -> None:
        await mandate_book.add(house.store, mandate(1_000))
        assert await spend.run(house, spending("o1"), CALL) == "card_ok"
        assert (await spend.run(house, spending("o2", 1), CALL)).reason == "over_what_is_left"
        await unspend.run(house, spending("o1"), CALL)
        await unspend.run(house, spending("o1"), CALL)
        assert (await checked(house))[0].status == "active"
        assert await spend.run(house, spending("o3"), CALL) == "card_ok"
        assert (await checked(house))[0].status == "exhausted"

    play(tmp_path, work)


def test_revoked_at_once_but_not_for_an_order_that_is_paid(tmp_path: Path) -> None:
    async def work(house: Deps) -> None:
        await mandate_book.add(house.store, mandate(5_000))
        assert await spend.run(house, spending("o1"), CALL) == "card_ok"
        await mandate_book.change(house.store, "m1", lambda there: revoked(there, NOON))
        assert await spend.run(house, spending("o1"), CALL) == "card_ok"
        assert (await spend.run(house, spending("o2"), CALL)).reason == "revoked"
        await unspend.run(house, spending("o1"), CALL)
        found, live = await checked(house)
        assert (found.status, found.spent, live) == ("revoked", usd(0), set())

    play(tmp_path, work)


@pytest.mark.parametrize(
    ("asked", "at", "reason"),
    [
        ({"agent": "claude"}, NOON, "wrong_agent"),
        ({"customer": "bob"}, NOON, "wrong_agent"),
        ({"merchants": ("other",)}, NOON, "merchant_not_allowed"),
        ({"amount": Money(minor=1, currency="EUR")}, NOON, "wrong_currency"),
        ({"amount": usd(2_001)}, NOON, "over_order_cap"),
        ({}, NOON + timedelta(days=30), "expired"),
        ({"mandate": "m2"}, NOON, "no_such_mandate"),
        ({"mandate": "paid:o1"}, NOON, "no_such_mandate"),
    ],
)
def test_a_refusal_names_why_and_takes_nothing(
    tmp_path: Path, asked: dict[str, Any], at: datetime, reason: str
) -> None:
    async def work(house: Deps) -> None:
        shop = ({"id": "shop", "name": "The Shop"},)
        await mandate_book.add(house.store, mandate(5_000, per_order_max=usd(2_000), merchants=shop))
        no = await spend.run(house, spending("o1", **asked), Call("k", at))
        assert isinstance(no, Refusal)
        assert no.reason == reason
        assert no.detail
        found, entries = await kept(house)
        assert (found.spent, entries) == (usd(0), {})

    play(tmp_path, work)


def test_undoing_what_never_was_is_harmless(tmp_path: Path) -> None:
    async def work(house: Deps) -> None:
        await unspend.run(house, spending("o1"), CALL)
        await mandate_book.add(house.store, mandate(5_000))
        await unspend.run(house, spending("o1"), CALL)
        assert (await checked(house))[0] == mandate(5_000)
        with pytest.raises(NotThere):
            await mandate_book.change(house.store, "m2", lambda there: there)

    play(tmp_path, work)


def test_one_that_is_there_is_not_made_anew(tmp_path: Path) -> None:
    async def work(house: Deps) -> None:
        await mandate_book.add(house.store, mandate(5_000))
        await spend.run(house, spending("o1"), CALL)
        again = await mandate_book.add(house.store, mandate(9_000))
        assert (again.total_max, again.spent) == (usd(5_000), usd(1_000))

    play(tmp_path, work)


def test_lowered_while_it_pays_the_sum_stays_within(tmp_path: Path) -> None:
    async def work(*houses: Deps) -> None:
        await mandate_book.add(houses[0].store, mandate(9_000))

        def less(there: Mandate) -> Mandate:
            return lowered(there, NOON, total_max=max(there.spent, usd(4_500)))

        asked: list[Any] = [spend.run(houses[number % 2], spending(f"o{number}"), CALL) for number in range(9)]
        await asyncio.gather(*asked[:5], mandate_book.change(houses[1].store, "m1", less), *asked[5:])
        found, live = await checked(houses[0])
        assert 4 <= len(live) <= 9
        assert found.total_max == max(found.spent, usd(4_500))

    play(tmp_path, work, houses=2)


ORDERS = st.sampled_from(["o1", "o2", "o3", "o4"])
ACTS = st.tuples(st.sampled_from(["spend", "unspend"]), ORDERS, st.sampled_from([1, 1_000, 1_500, 2_001]))


@settings(max_examples=25, deadline=None)
@given(acts=st.lists(ACTS, max_size=15))
def test_whatever_comes_twice_or_out_of_order_the_sum_is_that_of_the_live_orders(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, int]]
) -> None:
    async def work(house: Deps) -> None:
        await mandate_book.add(house.store, mandate(3_000, per_order_max=usd(2_000)))
        expected: dict[str, int] = {}
        gone: set[str] = set()
        for act, order, minor in acts:
            if act == "unspend":
                await unspend.run(house, spending(order, minor), CALL)
                gone.add(order)
                expected.pop(order, None)
            else:
                answer = await spend.run(house, spending(order, minor), CALL)
                fits = order not in gone and minor <= 2_000 and minor + sum(expected.values()) <= 3_000
                assert (answer == "card_ok") == (expected[order] == minor if order in expected else fits)
                if answer == "card_ok":
                    expected[order] = minor
            found, live = await checked(house)
            assert (found.spent.minor, live) == (sum(expected.values()), set(expected))

    play(tmp_path_factory.mktemp("walk"), work)
