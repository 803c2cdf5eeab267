"""Routes: the live demo, set up and taken away in one call, and the weather as somebody wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import azure.durable_functions as df
from pydantic import Field, model_validator

from shared.errors import CONFLICT, INVALID, AppError, FieldError
from shared.logistics.geo import Point
from shared.logistics.weather import HOURS_MAX, Conditions, WeatherHour, hours_of
from shared.money.amounts import Money
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Routes
from triggers.parse import Input, Output, When
from triggers.simulating import STAFF, tell_stock

if TYPE_CHECKING:
    from shared.ports import PlayedWeather
    from shared.simulator.live_demo import Shop

routes = Routes("simulator")
LIVE_DEMO = "/api/v1/simulator/live-demo"
WEATHER = "/api/v1/simulator/weather"
Lat = Annotated[float, Field(ge=-90, le=90)]
Lng = Annotated[float, Field(ge=-180, le=180)]


class DemoBody(Input):
    """Where the shops are to be; both or neither, else in the middle of Austin."""

    lat: Lat | None = None
    lng: Lng | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.lat is None) != (self.lng is None):
            raise ValueError("send lat and lng, or neither")
        return self


class DemoProduct(Output):
    """What a shop sells."""

    id: str
    title: str
    price: Money
    stock: int | None


class DemoShop(Output):
    """A shop of the demo, with the ids by which it is found."""

    partner_id: str
    name: str
    product_id: str
    product: DemoProduct
    scenario_ids: list[str]


class LiveDemo(Output):
    """Both shops: A rejects pink flowers, B has them."""

    shop_a: DemoShop
    shop_b: DemoShop
    partner_ids: list[str]
    product_ids: list[str]
    scenario_ids: list[str]


class DemoGone(Output):
    """What was taken away; nothing where nothing was there."""

    partner_ids: list[str]
    product_ids: list[str]
    scenario_ids: list[str]


class WeatherSpan(Input):
    """A place, and from when to when: every hour that the span touches."""

    lat: Lat
    lng: Lng
    start: When
    end: When


class WeatherBody(WeatherSpan):
    """The conditions of all these hours."""

    conditions: Conditions


class WeatherPlace(Input):
    """A place: the weather of its cell, a tenth of a degree each way, is forgotten."""

    lat: Lat
    lng: Lng


class WeatherView(Output):
    """The forecast as everybody gets it now."""

    items: list[WeatherHour]


class WeatherCleared(Output):
    """For which place nothing is set any more."""

    lat: float
    lng: float


@routes.post(LIVE_DEMO, need=STAFF, errors=(CONFLICT,))
async def set_up_live_demo(
    body: DemoBody, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> LiveDemo:
    """Open Flower Shop A, which rejects pink flowers, and B, which has them; again puts both back to how they begin."""
    from shared.simulator import live_demo  # noqa: PLC0415  with the first demo, not with the app
    from shared.simulator.partners import NO_REGION, Taken  # noqa: PLC0415

    await deps.catalog_ready()
    known = (await deps.scout.partners.refresh()).values()
    here = live_demo.AUSTIN if body.lat is None or body.lng is None else Point(lat=body.lat, lng=body.lng)
    region = deps.scout.partners.region_of(here) or NO_REGION
    both = live_demo.shops(here, region, deps.settings.time_zone, deps.taxonomy, about.now)
    try:
        await live_demo.set_up(deps.store, both, known, about.now)
    except Taken:
        raise AppError(CONFLICT, "Another partner has the telephone number of a demo shop, or its id.") from None
    for shop in both:
        await tell_stock(client, shop.product)
    await deps.scout.refresh()
    a, b = map(_shop, both)
    return LiveDemo(
        shop_a=a,
        shop_b=b,
        partner_ids=[a.partner_id, b.partner_id],
        product_ids=[a.product_id, b.product_id],
        scenario_ids=[*a.scenario_ids, *b.scenario_ids],
    )


@routes.delete(LIVE_DEMO, need=STAFF)
async def take_live_demo_away(deps: Deps, about: About) -> DemoGone:
    """Close both shops and take their products out of search; running orders keep what they know."""
    from shared.simulator.live_demo import take_away  # noqa: PLC0415

    await deps.catalog_ready()
    partners, products, scenarios = await take_away(deps.store, about.now)
    await deps.scout.refresh()
    return DemoGone(partner_ids=partners, product_ids=products, scenario_ids=scenarios)


@routes.get(WEATHER, need=STAFF)
async def get_weather(query: WeatherSpan, deps: Deps) -> WeatherView:
    """The forecast for a place and span, what was set and what was not."""
    _check_span(query, "query")
    forecast = await deps.weather.forecast(Point(lat=query.lat, lng=query.lng), query.start, query.end)
    return WeatherView(items=forecast.hours)


@routes.put(WEATHER, need=STAFF, errors=(CONFLICT,))
async def set_weather(body: WeatherBody, deps: Deps) -> WeatherView:
    """Let the weather of a place be so for a span of hours."""
    _check_span(body, "body")
    place, weather = Point(lat=body.lat, lng=body.lng), _played(deps)
    await weather.set(place, dict.fromkeys(hours_of(body.start, body.end), body.conditions))
    forecast = await weather.forecast(place, body.start, body.end)
    return WeatherView(items=forecast.hours)


@routes.delete(WEATHER, need=STAFF, errors=(CONFLICT,))
async def clear_weather(query: WeatherPlace, deps: Deps) -> WeatherCleared:
    """Forget all weather that was set for a place."""
    await _played(deps).clear(Point(lat=query.lat, lng=query.lng))
    return WeatherCleared(lat=query.lat, lng=query.lng)


def _check_span(span: WeatherSpan, where: str) -> None:
    try:
        hours_of(span.start, span.end)
    except ValueError:
        message = f"The span ends after it starts, by {HOURS_MAX} hours at most."
        raise AppError(INVALID, f"{where}.end: {message}", [FieldError(f"{where}.end", message)]) from None


def _played(deps: Deps) -> PlayedWeather:
    weather = deps.played_weather
    if weather is None:
        raise AppError(CONFLICT, "The forecast here is a real one and cannot be set.")
    return weather


def _shop(shop: Shop) -> DemoShop:
    product = shop.product
    return DemoShop(
        partner_id=shop.partner.id,
        name=shop.partner.name,
        product_id=product.id,
        product=DemoProduct(id=product.id, title=product.title, price=product.price, stock=product.stock),
        scenario_ids=[one.id for one in shop.scenarios],
    )


