"""An order to speak of: flowers from a shop, a cake from one that stays hidden, a hub, a courier."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.discovery.terms import LegKind, NodeKind
from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.orders.order import Destination, Line, Order, OrderLeg, Timing

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 20, 10, tzinfo=ZONE)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def hour(clock: str) -> datetime:
    """Today at an hour such as `14:20`."""
    return datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=ZONE)


def leg(number: int, title: str, partner: str, role: NodeKind, span: tuple[str, str], **more: Any) -> OrderLeg:
    line = Line(product="p.x", title=title, quantity=1, unit_price=usd(5000), category=more.pop("category", ""))
    kinds: dict[NodeKind, LegKind] = {"delivery": "delivery", "assembly": "assembly"}
    timing = Timing(kind=kinds.get(role, "processing"), minutes=30, point=Point(lat=30, lng=-97))
    return OrderLeg(
        id=f"leg-{number}", partner=partner.lower().replace(" ", "-"), partner_name=partner, role=role, title=title,
        lines=(line,) if role == "product" else (), timing=timing, price=usd(5000), shares=(),
        starts=hour(span[0]), ends=hour(span[1]), **{"status": "accepted", "escrow": "held", **more},
    )  # fmt: skip


def order(**more: Any) -> Order:
    legs = (
        leg(1, "Dozen Red Roses Bouquet", "Flower Shop A", "product", ("12:00", "13:00"), category="bouquet"),
        leg(
            2, "Oscuro Birthday Cake", "Secret Bakery", "product", ("11:00", "14:00"), category="birthday-cake",
            shows_partner=False,
        ),
        leg(3, "Assembly", "Hub East", "assembly", ("14:00", "14:20"), party="hub"),
        leg(4, "Delivery", "Sam", "delivery", ("14:20", "15:00"), party="worker"),
    )  # fmt: skip
    told = {
        "id": "ord-1", "customer": "ann", "status": "placed", "legs": legs, "total": usd(15000), "currency": "USD",
        "deliver_to": Destination(address="1201 Barton Springs Rd", lat=30, lng=-97), "deliver_by": hour("17:00"),
        "begins": hour("09:00"), "arrives": hour("15:00"), "method": "card", "created_at": hour("09:00"),
        "updated_at": hour("09:00"),
    }  # fmt: skip
    return Order.model_validate({**told, **more})
