"""What the search index is told of a product or a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.discovery.bundles import Bundle, Part
from shared.discovery.listing import Listing
from shared.discovery.partners import Partner, TrustRecord
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import cell_of

FORMAT = 2
"""Changes when the same product would be listed otherwise: an index of another one is built anew."""
RATING_PRIOR = 400.0
"""Hundredths of stars that somebody has whom nobody has rated,"""
RATING_PRIOR_WEIGHT = 20
"""and how many ratings that counts as."""
RELIABILITY_PRIOR, RELIABILITY_PRIOR_WEIGHT = 0.9, 10
"""The share of orders that go well with somebody who has had none, and how many orders that counts as."""
RATING_SHARE, ON_TIME_SHARE, COMPLETED_SHARE = 0.6, 0.2, 0.2
CELL_KM = 8
"""How far a place can be from the centre of its square of a tenth of a degree."""
MARGIN_FULL = 0.4
"""A margin of this part of the price counts as 1."""
# What a partner does for every order of its own, whatever is in it.
_FOR_ALL = {"packaging", "delivery"}


def is_listed(product: Product, partner: Partner | None) -> bool:
    """Whether customers may find a product of this partner."""
    return (
        product.status == "active" and not product.needs_review and partner is not None and partner.status == "active"
    )


def listing_of(product: Product, partner: Partner, taxonomy: Taxonomy) -> Listing:
    """A product as the index knows it; whether it is listed at all says is_listed."""
    return Listing(
        id=product.id,
        kind=product.kind,
        partner=partner.id,
        title=product.title,
        facts="; ".join((*facts_of(product, taxonomy), partner.name)),
        text=_described(product.category, product.description, taxonomy),
        category=product.category,
        capabilities=capabilities_of(product, partner, taxonomy),
        values=values_of(product.attributes),
        point=partner.place.point,
        reach_km=partner.reach_km,
        region=partner.place.region,
        price_minor=product.price.minor,
        currency=product.price.currency,
        stock=product.stock,
        lead_minutes=product.lead_minutes,
        party_min=product.party_min,
        party_max=product.party_max,
        quality=quality_of(product, partner.trust),
        margin=margin_of(product.price.minor, product.net.minor),
    )


def listing_of_bundle(
    bundle: Bundle, parts: Mapping[str, Product], partners: Mapping[str, Partner], taxonomy: Taxonomy
) -> Listing | None:
    """A bundle as the index knows it; None where it is not published, or one of its parts cannot be had.

    parts: product id → product; partners: partner id → partner. Its facts name what is in it, so that who wants no
    lilies gets none, but never a partner: that is for the bundle's visibility to tell.
    """
    chosen = [(part, parts.get(part.product)) for part in bundle.parts]
    had = [(part, one) for part, one in chosen if one and is_listed(one, partners.get(one.partner))]
    if bundle.status != "published" or len(had) < len(chosen) or len({one.price.currency for _, one in had}) > 1:
        return None
    sum_minor = sum(one.price.minor * part.quantity for part, one in had)
    net_minor = sum(one.net.minor * part.quantity for part, one in had)
    price = bundle.price.minor if bundle.price else sum_minor
    inside = (text for _, one in had for text in (one.title, *facts_of(one, taxonomy)))
    stocks = [one.stock // part.quantity for part, one in had if one.stock is not None]
    every = sum(one.price.minor * part.quantity for part, one in had) or 1
    first = partners[had[0][1].partner]
    return Listing(
        id=bundle.id,
        kind="bundle",
        partner="",
        title=bundle.title,
        facts="; ".join(dict.fromkeys((*_names(bundle.category, bundle.attributes, taxonomy), *inside))),
        text=_described(bundle.category, bundle.description, taxonomy),
        category=bundle.category,
        capabilities=_shared_work([one for _, one in had], partners, bundle, taxonomy),
        values=values_of(bundle.attributes),
        # Only the square that its first part comes from: in concierge mode not even the way to it may tell who it is.
        point=cell_of(first.place.point).centre,
        reach_km=min(partners[one.partner].reach_km for _, one in had) + CELL_KM,
        region=bundle.region,
        price_minor=price,
        currency=bundle.price.currency if bundle.price else had[0][1].price.currency,
        stock=min(stocks, default=None),
        lead_minutes=_lead([(part, one) for part, one in had]),
        party_min=bundle.party_min,
        party_max=bundle.party_max,
        quality=sum(
            quality_of(one, partners[one.partner].trust) * one.price.minor * part.quantity / every for part, one in had
        ),
        margin=margin_of(price, net_minor),
    )


def text_of(listing: Listing) -> str:
    """What a listing's vector is made of: title, facts and the first sentence of its text."""
    first = listing.text.partition(". ")[0]
    return f"{listing.title}. {listing.facts}. {first}"


def facts_of(product: Product, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Its category and those above, its attributes' values, and what can be done to it, as we name them."""
    works = (*product.tags, *(one.tag for one in product.customizations))
    named = (taxonomy.capabilities[tag].names[0] for tag in works if tag in taxonomy.capabilities)
    return tuple(dict.fromkeys((*_names(product.category, product.attributes, taxonomy), *named)))


def capabilities_of(product: Product, partner: Partner, taxonomy: Taxonomy) -> tuple[str, ...]:
    """What it has, what its category has, what can be done to it, and how its partner wraps and delivers."""
    by_partner = (one.tag for one in partner.capabilities if _kind(one.tag, taxonomy) in _FOR_ALL)
    works = (one.tag for one in product.customizations)
    return tuple(dict.fromkeys((*product.tags, *taxonomy.capabilities_of(product.category), *works, *by_partner)))


def values_of(attributes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """`colour:pink`, `occasion:birthday`."""
    return tuple(f"{kind}:{value}" for kind, values in attributes.items() for value in values)


def quality_of(product: Product, trust: TrustRecord) -> float:
    """0 to 1 from ratings and record, each drawn towards what is usual while there is little of it (Bayesian averages).

    A product's stars are drawn towards its partner's, and these towards RATING_PRIOR.
    """
    partner_stars = _drawn(trust.rating_hundredths, trust.ratings, RATING_PRIOR, RATING_PRIOR_WEIGHT)
    stars = _drawn(product.rating_hundredths, product.ratings, partner_stars, RATING_PRIOR_WEIGHT)
    on_time, completed = (
        _drawn(share / 10_000, trust.orders, RELIABILITY_PRIOR, RELIABILITY_PRIOR_WEIGHT)
        for share in (trust.on_time, trust.completed)
    )
    return RATING_SHARE * max(0.0, (stars - 100) / 400) + ON_TIME_SHARE * on_time + COMPLETED_SHARE * completed


def margin_of(price_minor: int, net_minor: int) -> float:
    """What is left of a price when the vendors have theirs, 0 to 1, MARGIN_FULL of the price being 1."""
    if price_minor <= 0:
        return 0.0
    return min(1.0, max(0.0, (price_minor - net_minor) / price_minor / MARGIN_FULL))


def _drawn(value: float, count: int, prior: float, weight: int) -> float:
    return (prior * weight + value * count) / (weight + count)


def _names(category: str, attributes: Mapping[str, Sequence[str]], taxonomy: Taxonomy) -> Iterable[str]:
    for name in taxonomy.ancestors.get(category, ()):
        yield taxonomy.categories[name].names[0]
    for kind, values in attributes.items():
        for value in values:
            if kind == "occasion" and value in taxonomy.occasions:
                yield taxonomy.occasions[value].names[0]
            elif kind == "recipient" and value in taxonomy.recipients:
                yield f"for {taxonomy.recipients[value][0]}"
            else:
                yield value


def _described(category: str, description: str, taxonomy: Taxonomy) -> str:
    """The other words by which people ask for its kind, then its description.

    Not among the facts: who wants no clown may still want a magician, though both are entertainers.
    """
    known = taxonomy.categories.get(category)
    others = ", ".join(known.names[1:]) if known else ""
    return f"{others}. {description}" if others else description


def _shared_work(
    products: Sequence[Product], partners: Mapping[str, Partner], bundle: Bundle, taxonomy: Taxonomy
) -> tuple[str, ...]:
    """What any part can do; but vegan, kosher and so on only where the bundle itself says so."""
    diets = set(taxonomy.attributes.get("diet", {}))
    said = [value for value in bundle.attributes.get("diet", ()) if value in taxonomy.capabilities]
    works = (tag for one in products for tag in capabilities_of(one, partners[one.partner], taxonomy))
    return tuple(dict.fromkeys((*said, *(tag for tag in works if tag not in diets))))


def _lead(parts: Sequence[tuple[Part, Product]]) -> int:
    """Minutes until the last part is there, each beginning when those before it are done."""
    ready: dict[int, int] = {}
    # As often as there are parts: enough for any order of them, and an end where they go round in a circle.
    for _ in parts:
        for number, (part, one) in enumerate(parts):
            ready[number] = one.lead_minutes + max((ready.get(before, 0) for before in part.after), default=0)
    return max(ready.values(), default=0)


def _kind(tag: str, taxonomy: Taxonomy) -> str:
    return taxonomy.capabilities[tag].kind if tag in taxonomy.capabilities else ""
