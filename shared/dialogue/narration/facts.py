"""The facts of an event and its order in words, and the flags by which a telling is chosen."""

from __future__ import annotations

from datetime import datetime

from shared.dialogue.narration.event import Event
from shared.dialogue.tongues import Tongue
from shared.orders.legs import is_all_delivered, live
from shared.orders.order import Order, OrderLeg

MINUTE_SECONDS = 60


def facts_of(event: Event, before: Order | None, after: Order | None, tongue: Tongue) -> dict[str, str]:
    """What can be said, by name; what nobody knows is not there. before: None where nothing changed."""
    told = {**_of_event(event, tongue), **(_of_order(event, before, after, tongue) if after else {})}
    big = {name.capitalize(): value[:1].upper() + value[1:] for name, value in told.items() if name in _BEGINNINGS}
    return {**told, **big}


_BEGINNINGS = {"thing", "everything"}
"""Facts that may begin a sentence: `{Thing}`."""


def flags_of(event: Event, after: Order | None) -> frozenset[str]:
    """What holds: in_time or late (against when it is needed), done, same_price, dearer, cheaper, delayed, asks."""
    flags = {"asks"} if event.asks else set()
    if event.minutes:
        flags.add("delayed")
    if event.difference is not None:
        minor = event.difference.minor
        flags.add("same_price" if not minor else "dearer" if minor > 0 else "cheaper")
    if after is not None:
        flags.add("late" if is_late(after) else "in_time")
        flags |= {"done"} if is_all_delivered(after) else set()
    return frozenset(flags)


def is_late(order: Order) -> bool:
    """Whether it is expected after it is needed."""
    return _arrives(order) > order.deliver_by


def timeline_lines(order: Order, event: Event, tongue: Tongue) -> tuple[str, ...]:
    """One line a leg by time, and when it is all with the customer."""
    legs = sorted(live(order), key=lambda leg: (leg.starts, leg.id))
    lines = [f"{leg_words(leg, tongue)}: {tongue.span(leg.starts, leg.ends, event.at)}" for leg in legs]
    return (*lines, tongue.word("arrives", time=tongue.time(_arrives(order), event.at)))


def leg_words(leg: OrderLeg, tongue: Tongue) -> str:
    """A leg with its partner, if that may be told: `Red Roses (Flower Shop A)`."""
    thing = thing_words(leg, tongue)
    return tongue.word("leg_by", thing=thing, partner=leg.partner_name) if leg.shows_partner else thing


def thing_words(leg: OrderLeg, tongue: Tongue) -> str:
    """What a leg is about; of one whose partner is hidden, no more than its kind."""
    if not leg.shows_partner:
        kinds = [line.category.replace("-", " ") for line in leg.lines if line.category]
        is_said = bool(kinds) and tongue.has("hidden_thing")  # the names of categories are English
        return tongue.word("hidden_thing", thing=tongue.listed(kinds)) if is_said else tongue.word(f"role_{leg.role}")
    lines = [
        tongue.word("count", count=line.quantity, thing=line.title) if line.quantity > 1 else line.title
        for line in leg.lines
    ]
    return tongue.listed(lines) or leg.title or tongue.word(f"role_{leg.role}")


def everything(order: Order, tongue: Tongue) -> str:
    """What was ordered, or the bundle's name."""
    if order.bundle is not None:
        return order.bundle.title
    products = [leg for leg in live(order) if leg.role == "product" and leg.lines]
    return tongue.listed([thing_words(leg, tongue) for leg in products or live(order)])


def _arrives(order: Order) -> datetime:
    return order.expected or order.arrives


def _of_event(event: Event, tongue: Tongue) -> dict[str, str]:
    said = ("reason", "offer", "new_partner", "decision", "watch", "waits", "forecast")
    told = {name: value for name in said if (value := getattr(event, name))}
    moments = {name: moment for name in ("check", "until") if (moment := getattr(event, name))}
    told |= {name: tongue.time(moment, event.at) for name, moment in moments.items()}
    told |= {"day": tongue.day(event.day, event.at)} if event.day else {}
    told |= {"delay": tongue.duration(event.minutes)} if event.minutes else {}
    told |= {"amount": tongue.money(event.amount)} if event.amount else {}
    told |= {"difference": tongue.difference(event.difference)} if event.difference is not None else {}
    return {name: value.rstrip(" .") if name == "reason" else value for name, value in told.items()}


def _of_order(event: Event, before: Order | None, after: Order, tongue: Tongue) -> dict[str, str]:
    told = {
        "everything": everything(after, tongue),
        "total": tongue.money(after.total),
        "arrives": tongue.time(_arrives(after), event.at),
        "promised": tongue.time(after.arrives, event.at),
        "by": tongue.time(after.deliver_by, event.at),
    }
    told |= {"delivered": tongue.time(after.delivered_at, event.at)} if after.delivered_at else {}
    if before is not None:
        minutes = round((_arrives(after) - _arrives(before)).total_seconds() / MINUTE_SECONDS)
        told["shift"] = tongue.shift(minutes)
    leg = after.leg(event.leg) or (before.leg(event.leg) if before else None) if event.leg else None
    told["thing"] = thing_words(leg, tongue) if leg else told["everything"]
    if leg is not None:
        told |= {"partner": leg.partner_name} if leg.shows_partner else {}
    return told
