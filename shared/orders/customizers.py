"""Who does what a seller does not do itself: partners with the capability, within the limits of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.discovery.partners import Capability, Partner
from shared.discovery.products import Customization
from shared.logistics.geo import Point, distance_metres
from shared.orders.chosen import Chosen, NotForSale
from shared.orders.pricing import work_price
from shared.orders.timings import work_of

CUSTOMIZERS_TRIED = 8
"""So many are chosen from for each thing: half of them the cheapest, half the quickest."""
NAMED = "customizer"
"""The option by which a line names whom it wants."""


@dataclass(frozen=True)
class Customizer:
    """Somebody who customizes one thing, all pieces of it; price_minor: for all of it."""

    partner: Partner
    capability: Capability
    price_minor: int
    notice_minutes: int
    minutes: int


def customizers_for(one: Chosen, partners: Iterable[Partner], to: Point, field: str) -> tuple[Customizer, ...]:
    """Who could do what a line asks for; raises NotForSale, naming the field, where nobody can."""
    wanted, named = one.part.options["customization"], one.part.options.get(NAMED)
    takes = next(taken for taken in one.product.customizations if taken.tag == wanted)
    able = [
        _customizer(one, partner, capability)
        for partner in partners
        if (named is None or partner.id == named) and _reaches(partner, one, to)
        for capability in partner.capabilities
        if capability.tag == wanted and _holds(one, takes, capability)
    ]
    able = [found for found in able if found.price_minor > 0]
    if able:
        return _few(able)
    doing = wanted.replace("-", " ")
    if named is not None:
        raise NotForSale(f"{field}.by", f"{named} cannot do this {doing} on {one.product.title}.")
    raise NotForSale(field, f"Nobody near can do this {doing} on {one.product.title}: ask for less, or without it.")


def _few(able: list[Customizer]) -> tuple[Customizer, ...]:
    half = CUSTOMIZERS_TRIED // 2
    cheap = sorted(able, key=lambda one: (one.price_minor, one.capability.lead_minutes, one.partner.id))
    quick = sorted(able, key=lambda one: (one.capability.lead_minutes, one.price_minor, one.partner.id))
    few = {one.partner.id: one for one in (*cheap[:half], *quick)}
    return tuple(few.values())[:CUSTOMIZERS_TRIED]


def _customizer(one: Chosen, partner: Partner, capability: Capability) -> Customizer:
    quantity = one.part.quantity
    notice, minutes = work_of(capability, quantity)
    price = work_price(capability, quantity, one.part.options.get("text", ""), minutes)
    return Customizer(partner, capability, price, notice, minutes)


def _reaches(partner: Partner, one: Chosen, to: Point) -> bool:
    """Whether it is at work, for this money, and serves where the customer is."""
    is_near = distance_metres(partner.place.point, to) <= partner.reach_km * 1_000
    return partner.status == "active" and partner.currency == one.product.price.currency and is_near


def _holds(one: Chosen, takes: Customization, capability: Capability) -> bool:
    """Whether the words, the colours and the place of it are within the limits; 0 and nothing do not limit."""
    options = one.part.options
    if capability.characters_max and len(options.get("text", "")) > capability.characters_max:
        return False
    if capability.colours_max and colours_of(one) > capability.colours_max:
        return False
    free = set(takes.positions)
    wanted = {options["position"]} if options.get("position") else free
    return not capability.positions or not wanted or bool(wanted & set(capability.positions))


def colours_of(one: Chosen) -> int:
    """In how many colours it is to be done."""
    return len([colour for colour in one.part.options.get("colours", "").split(",") if colour.strip()])


def check_limits(one: Chosen, field: str) -> None:
    """What the product itself allows; raises NotForSale, naming the field."""
    wanted, text, position = (one.part.options.get(name, "") for name in ("customization", "text", "position"))
    if not wanted:
        return
    product = one.product
    taken = [takes for takes in product.customizations if takes.tag == wanted]
    if not taken:
        raise NotForSale(field, f"{product.title} does not take {wanted.replace('-', ' ')}.")
    longest = max(takes.characters_max or len(text) for takes in taken)
    if len(text) > longest:
        raise NotForSale(f"{field}.text", f"{product.title} takes {longest} characters at most.")
    colours = colours_of(one)
    most = max(takes.colours_max or colours for takes in taken)
    if colours > most:
        raise NotForSale(f"{field}.colours", f"{product.title} takes {most} colours at most.")
    places = {place for takes in taken for place in takes.positions}
    if position and places and position not in places:
        raise NotForSale(f"{field}.position", f"It goes on {', '.join(sorted(places))} of {product.title}.")
