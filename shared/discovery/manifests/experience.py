"""A meta-manifest: pre-packaged experiences, each one SKU and one leg to the platform, several events to the guest.

    {"experiences": [{
        "sku": "LOOP", "title": "The Anniversary Loop", "description": "…", "category": "limo", "tags": ["transport"],
        "components": [{"title": "Pick-up", "starts_after": "0", "lasts": "15m",
                        "place": {"address": "…", "lat": 30.26, "lng": -97.74, "neighbourhood": "Downtown"}}, …],
        "pricing": {"price": "420.00", "net": "340.00", "unit": "item"},
        "scheduling": {"lead": "1d", "work": "4h"},
        "availability": {"stock": 2, "party": "1-6"}}]}

`components` may be called `events`, and what stands in the three groups may stand beside the title. Whatever comes this
way waits for an admin (spec, Meta-Partner Manifest; Verification).
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.discovery.manifests.documents import Json, inner, items_of, members, scalar, texts
from shared.discovery.manifests.rows import COLUMNS, Findings, Row

NAMES = ("experiences",)
GROUPS = ("pricing", "scheduling", "availability")


def fits(objects: Sequence[tuple[int, Json]]) -> bool:
    """Whether objects are in this shape."""
    first = objects[0][1]
    return items_of(first, NAMES) is not None or _has_events(first) or "experience" in first


def rows(objects: Sequence[tuple[int, Json]], findings: Findings) -> list[Row]:
    """A row for each experience, with its events as parts."""
    found: list[Row] = []
    for number, given in objects:
        within = items_of(given, NAMES)
        single = given.get("experience") if isinstance(given.get("experience"), dict) else given
        several = [(number, single)] if within is None else list(enumerate(within, 1))
        found += [_row(at, one if isinstance(one, dict) else {}) for at, one in several]
    if not found:
        findings.reject("it names no experience")
    return found


def _has_events(given: Json) -> bool:
    return bool(members(given.get("components")) or members(given.get("events")))


def _row(number: int, given: Json) -> Row:
    fields: dict[str, str] = {"kind": "experience"}
    for holder in (given, *(given.get(name) for name in GROUPS)):
        for name in (*COLUMNS, "currency", "link"):
            value = inner(holder, name)
            if value is not None and name != "kind":
                fields[name] = ";".join(texts(value))
    events = members(given.get("components")) or members(given.get("events"))
    return Row(number, fields, tuple(_part(event) for event in events))


def _part(event: Json) -> dict[str, str]:
    place = event.get("place")
    point = inner(place, "point") or place
    return {
        "title": scalar(event.get("title")),
        "starts_after": scalar(event.get("starts_after")),
        "lasts": scalar(event.get("lasts")),
        "address": scalar(inner(place, "address")),
        "lat": scalar(inner(point, "lat")),
        "lng": scalar(inner(point, "lng")),
        "region": scalar(inner(place, "region")),
        "neighbourhood": scalar(inner(place, "neighbourhood")),
    }
