"""The column `takes`: what can be done to a product, within which limits, and by whom."""

from __future__ import annotations

import re

from shared.discovery.manifests.amounts import minor_of
from shared.discovery.manifests.durations import minutes_of
from shared.discovery.products import Customization

_TAKES = re.compile(r"([^()]+?)\s*(?:\(([^()]*)\))?")
_LIMIT = re.compile(
    r"(characters|letters|colou?rs)\s*:?\s*(\d{1,4})|(\d{1,4})\s*(characters|letters|colou?rs)", re.ASCII
)
_POSITIONS = re.compile(r"positions?\s*:?\s*(.+)")
HOW = "write it like engraving(characters 30, own, 12.00, 2h)"


def customization_of(entry: str, tag: str, currency: str) -> Customization:
    """`embroidery(characters 20, colours 3, positions chest/sleeve)`, with `own, 8.00, 1d` where the seller does it.

    tag: the capability that its first word stands for. Raises ValueError with what to write.
    """
    found: dict[str, object] = {"tag": tag}
    for part in filter(None, (one.strip().lower() for one in said_in(entry)[1].split(","))):
        limit, positions = _LIMIT.fullmatch(part), _POSITIONS.fullmatch(part)
        if part == "own":
            found["is_by_partner"] = True
        elif limit:
            name, number = (limit[1], limit[2]) if limit[1] else (limit[4], limit[3])
            found["colours_max" if name.startswith("colo") else "characters_max"] = int(number)
        elif positions:
            found["positions"] = tuple(place.strip()[:40] for place in positions[1].split("/") if place.strip())
        else:
            found.update(_price_or_time(part, currency))
    return Customization.model_validate(found)


def said_in(entry: str) -> tuple[str, str]:
    """What is done, and what stands in its brackets; raises ValueError with what to write."""
    found = _TAKES.fullmatch(entry.strip())
    if not found:
        raise ValueError(f"cannot be read; {HOW}")
    return found[1].strip(), found[2] or ""


def _price_or_time(part: str, currency: str) -> dict[str, object]:
    try:
        return {"lead_minutes": minutes_of(part)}
    except ValueError:
        pass
    try:
        return {"minor_per_unit": minor_of(part, currency)}
    except ValueError:
        raise ValueError(f"has {part!r}, which is no limit, price or duration; {HOW}") from None
