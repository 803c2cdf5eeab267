"""From what somebody chose to the legs of an order: priced, divided, planned, and held against the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.discovery.bundles import Bundle, Part
from shared.discovery.products import Product
from shared.discovery.scout import Scout
from shared.discovery.taxonomy import Taxonomy
from shared.discovery.views import bundle_price
from shared.discovery.wish import Wish
from shared.logistics.capacity import slots_key, stock_key
from shared.logistics.timechain.minutes import moment_of
from shared.logistics.timechain.schedule import Plan
from shared.money.accounts import PLATFORM_FEES, account
from shared.money.amounts import Money, split
from shared.money.commands import Share
from shared.orders.order import BundleRef, Destination, Hold, Line, OrderLeg
from shared.orders.planning import Chosen, latest_starts, leg_id, planned

COURIERS_TRIED = 10
_UNKNOWN = datetime.max.replace(tzinfo=UTC)
_BROUGHT = frozenset({"courier", "cold"})


@dataclass(frozen=True)
class Quote:
    """Legs in an order that keeps `after`, what all costs, when it arrives; plan: the time-chain behind it."""

    legs: tuple[OrderLeg, ...]
    total: Money
    arrives: datetime
    bundle: BundleRef | None
    plan: Plan


class NotForSale(Exception):
    """Something that was chosen cannot be had like this; field: of the request."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class Quoter:
    """Makes quotes from the catalog as it is now."""

    def __init__(self, scout: Scout, taxonomy: Taxonomy) -> None:
        self._scout = scout
        self._taxonomy = taxonomy

    async def quote(
        self, chosen: Sequence[Chosen], bundle: Bundle | None, to: Destination, by: datetime, now: datetime
    ) -> Quote:
        """The order that this would be; raises NotForSale."""
        for number, one in enumerate(chosen):
            _check(one, f"lines[{number}]")
        if len({one.product.price.currency for one in chosen}) > 1:
            raise NotForSale("lines", "They are in different currencies; order them one by one.")
        complete = [*chosen, *await self._courier(chosen, to, by, now)]
        price = bundle_price(bundle, [(one.product, one.partner) for one in chosen]) if bundle else None
        plan = planned(complete, to.point, by, now)
        if plan.finish is None:
            raise NotForSale("deliver_by", f"There is no time at which it could be done: {plan.why}.")
        legs = _scheduled(_priced(complete, price, bundle), complete, plan, self._taxonomy)
        total = Money(minor=sum(leg.price.minor for leg in legs), currency=legs[0].price.currency)
        ref = BundleRef(id=bundle.id, title=bundle.title, visibility=bundle.visibility) if bundle else None
        return Quote(legs, total, moment_of(plan.finish), ref, plan)

    async def _courier(
        self, chosen: Sequence[Chosen], to: Destination, by: datetime, now: datetime
    ) -> list[Chosen]:
        """Whoever brings it, where something is to be brought and nobody was chosen for it: the least dear in time."""
        ways = {self._way(one.product) for one in chosen}
        if any(one.part.role == "delivery" for one in chosen) or not ways & _BROUGHT:
            return []
        tag = "cold-chain" if "cold" in ways else "delivery"
        families = frozenset(name for name, one in self._taxonomy.categories.items() if one.node == "delivery")
        wish = Wish(
            text="delivery", near=to.point, deliver_by=by, capabilities=frozenset({tag}), categories=families,
            limit=COURIERS_TRIED,
        )  # fmt: skip
        found = await self._scout.search(wish, now)
        offers = [offer for offer in found.offers if offer.product and offer.partner]
        if found.relaxed or not offers:
            is_late = any(one.field == "deliver_by" for one in found.relaxed)
            raise NotForSale("deliver_by" if is_late else "deliver_to", "Nobody brings it there by then.")
        best = min(offers, key=lambda offer: (offer.ranked.hit.price_minor, offer.id))
        assert best.product is not None
        assert best.partner is not None
        after = tuple(range(len(chosen)))
        return [Chosen(best.product, best.partner, Part(product=best.id, role="delivery", after=after))]

    def _way(self, product: Product) -> str:
        category = self._taxonomy.categories.get(product.category)
        return category.delivery if category else "courier"


def _check(one: Chosen, field: str) -> None:
    product, part = one.product, one.part
    if product.stock is not None and product.stock < part.quantity:
        left = f"Only {product.stock} are left" if product.stock else "It is sold out"
        raise NotForSale(f"{field}.quantity", f"{left}: {product.title}.")
    wanted, text = part.options.get("customization"), part.options.get("text", "")
    if wanted is None:
        return
    taken = [takes for takes in product.customizations if takes.tag == wanted]
    if not taken:
        raise NotForSale(f"{field}.customization", f"{product.title} does not take {wanted.replace('-', ' ')}.")
    longest = max((takes.characters_max or len(text) for takes in taken), default=0)
    if len(text) > longest:
        raise NotForSale(f"{field}.customization.text", f"{product.title} takes {longest} characters at most.")


def _priced(chosen: Sequence[Chosen], price: Money | None, bundle: Bundle | None) -> list[OrderLeg]:
    """Legs with prices and shares: each vendor its net, the platform the rest; it carries a bundle's discount."""
    gross = [one.product.price.minor * one.part.quantity + one.part.extra_minor for one in chosen]
    net = [one.product.net.minor * one.part.quantity + one.part.extra_minor for one in chosen]
    if price is not None:
        parts = len(bundle.parts) if bundle else 0
        rest = price.minor - sum(net[:parts])
        if rest < 0:
            raise NotForSale("bundle_id", "The bundle costs less than its parts; it is not to be had now.")
        margins = [whole - own for whole, own in zip(gross[:parts], net[:parts], strict=True)]
        fees = split(price.model_copy(update={"minor": rest}), margins if any(margins) else [1] * parts)
        gross[:parts] = [own + fee.minor for own, fee in zip(net[:parts], fees, strict=True)]
    return [_leg(number, one, gross[number], net[number], bundle) for number, one in enumerate(chosen)]


def _leg(number: int, one: Chosen, price_minor: int, net_minor: int, bundle: Bundle | None) -> OrderLeg:
    price = Money(minor=price_minor, currency=one.product.price.currency)
    net = price.model_copy(update={"minor": min(net_minor, price_minor)})
    shares = [(account("vendor", one.partner.id), net), (PLATFORM_FEES, price - net)]
    visibility = bundle.visibility if bundle else "transparent"
    return OrderLeg(
        id=leg_id(number),
        partner=one.partner.id,
        partner_name=one.partner.name,
        role=one.part.role,
        lines=(
            Line(
                product=one.product.id,
                title=one.product.title,
                quantity=one.part.quantity,
                unit_price=one.product.price,
                extra_minor=one.part.extra_minor,
                options=one.part.options,
            ),
        ),
        price=price,
        shares=tuple(Share(account=name, amount=amount) for name, amount in shares if amount.minor > 0),
        after=tuple(leg_id(before) for before in one.part.after),
        starts=_UNKNOWN,
        ends=_UNKNOWN,
        shows_partner=visibility == "transparent" or (visibility == "hybrid" and one.part.shows_partner),
        accepts_alone=one.partner.accepts_alone,
    )


def _scheduled(
    legs: Sequence[OrderLeg], chosen: Sequence[Chosen], plan: Plan, taxonomy: Taxonomy
) -> tuple[OrderLeg, ...]:
    """The legs with their times, and what each takes of whose capacity on that day; what perishes is made late."""
    latest = latest_starts(plan)
    timed = []
    for leg, one in zip(legs, chosen, strict=True):
        is_late = taxonomy.is_perishable(one.product.category) and leg.role == "product"
        start = latest[leg.id] if is_late else plan.starts[leg.id]
        starts, ends = moment_of(start), moment_of(start + plan.ends[leg.id] - plan.starts[leg.id])
        timed.append(leg.model_copy(update={"starts": starts, "ends": ends, "holds": (_hold(one, starts),)}))
    return tuple(timed)


def _hold(one: Chosen, day: datetime) -> Hold:
    """What is reserved: pieces from stock, else one of the jobs that the partner takes on that day."""
    product, units = one.product, one.part.quantity
    if product.stock is not None:
        return Hold(key=stock_key(product.id), units=units, limit=product.stock, limit_at=product.updated_at)
    works = {capability.tag: capability for capability in one.partner.capabilities}
    tag = next((tag for tag in product.tags if tag in works), product.category)
    per_day = works[tag].per_day if tag in works else 100
    key = slots_key(one.partner.id, tag, day.date())
    return Hold(key=key, units=1, limit=per_day, limit_at=product.updated_at)
