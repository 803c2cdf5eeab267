"""How somebody is to be reached now: on the channel they prefer, not at night, and elsewhere where that fails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from shared.dialogue.messages import PHONE_CHANNELS, Channel
from shared.discovery.hours import WEEKDAYS, Hours
from shared.discovery.partners import Address, Contact

Urgency = Literal["urgent", "normal"]
"""urgent: something is lost if it waits until the morning."""


DAY = timedelta(days=1)


class Hold(NamedTuple):
    """Not now: after `until` (UTC) ask again."""

    until: datetime


def route(
    contact: Contact, urgency: Urgency, now: datetime, time_zone: str, failed: Collection[Channel] = ()
) -> Address | Hold | None:
    """The way to somebody, or until when to wait; None where no way is left.

    failed: channels on which it would not arrive. Quiet hours are those of the contact, in time_zone; they hold what
    rings a telephone and is not urgent, and nothing else.
    """
    ways = [Address(channel=contact.channel, address=contact.address), contact.fallback]
    way = next((way for way in ways if way and way.channel not in failed), None)
    if way is None:
        return None
    until = None if urgency == "urgent" or way.channel not in PHONE_CHANNELS else quiet_until(contact, now, time_zone)
    return way if until is None else Hold(until)


def quiet_until(contact: Contact, now: datetime, time_zone: str) -> datetime | None:
    """When the quiet hours end that now lies in, UTC; None where it lies in none."""
    if not contact.quiet_hours:
        return None
    hours = Hours(time_zone=time_zone, week=dict.fromkeys(WEEKDAYS, contact.quiet_hours))
    until: datetime | None = None
    for starts, ends in hours.openings(now):
        if starts > (until or now):
            break
        if until and ends >= now + DAY:
            return None  # it is never anything but quiet: then that means nothing
        until = ends
    return until


def to_of(way: Address, party: str) -> str:
    """The `to` of a message that goes this way; on api and web people and programs are known by their id."""
    return party if way.channel in {"api", "web"} else way.address
