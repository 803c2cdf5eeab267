"""Which leg a change means, and what it is to become."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shared.discovery.intent import Entities, Intent, Item
from shared.discovery.taxonomy import Taxonomy
from shared.orders.order import Order, OrderLeg
from shared.orders.wanted import Unclear, Wanted, wanted_of
from tests.orders.made_up import HOME, maker
from tests.orders.test_agreed import order

FILES = (Path(__file__).parents[2] / "data" / "taxonomy").glob("*.toml")
TAXONOMY = Taxonomy.model_validate({file.stem: tomllib.loads(file.read_text("utf-8")) for file in FILES})


def titled(number: int, title: str, category: str, quantity: int = 1) -> OrderLeg:
    leg = maker(number, HOME, 10)
    line = leg.lines[0].model_copy(update={"title": title, "category": category, "quantity": quantity})
    return leg.model_copy(update={"title": title, "lines": (line,)})


def asked(quantity: int = 1, exclude: tuple[str, ...] = ("red",)) -> Intent:
    item = Item(name="flowers", quantity=quantity, attributes={"colour": ("pink",)}, category="flowers")
    entities = Entities.model_validate({"items": (item,), "exclude": exclude})
    return Intent.model_validate({"kind": "change", "entities": entities, "confidence": 0.9})


def change(made: Order, intent: Intent, text: str = "pink flowers instead of red", **more: str) -> Wanted | Unclear:
    return wanted_of(made, intent, text, TAXONOMY, **more)


def test_the_leg_of_the_same_kind_is_meant() -> None:
    found = change(order(titled(1, "Chocolate cake", "cake"), titled(2, "Red roses", "flowers")), asked())
    assert isinstance(found, Wanted)
    assert (found.leg, found.words, found.values, found.kind) == ("leg-2", "pink flowers", ("colour:pink",), "replace")


def test_two_that_are_as_good_are_asked_about() -> None:
    found = change(order(titled(1, "Red roses", "flowers"), titled(2, "Red tulips", "flowers")), asked())
    assert isinstance(found, Unclear)
    assert "Red roses or Red tulips" in found.question


@pytest.mark.parametrize(("ordered", "said"), [(1, 1), (12, 1), (12, 12)])
def test_as_many_as_were_ordered(ordered: int, said: int) -> None:
    found = change(order(titled(1, "Red roses", "flowers", ordered)), asked(said))
    assert isinstance(found, Wanted)
    assert found.quantity == ordered


def test_another_number_is_asked_back() -> None:
    found = change(order(titled(1, "Red roses", "flowers", 2)), asked(3))
    assert isinstance(found, Unclear)
    assert "2 of it" in found.question


def test_a_leg_that_is_gone_is_not_meant() -> None:
    made = order(titled(1, "Red roses", "flowers").model_copy(update={"status": "cancelled"}))
    assert isinstance(change(made, asked(), leg_id="leg-1"), Unclear)
