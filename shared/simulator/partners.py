"""Simulated partners: ordinary partners to everybody, but that what they are told reaches the simulator."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from shared.dialogue.messages import Channel
from shared.discovery.partners import PARTNERS, Contact, Partner
from shared.ports import Store
from shared.records import AlreadyThere, ChangedMeanwhile, Container, NotThere, Record, Stored, Unavailable, Write

TRIES_MAX = 10
PREFIX = "sim-"
NO_REGION = "elsewhere"
"""The region of a place that is far from every partner."""
BY_ID: Channel = "api"
"""The channel on which a partner is reached by its id."""
PLAYED: tuple[Channel, ...] = ("whatsapp", "sms", "email", "api")


class Reached(Record):
    """Which simulated partner an address leads to; id: the hash of channel and address."""

    partner: str


REACHED = Container("simulator_reached", Reached, "id")


class Way(NamedTuple):
    """A channel and an address there."""

    channel: Channel
    address: str


class Taken(Exception):
    """An address or an id is another partner's: what the two are told could not be told apart."""


def slug_of(name: str) -> str:
    """A name as part of an id: `Flower Shop A` → `flower-shop-a`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "partner"


async def simulated(store: Store, partner: str) -> Stored[Partner] | None:
    """A partner, if it is a simulated one; a real partner is none here."""
    stored = await store.get(PARTNERS, partner, partner)
    return stored if stored is not None and stored.value.is_simulated else None


async def partner_at(store: Store, channel: Channel, to: str) -> Partner | None:
    """The simulated partner that a message goes to, closed ones too: nothing meant for it ever leaves the house."""
    if channel == BY_ID:
        stored = await simulated(store, to)
        return stored.value if stored else None
    key = _key(channel, to)
    reached = await store.get(REACHED, key, key)
    stored = await simulated(store, reached.value.partner) if reached else None
    return stored.value if stored and (channel, to) in ways_of(stored.value.contact) else None


def ways_of(contact: Contact) -> list[Way]:
    """Where a partner is reached, and where else if that fails."""
    ways = [contact, contact.fallback] if contact.fallback else [contact]
    return [Way(one.channel, one.address) for one in ways]


async def reach(store: Store, partner: str, contact: Contact, known: Iterable[Partner]) -> None:
    """Let the ways of a contact lead to a simulated partner; raises Taken.

    known: all partners, among whom no other, unless it is closed, may be reached there.
    """
    others = {
        way for one in known if one.id != partner and one.status != "closed" for way in ways_of(one.contact)
    }
    for way in ways_of(contact):
        if way.channel == BY_ID:
            continue
        if way in others:
            raise Taken(way.channel)
        await _claim(store, way, partner)


async def _claim(store: Store, way: Way, partner: str) -> None:
    """Take an address over from nobody, or from a partner that is no longer reached there."""
    key = _key(*way)
    for _ in range(TRIES_MAX):
        there = await store.get(REACHED, key, key)
        if there is not None and there.value.partner != partner:
            holder = await simulated(store, there.value.partner)
            if holder and holder.value.status != "closed" and way in ways_of(holder.value.contact):
                raise Taken(way.channel)
        reached = Reached(id=key, partner=partner)
        write = Write("replace", reached, there.etag) if there else Write("create", reached)
        try:
            await store.apply(REACHED, key, [write])
        except (AlreadyThere, ChangedMeanwhile, NotThere):
            continue
        return
    raise Unavailable("the address changes all the time")


def _key(channel: str, to: str) -> str:
    return hashlib.sha256(f"{channel}:{to}".encode()).hexdigest()
