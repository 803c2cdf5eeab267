"""What each leg costs, and how its price divides among those who are paid from it: the parts always add up."""

from __future__ import annotations

from collections.abc import Sequence

from shared.discovery.bundles import Bundle
from shared.discovery.partners import Capability, Partner
from shared.discovery.views import bundle_price
from shared.money.accounts import PLATFORM_FEES, account
from shared.money.amounts import Money, split
from shared.money.commands import Share
from shared.money.commission import Breakdown, Cpa, Referral, break_down, commission_of
from shared.money.fees import FEES
from shared.orders.chosen import Chosen, NotForSale


def goods_prices(goods: Sequence[Chosen], bundle: Bundle | None) -> list[int]:
    """What each costs; the parts of a bundle come to its price, whose discount the platform carries."""
    gross = [one.price_minor for one in goods]
    if bundle is None:
        return gross
    parts = len(bundle.parts)
    net = [one.net_minor for one in goods[:parts]]
    rest = bundle_price(bundle, [(one.product, one.partner) for one in goods[:parts]]).minor - sum(net)
    if rest < 0:
        raise NotForSale("bundle_id", "The bundle costs less than its parts; it is not to be had now.")
    margins = [whole - own for whole, own in zip(gross, net, strict=False)]
    currency = goods[0].product.price.currency
    fees = split(Money(minor=rest, currency=currency), margins if any(margins) else [1] * parts)
    return [own + fee.minor for own, fee in zip(net, fees, strict=True)] + gross[parts:]


def goods_shares(one: Chosen, price: Money, referral: Referral | None) -> tuple[Share, ...]:
    """The vendor its net, who brought the customer a commission, the platform the rest."""
    net = price.model_copy(update={"minor": min(one.net_minor, price.minor)})
    rest = price - net
    parts = [(account("vendor", one.partner.id), net)]
    if referral is not None and _pays(one.partner, referral, price):
        commission = min(commission_of(price, referral.rate), rest)
        parts.append((referral.account, commission))
        rest -= commission
    parts.append((PLATFORM_FEES, rest))
    return tuple(Share(account=name, amount=amount) for name, amount in parts if amount.minor > 0)


def partner_shares(partner: Partner, price: Money, service: str, referral: Referral | None) -> tuple[Share, ...]:
    """The same for work that has no net of its own: the platform's fee is by the table."""
    fee = FEES.basis_points(partner.place.region, service)
    payee = account("vendor", partner.id)
    if referral is not None and _pays(partner, referral, price):
        divided = break_down(price, payee, fee, referral)
        if isinstance(divided, Breakdown):
            return divided.shares
    return work_shares(price, payee, partner.place.region, service)


def work_shares(price: Money, payee: str, region: str, service: str) -> tuple[Share, ...]:
    """Whoever works the most of it, the platform its fee by the table; payee: an account."""
    divided = break_down(price, payee, FEES.basis_points(region, service))
    assert isinstance(divided, Breakdown)  # a fee is never more than all
    return divided.shares


def _pays(partner: Partner, referral: Referral, price: Money) -> bool:
    """Whether a partner pays for customers who are brought to it, and in this currency."""
    is_other = isinstance(referral.rate, Cpa) and referral.rate.amount.currency != price.currency
    return partner.commission is not None and bool(partner.tracking_id) and not is_other


def work_price(capability: Capability, quantity: int, text: str, minutes: int) -> int:
    """What a job by a capability costs, in minor units: setting up, and every unit of it."""
    units = {"item": quantity, "character": len(text) * quantity, "hour": -(-minutes // 60)}
    return capability.setup_minor + capability.minor_per_unit * units.get(capability.unit, 1)
