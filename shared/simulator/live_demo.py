"""The two shops of the live demo: A has red flowers and says no to pink ones, B has pink flowers and says yes.

(Spec 5.4, Quick Setup for Live Demo of Autonomous Recovery.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.discovery.hours import WEEKDAYS, Hours
from shared.discovery.partners import PARTNERS, Capability, Contact, Partner, Place, TrustRecord
from shared.discovery.products import PRODUCTS, Product
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.ports import Store
from shared.records import Write
from shared.simulator.conditions import ProductLeaf, RequestLeaf
from shared.simulator.partners import PREFIX, Taken, reach, simulated
from shared.simulator.scenario_book import forget, unassign
from shared.simulator.scenarios import SCENARIOS, Response, Scenario, Step
from shared.simulator.shelf import SHELF, Availability, Offer, clear_shelf, product_of, shelved_of, sku_of

AUSTIN = Point(lat=30.2672, lng=-97.7431)
STOCK = 20
ALL_DAY = "0:00-24:00"
STEP_DEGREES = 0.002
"""How far the second shop lies from the first: some two hundred metres, so that it is the nearest to turn to."""
RED, PINK = Money(minor=5_000, currency="USD"), Money(minor=5_500, currency="USD")
A, B = f"{PREFIX}flower-shop-a", f"{PREFIX}flower-shop-b"
NO = "No, we don't have pink flowers available"
YES = "Yes, I have pink flowers available!"
REJECTS, TAKES, ACCEPTS = f"{PREFIX}demo-a-no-pink", f"{PREFIX}demo-a-orders", f"{PREFIX}demo-b-yes"


@dataclass(frozen=True)
class Shop:
    """One shop with all that it has."""

    partner: Partner
    product: Product
    scenarios: tuple[Scenario, ...]


def shops(point: Point, region: str, time_zone: str, taxonomy: Taxonomy, at: datetime) -> tuple[Shop, Shop]:
    """Both shops around a point, open day and night."""
    beside = Point(lat=point.lat + (STEP_DEGREES if point.lat < 0 else -STEP_DEGREES), lng=point.lng)
    hours = Hours(time_zone=time_zone, week=dict.fromkeys(WEEKDAYS, ALL_DAY))
    a = _partner(A, "Flower Shop A", "+15125550198", _place("1 Demo Street", point, region), hours)
    b = _partner(B, "Flower Shop B", "+15125550199", _place("2 Demo Street", beside, region), hours)
    return (
        Shop(a, _product(a, "Red Flowers", RED, 20, taxonomy, at), _scenarios_of_a(at)),
        # A little longer than A's, so that the timeline before and after has something to tell.
        Shop(b, _product(b, "Pink Flowers", PINK, 25, taxonomy, at), (_scenario_of_b(at),)),
    )


async def set_up(store: Store, both: tuple[Shop, Shop], known: Iterable[Partner], at: datetime) -> None:
    """Open both shops, or put them back to how they begin; raises Taken.

    Whatever else was put on their shelves goes, and other scenarios no longer speak for them.
    """
    partners = tuple(known)
    if any(one.id in {A, B} and not one.is_simulated for one in partners):
        raise Taken(A)
    for shop in both:
        await reach(store, shop.partner.id, shop.partner.contact, partners)
    await unassign(store, {A, B}, at, but={REJECTS, TAKES, ACCEPTS})
    for shop in both:
        for scenario in shop.scenarios:
            await store.apply(SCENARIOS, scenario.id, [Write("put", scenario)])
        await store.apply(PARTNERS, shop.partner.id, [Write("put", shop.partner)])
        await clear_shelf(store, shop.partner.id, at, but=frozenset({shop.product.id}))
        shelved = shelved_of(shop.product, Availability(), STOCK)
        await store.apply(SHELF, shop.partner.id, [Write("put", shelved)])
        await store.apply(PRODUCTS, shop.partner.id, [Write("put", shop.product)])


async def take_away(store: Store, at: datetime) -> tuple[list[str], list[str], list[str]]:
    """Close both shops: the ids of the partners, products and scenarios that went; orders keep what they know."""
    closed: list[str] = []
    removed: list[str] = []
    gone = [one.id for name in (REJECTS, TAKES, ACCEPTS) if (one := await forget(store, name))]
    await unassign(store, {A, B}, at)
    for name in (A, B):
        stored = await simulated(store, name)
        if stored is None or stored.value.status == "closed":
            continue
        removed += await clear_shelf(store, name, at)
        after = stored.value.model_copy(update={"status": "closed"})
        await store.apply(PARTNERS, name, [Write("put", after)])
        closed.append(name)
    return closed, removed, gone


def _place(address: str, point: Point, region: str) -> Place:
    return Place(address=address, point=point, region=region)


def _partner(partner: str, name: str, phone: str, place: Place, hours: Hours) -> Partner:
    """A shop that everybody trusts, so that Scout and recovery think well of it, and that takes orders by itself."""
    trust = TrustRecord(
        has_licence=True, has_insurance=True, has_tax_id=True, has_identity=True,
        orders=500, on_time=9_900, completed=9_950, rating_hundredths=490, ratings=400,
    )  # fmt: skip
    return Partner(
        id=partner,
        name=name,
        kind="florist",
        about="A simulated flower shop for demonstrations.",
        place=place,
        reach_km=40,
        hours=hours,
        contact=Contact(channel="whatsapp", address=phone),
        capabilities=(Capability(tag="floristry"),),
        trust=trust,
        is_simulated=True,
    )


def _product(
    partner: Partner, title: str, price: Money, minutes: int, taxonomy: Taxonomy, at: datetime
) -> Product:
    offer = Offer(title=title, price=price, stock=STOCK, lead_minutes=minutes, work_minutes=minutes)
    return product_of(partner, sku_of(title), offer, taxonomy, at)


def _scenarios_of_a(at: datetime) -> tuple[Scenario, ...]:
    no, pink = Response(decision="reject", text=NO), ProductLeaf(any_of=("pink",))
    yes, orders = Response(decision="accept"), RequestLeaf(any_of=("order_request",))
    return (
        _scenario(REJECTS, "No pink flowers", "rejection", no, A, at, pink, 200),
        _scenario(TAKES, "Takes orders", "acceptance", yes, A, at, orders),
    )


def _scenario_of_b(at: datetime) -> Scenario:
    return _scenario(ACCEPTS, "Yes to all", "acceptance", Response(decision="accept", text=YES), B, at)


def _scenario(  # noqa: PLR0917  one line of a table
    scenario: str,
    name: str,
    kind: Literal["rejection", "acceptance"],
    response: Response,
    partner: str,
    at: datetime,
    when: ProductLeaf | RequestLeaf | None = None,
    priority: int = 100,
) -> Scenario:
    return Scenario(
        id=scenario,
        name=name,
        type=kind,
        partners=(partner,),
        when=when,
        steps=(Step(responses=(response,)),),
        priority=priority,
        created_at=at,
        updated_at=at,
    )
