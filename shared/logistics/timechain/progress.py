"""A chain on its way: what has begun and ended is a fact, what has not begun cannot begin in the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.logistics.timechain.model import Chain, Leg


def progressed(chain: Chain, now: int, started: Mapping[str, int], ended: Mapping[str, int]) -> Chain:
    """The chain at a minute; started, ended: leg → when it truly did, an ended leg stands in both.

    What a leg waited for is no matter once it has begun. A leg under way lasts as planned, or until now if that is
    longer; one that has ended moves no more, so a longest lag behind it that can no longer be kept shows as that leg
    being late. Nothing else begins before now.
    """
    return Chain(
        tuple(_leg(leg, chain.start, now, started, ended) for leg in chain.legs),
        tuple(one for one in chain.precedences if one.after not in started),
        tuple(one for one in chain.togethers if one.a not in ended or one.b not in ended),
        start=0,
        deadline=chain.deadline,
    )


def _leg(leg: Leg, start: int, now: int, started: Mapping[str, int], ended: Mapping[str, int]) -> Leg:
    begun = started.get(leg.id)
    if begun is None:
        return replace(leg, ready_from=max(start, now, leg.ready_from or 0))
    end = ended.get(leg.id)
    if end is not None:
        due = end if leg.due is None else min(leg.due, end)
        return replace(leg, minutes=end - begun, buffer_minutes=0, calendar=None, ready_from=begun, due=due)
    if leg.is_interruptible and leg.calendar is not None:
        return replace(leg, ready_from=begun)
    minutes = max(leg.minutes, now - begun)
    reserve = max(0, leg.minutes + leg.buffer_minutes - minutes)
    return replace(leg, minutes=minutes, buffer_minutes=reserve, calendar=None, ready_from=begun)
