"""A leg's replacement by another's offer: which there are, what each does to the order, and which is the best.

The original is excluded, hard locks are kept, the price lies within PRICE_PERCENT of it, and the deadline holds. Ranked
by trust, proximity and how alike the price is. Pure; whoever scouts hands in what was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.discovery.bundles import Part
from shared.discovery.partners import Partner
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.wish import Wish
from shared.logistics.geo import distance_metres
from shared.money.amounts import Money
from shared.orders.agreed import AGREED
from shared.orders.alone import answered
from shared.orders.arranging import made
from shared.orders.choosing import Arrangement
from shared.orders.chosen import Asked, Chosen, NotForSale
from shared.orders.edits import numbered_on, with_legs
from shared.orders.legs import live
from shared.orders.order import LEGS_MAX, Order, OrderLeg
from shared.orders.planning import is_round
from shared.orders.running import delay_minutes, reckoned
from shared.orders.shape import Shape
from shared.orders.wanted import Wanted
from shared.people.trust import trust_score

PRICE_PERCENT = 20
"""How far a replacement's price may lie from the original's."""
CANDIDATES_TRIED = 10
TRUST, PROXIMITY, PRICE = 0.4, 0.3, 0.3
"""What counts how much."""
NEAR_KM_MAX = 25
"""Farther than this is as good as far away."""
Reason = Literal["rejected", "unavailable", "damaged", "silent", "late"]
REPLACEABLE = frozenset({"product", "packaging", "venue", "transport"})
"""Roles for which another can be scouted."""


@dataclass(frozen=True)
class Candidate:
    """One replacement. after: the order with it; more: than the original costs; minutes: how much later it arrives."""

    leg: OrderLeg
    after: Order
    more: Money
    minutes: int
    score: float
    why: str


def wish_for(order: Order, leg: OrderLeg, wanted: Wanted, excluded: frozenset[str], taxonomy: Taxonomy) -> Wish:
    """What the scout is asked for: the same kind of thing, as it is to be, within the price, from somebody else."""
    line = leg.lines[0]
    each = (leg.price.minor - line.extra_minor) // line.quantity
    family = (taxonomy.ancestors.get(wanted.category or line.category) or (line.category,))[-1]
    return Wish(
        text=wanted.words or line.title,
        near=order.deliver_to.point,
        price_min=Money(minor=each * (100 - PRICE_PERCENT) // 100, currency=order.currency),
        price_max=Money(minor=each * (100 + PRICE_PERCENT) // 100, currency=order.currency),
        deliver_by=order.deliver_by,
        categories=frozenset({family}) if family else frozenset(),
        values=frozenset(wanted.values),
        capabilities=frozenset(_done_to(order, leg)),
        exclude=wanted.exclude,
        without_partners=excluded | {leg.partner},
        without_ids=frozenset(one.product for one in leg.lines),
        quantity=_quantity(leg, wanted),
        limit=CANDIDATES_TRIED,
    )


def candidates(
    order: Order,
    leg: OrderLeg,
    offers: Iterable[tuple[Product, Partner]],
    wanted: Wanted,
    taxonomy: Taxonomy,
    now: datetime,
    *,
    is_played: bool,
) -> list[Candidate]:
    """What each offer would do to the order, the best first; what comes too late or waits for a yes is left out.

    is_played: whether the original is of a simulated partner; then so are its replacements, and only then.
    """
    found = []
    for product, partner in offers:
        if partner.is_simulated != is_played:
            continue  # no real shop gets orders of a rehearsal
        try:
            new = _leg_of(order, leg, Chosen(product, partner, _part(leg, wanted, product)), taxonomy, now)
        except NotForSale:
            continue
        metres = distance_metres(partner.place.point, order.deliver_to.point)
        one = judged(order, leg, new, trust_score(partner.trust), metres, now)
        placed = answered(one.leg, partner, order.deliver_to.point, taxonomy, now)
        if placed.accepts_alone:  # who must be asked first keeps the customer waiting
            found.append(replace(one, leg=placed))
    return ranked(order, found)


def ranked(order: Order, found: Iterable[Candidate]) -> list[Candidate]:
    """Those that come in time, the best first."""
    there = [one for one in found if (one.after.expected or one.after.arrives) <= order.deliver_by]
    return sorted(there, key=lambda one: (-one.score, one.leg.partner))


def judged(order: Order, leg: OrderLeg, new: OrderLeg, trust: int, metres: float, now: datetime) -> Candidate:
    """What a new leg does to the order in an old one's place; trust: from 0 to 100, metres: how far its party is."""
    after = reckoned(swapped(order, leg.id, new), now)
    placed = after.leg(new.id)
    assert placed is not None
    more = new.price - leg.price
    minutes = max(delay_minutes(after) - delay_minutes(order), 0)
    near = 1 - min(metres / 1_000, NEAR_KM_MAX) / NEAR_KM_MAX
    alike = 1 - min(abs(more.minor) * 100 / (leg.price.minor * PRICE_PERCENT), 1)
    why = f"trust {trust} of 100, {metres / 1_000:.1f} km away, {_price_words(more)}"
    return Candidate(placed, after, more, minutes, TRUST * trust / 100 + PROXIMITY * near + PRICE * alike, why)


def why_not(order: Order, leg: OrderLeg) -> str | None:
    """Why nobody else can be found for a leg without a person; None where somebody can."""
    if leg.lock == "hard":
        return f"{leg.title} is bound to its partner: nobody else may take it on."
    if len(order.legs) >= LEGS_MAX:
        return f"The order has {LEGS_MAX} parts already."
    if leg.role not in REPLACEABLE and not is_round(leg):
        return f"Nobody else can be found for {leg.title} without a person."
    if is_round(leg) and leg.began is not None:
        return f"{leg.title} has set out already: what it brings is on its way."
    later = [one for one in live(order) if leg.id in one.after and (one.began or one.ended)]
    if later:
        return f"{leg.title} is in other hands already: {later[0].title}."
    return None


def swapped(order: Order, old: str, new: OrderLeg) -> Order:
    """The order with a new leg in the place of an old one; what came after that comes after this."""
    legs = []
    for leg in order.legs:
        if leg.id == old:
            status = leg.status if leg.status == "rejected" else "cancelled"
            legs.append(leg.model_copy(update={"status": status}))
        elif old in leg.after:
            after = tuple(new.id if name == old else name for name in leg.after)
            legs.append(leg.model_copy(update={"after": after}))
        else:
            legs.append(leg)
    gone = order.leg(old)
    assert gone is not None
    total = order.total - gone.price + new.price
    return with_legs(order.model_copy(update={"legs": tuple(legs), "total": total}), [new])


def _part(leg: OrderLeg, wanted: Wanted, product: Product) -> Part:
    options = {name: value for name, value in leg.lines[0].options.items() if name != AGREED}
    return Part(product=product.id, quantity=_quantity(leg, wanted), role=leg.role, options=options)


def _leg_of(order: Order, leg: OrderLeg, chosen: Chosen, taxonomy: Taxonomy, now: datetime) -> OrderLeg:
    """The offer as a leg in the old one's place; raises NotForSale."""
    goods = (chosen,)
    asked = Asked(goods, None, order.deliver_to, order.deliver_by, now)
    (drafted, *_) = made(asked, Shape(goods, taxonomy), Arrangement(goods, {})).legs
    (numbered,) = numbered_on(order, [drafted], now)
    news = {"after": leg.after, "replaces": leg.id, "shows_partner": leg.shows_partner, "lock": "none"}
    return numbered.model_copy(update={**news, "status": "accepted"})


def _quantity(leg: OrderLeg, wanted: Wanted) -> int:
    return wanted.quantity if wanted.words else leg.lines[0].quantity


def _done_to(order: Order, leg: OrderLeg) -> Iterable[str]:
    """What others do to a leg's thing, which its replacement must take, too."""
    for other in order.legs:
        if leg.id in other.after and other.role == "customization":
            yield from (line.options["customization"] for line in other.lines if "customization" in line.options)


def _price_words(more: Money) -> str:
    if more.minor == 0:
        return "the same price"
    return f"{more} more" if more.minor > 0 else f"{-more} less"
