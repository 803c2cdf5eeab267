"""The partners in memory: who they are, where, and when they open; kept in step with the store by its change feed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.discovery.partners import PARTNERS, Partner
from shared.logistics.geo import Point, distance_metres
from shared.ports import Store
from shared.records import PAGE_MAX

REGION_METRES_MAX = 80_000
"""Farther than this from every partner, somebody is in no region of ours."""
OPENING_STEP_MINUTES = 5
"""How long a table of openings serves; a necessary check only, so minutes do not matter."""


class PartnerBook:
    """All partners; safe to use from several threads and event loops."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._token: str | None = None
        self._partners: dict[str, Partner] = {}
        self._openings: tuple[datetime, Mapping[str, datetime]] | None = None

    async def refresh(self) -> Mapping[str, Partner]:
        """Read what has changed; the partners as they are now, by id."""
        while True:
            since = self._token
            changes = await self._store.changes(PARTNERS, since, PAGE_MAX)
            with self._lock:
                if since == self._token:  # else another thread was quicker: what it has read is as good
                    self._token = changes.token
                    if changes.items:
                        news = {stored.value.id: stored.value for stored in changes.items}
                        self._partners = {**self._partners, **news}
                        self._openings = None
            if len(changes.items) < PAGE_MAX:
                return self._partners

    @property
    def known(self) -> Mapping[str, Partner]:
        """The partners as they were last read, by id."""
        return self._partners

    def opens_in(self, now: datetime, minutes_max: int) -> dict[str, int]:
        """Partner → minutes until it is next open, for those that open within minutes_max."""
        latest = now + timedelta(minutes=minutes_max)
        return {
            name: max(0, int((opens - now).total_seconds()) // 60)
            for name, opens in self._next_openings(now).items()
            if opens <= latest
        }

    def region_of(self, point: Point | None) -> str | None:
        """The region of the partner nearest to a point, if it is near at all."""
        if point is None or not self._partners:
            return None
        metres, region = min(
            (distance_metres(point, partner.place.point), partner.place.region) for partner in self._partners.values()
        )
        return region if metres <= REGION_METRES_MAX else None

    def _next_openings(self, now: datetime) -> Mapping[str, datetime]:
        known = self._openings
        if known is None or not known[0] <= now < known[0] + timedelta(minutes=OPENING_STEP_MINUTES):
            found = ((name, partner.hours.next_open(now)) for name, partner in self._partners.items())
            known = now, {name: opens for name, opens in found if opens is not None}
            self._openings = known
        return known[1]
