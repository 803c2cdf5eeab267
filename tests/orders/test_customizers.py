"""Who customizes: within the limits of the product and of whoever does it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.discovery.partners import Capability
from shared.logistics.geo import Point
from shared.orders.chosen import Chosen, NotForSale
from shared.orders.customizers import CUSTOMIZERS_TRIED, check_limits, customizers_for
from tests.orders.made_up import HOME
from tests.orders.people import chosen, partner, product, takes

BLANK = product(
    customizations=(takes("embroidery", characters_max=12, colours_max=3, positions=("corner", "hem")),)
)


def wish(text: str = "Anna", quantity: int = 1, **options: str) -> Chosen:
    return chosen(quantity, of=BLANK, customization="embroidery", text=text, **options)


def embroiderer(name: str = "e", minor: int = 900, **more: Any) -> Any:
    given = {"tag": "embroidery", "minor_per_unit": minor, "unit": "item", "setup_minor": 100, "lead_minutes": 300}
    at = {key: more.pop(key) for key in ("point", "status", "reach_km", "currency") if key in more}
    return partner(name, Capability.model_validate({**given, **more}), **at)


@pytest.mark.parametrize(
    ("limits", "is_able"),
    [
        ({}, True),
        ({"characters_max": 4}, True),
        ({"characters_max": 3}, False),
        ({"colours_max": 2}, True),
        ({"colours_max": 1}, False),
        ({"positions": ("corner",)}, True),
        ({"positions": ("hem",)}, False),
        ({"positions": ("sleeve",)}, False),
        ({"tag": "engraving"}, False),
        ({"status": "paused"}, False),
        ({"currency": "EUR"}, False),
        ({"reach_km": 1, "point": Point(lat=30.4, lng=-97.7)}, False),
        ({"minor_per_unit": 0, "setup_minor": 0}, False),
    ],
)
def test_every_limit_holds(limits: dict[str, Any], is_able: bool) -> None:
    one = wish(colours="red,gold", position="corner")
    if is_able:
        (found,) = customizers_for(one, [embroiderer(**limits)], HOME, "f")
        assert found.price_minor == 1_000
        return
    with pytest.raises(NotForSale) as no:
        customizers_for(one, [embroiderer(**limits)], HOME, "f")
    assert no.value.field == "f"


def test_somebody_must_reach_where_the_blank_is_free() -> None:
    with pytest.raises(NotForSale):
        customizers_for(wish(), [embroiderer(positions=("chest",))], HOME, "f")
    assert customizers_for(wish(), [embroiderer(positions=("chest", "hem"))], HOME, "f")


def test_the_lead_holds_the_work_and_pieces_count() -> None:
    (found,) = customizers_for(wish(quantity=4), [embroiderer()], HOME, "f")
    assert (found.notice_minutes, found.minutes, found.price_minor) == (220, 80, 3_700)
    (long,) = customizers_for(wish(quantity=400), [embroiderer(lead_minutes=3_000)], HOME, "f")
    assert (long.notice_minutes, long.minutes) == (2_760, 240)
    (short,) = customizers_for(wish(quantity=4), [embroiderer(lead_minutes=10)], HOME, "f")
    assert (short.notice_minutes, short.minutes) == (0, 10)


def test_who_is_named_alone_counts() -> None:
    shops = [embroiderer("cheap", 100), embroiderer("dear", 9_000)]
    (found,) = customizers_for(wish(customizer="dear"), shops, HOME, "f")
    assert found.partner.id == "dear"
    with pytest.raises(NotForSale) as no:
        customizers_for(wish(customizer="nobody"), shops, HOME, "f")
    assert no.value.field == "f.by"


def test_of_many_the_cheapest_and_the_quickest_are_looked_at() -> None:
    cheap = [embroiderer(f"c{n}", 100 + n, lead_minutes=5_000) for n in range(20)]
    quick = [embroiderer(f"q{n}", 5_000, lead_minutes=100 + n) for n in range(20)]
    found = [one.partner.id for one in customizers_for(wish(), [*cheap, *quick], HOME, "f")]
    assert found == ["c0", "c1", "c2", "c3", "q0", "q1", "q2", "q3"]
    assert len(found) == CUSTOMIZERS_TRIED


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"customization": "engraving"}, "f"),
        ({"text": "thirteen long"}, "f.text"),
        ({"colours": "a,b,c,d"}, "f.colours"),
        ({"position": "sleeve"}, "f.position"),
    ],
)
def test_the_product_has_limits_too(options: dict[str, str], field: str) -> None:
    with pytest.raises(NotForSale) as no:
        check_limits(chosen(of=BLANK, **{"customization": "embroidery", "text": "Anna", **options}), "f")
    assert no.value.field == field
    check_limits(wish(colours="a,b,c", position="hem"), "f")
    check_limits(chosen(), "f")
