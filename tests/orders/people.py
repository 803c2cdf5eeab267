"""Partners, products, hubs and workers for tests, each with what a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from shared.discovery.bundles import Part
from shared.discovery.partners import Capability, Partner
from shared.discovery.products import Customization, Product
from shared.logistics.geo import Point
from shared.logistics.hubs import Hub
from shared.orders.chosen import Chosen
from shared.people.workers import Worker
from tests.orders.made_up import ALWAYS, HOME, MONDAY

CONTACT = {"channel": "web", "address": "x"}


def place(point: Point = HOME) -> dict[str, Any]:
    return {"address": "1 Main St", "point": point, "region": "austin"}


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def partner(name: str = "shop", *capabilities: Capability, point: Point = HOME, **more: Any) -> Partner:
    given = {"id": name, "name": name, "kind": "shop", "place": place(point), "hours": ALWAYS, "contact": CONTACT}
    return Partner.model_validate({**given, "capabilities": capabilities, **more})


def product(of: str = "shop", sku: str = "X", price: int = 5_000, net: int = 4_000, **more: Any) -> Product:
    given = {"id": f"{of}.{sku}", "partner": of, "sku": sku, "title": sku, "category": "blanket"}
    prices = {"price": usd(price), "net": usd(net)}
    return Product.model_validate({**given, **prices, "updated_at": MONDAY, **more})


def chosen(
    quantity: int = 1, extra: int = 0, at: Partner | None = None, of: Product | None = None, **options: str
) -> Chosen:
    what = of or product(at.id if at else "shop")
    part = Part(product=what.id, quantity=quantity, options=options, extra_minor=extra)
    return Chosen(what, at or partner(), part)


def takes(tag: str, **limits: Any) -> Customization:
    return Customization(tag=tag, **limits)


def worker(name: str = "w", **more: Any) -> Worker:
    given = {"id": name, "name": name, "place": place(), "hours": ALWAYS, "contact": CONTACT, "vehicle": "car"}
    return Worker.model_validate({**given, "minor_per_job": 700, "minor_per_km": 60, **more})


def hub(name: str = "h", minor: int = 500, **more: Any) -> Hub:
    assembly = Capability(tag="assembly", minor_per_unit=700, lead_minutes=20, per_day=50)
    given = {"id": name, "name": name, "place": place(), "hours": ALWAYS, "contact": CONTACT, "minor_per_job": minor}
    return Hub.model_validate({**given, "capabilities": (assembly,), **more})
