"""Where readings come from: the weather port, with a time limit, and the catalog."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from shared.discovery.products import PRODUCTS, Product, partner_of
from shared.records import Unavailable
from shared.standing.readings import (
    PriceReading,
    StockReading,
    Watch,
    WeatherReading,
    span_to_read,
    weather_reading,
)

if TYPE_CHECKING:
    from shared.ports import Store, Weather

READ_SECONDS_MAX = 10.0
PRODUCTS_KEPT = 200
SILENCES_MAX = 3
"""After so many forecasts in a row that did not come, a run asks for no more: the next run does."""


class Sources:
    """Reads what is watched, for one run; a product is read once for those that ask one after the other."""

    def __init__(self, store: Store, weather: Weather, seconds_max: float = READ_SECONDS_MAX) -> None:
        self._store = store
        self._weather = weather
        self._seconds_max = seconds_max
        self._products: dict[str, Product | None] = {}
        self._silences = 0

    async def read(self, watch: Watch, now: datetime) -> WeatherReading | StockReading | PriceReading:
        """What it is now; raises Unavailable where nobody says so in time, ValueError for a rule of the calendar."""
        match watch.kind:
            case "weather":
                return await self._forecast(watch, now)
            case "stock":
                return StockReading(at=now, units=_units(await self._product(watch.what)))
            case "price":
                return PriceReading(at=now, amount=_priced(await self._product(watch.what)).price)
            case "calendar":
                raise ValueError(f"{watch.key} is reckoned, not read")

    async def _forecast(self, watch: Watch, now: datetime) -> WeatherReading:
        if self._silences >= SILENCES_MAX:
            raise Unavailable("the forecasts do not come at the moment")
        try:
            async with asyncio.timeout(self._seconds_max):
                forecast = await self._weather.forecast(watch.cell.centre, *span_to_read(now))
        except TimeoutError:
            self._silences += 1
            raise Unavailable(f"no forecast came in {self._seconds_max:g} seconds") from None
        except Unavailable:
            self._silences += 1
            raise
        self._silences = 0
        if forecast.is_empty:
            raise Unavailable("the forecast tells of no hour")
        return weather_reading(forecast, now)

    async def _product(self, product_id: str) -> Product | None:
        if product_id not in self._products:
            if len(self._products) >= PRODUCTS_KEPT:
                self._products.clear()
            stored = await self._store.get(PRODUCTS, partner_of(product_id), product_id)
            self._products[product_id] = stored.value if stored else None
        return self._products[product_id]


def _units(product: Product | None) -> int | None:
    """How many can be had: none of what is not for sale."""
    return product.stock if product is not None and product.status == "active" else 0


def _priced(product: Product | None) -> Product:
    if product is None:
        raise Unavailable("the catalog does not know it any more")
    return product
