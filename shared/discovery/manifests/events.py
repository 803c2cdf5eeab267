"""The events of an experience, from the parts of its row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.discovery.manifests.cells import Cells
from shared.discovery.manifests.durations import minutes_of
from shared.discovery.products import EVENTS_MAX, Event

_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,10})?", re.ASCII)


def events_of(cells: Cells, region: str) -> tuple[Event, ...]:
    """Each part (title, starts_after, lasts, address, lat, lng, neighbourhood) as an event, in the order of time."""
    if len(cells.row.parts) > EVENTS_MAX:
        cells.wrong("events", f"has {len(cells.row.parts)} events; {EVENTS_MAX} is the most")
        return ()
    found = [_event(cells, number, part, region) for number, part in enumerate(cells.row.parts, 1)]
    return tuple(sorted((event for event in found if event), key=lambda event: event.starts_after_minutes))


def _event(cells: Cells, number: int, part: Mapping[str, str], region: str) -> Event | None:
    name = f"events[{number}]"
    facts: dict[str, Any] = {"title": " ".join(part.get("title", "").split())}
    for field, column in (("starts_after_minutes", "starts_after"), ("minutes", "lasts")):
        text = part.get(column, "").strip() or ("0" if column == "starts_after" else "")
        try:
            facts[field] = minutes_of(text)
        except ValueError as why:
            cells.wrong(f"{name}.{column}", str(why), text)
            return None
    if part.get("address") or part.get("lat"):
        lat, lng = part.get("lat", ""), part.get("lng", "")
        if not _DEGREES.fullmatch(lat) or not _DEGREES.fullmatch(lng):
            cells.wrong(f"{name}.place", "needs lat and lng in degrees, such as 30.2486 and -97.7503", f"{lat} {lng}")
            return None
        facts["place"] = {
            "address": part.get("address", ""),
            "point": {"lat": float(lat), "lng": float(lng)},
            "region": part.get("region") or region,
            "neighbourhood": part.get("neighbourhood", ""),
        }
    try:
        return Event.model_validate(facts)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        cells.wrong(f"{name}.{'.'.join(map(str, fault['loc']))}", fault["msg"].lower())
        return None
