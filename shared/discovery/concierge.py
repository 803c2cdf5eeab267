"""Concierge mode: a bundle stands for itself, and no word of it tells which partners are behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shared.discovery.bundles import Bundle
from shared.discovery.partners import Partner

_LINK = re.compile(r"https?://|www\.|@\w", re.IGNORECASE)


def leaks(bundle: Bundle, partners: Iterable[Partner]) -> list[tuple[str, str]]:
    """(field, what is wrong) for every field that would name a partner to the customer, or lead to one."""
    if bundle.visibility == "transparent":
        return []
    hidden = list(partners)
    found = []
    for field in ("title", "description"):
        text = getattr(bundle, field)
        found += [
            (field, f"It names {partner.name}, which {bundle.visibility} mode hides; leave the name out.")
            for partner in hidden
            if _names(text, partner)
        ]
        if _LINK.search(text):
            found.append((field, "It holds a link or an address; leave it out."))
    return found


def hidden_partners(bundle: Bundle, partners: Iterable[Partner]) -> list[Partner]:
    """Those of a bundle's partners, in the order of its parts, that its mode hides."""
    shown = bundle.visibility == "transparent"
    is_hybrid = bundle.visibility == "hybrid"
    return [
        partner
        for part, partner in zip(bundle.parts, partners, strict=True)
        if not shown and not (is_hybrid and part.shows_partner)
    ]


def _names(text: str, partner: Partner) -> bool:
    low = text.lower()
    names = (partner.name, partner.id, partner.place.address)
    return any(re.search(rf"\b{re.escape(name.lower())}\b", low) for name in names)
