"""A conflict in plain words, as one would ask a customer."""

from __future__ import annotations

from shared.logistics.timechain.conflict import Change, Impact, WayOut
from shared.money.amounts import Money


def suggestion(impact: Impact, currency: str) -> str:
    """What a change does and what the customer may want instead; raises MoneyError for an amount that cannot be."""
    title = impact.change.title
    if not impact.is_possible:
        asked = _instead(impact, currency, "Should I leave the order as it is")
        return f"There is no time for {title} any more. {asked}"
    doing = f"{_verb(impact.change)} {title}"
    if not impact.late:
        return f"{doing} works: everything stays in time."
    names = {leg.id: leg.name for leg in impact.chain.legs}
    worst_first = sorted(impact.late.items(), key=lambda one: (-one[1], one[0]))
    late = " and ".join(f"{_minutes(minutes)} late for {names[leg]}" for leg, minutes in worst_first)
    return f"{doing} will make you {late}. {_instead(impact, currency, 'Should I proceed')}"


def _instead(impact: Impact, currency: str, first: str) -> str:
    courier = next((way for way in impact.ways_out if way.kind == "courier"), None)
    if courier is None:
        return f"{first}?" if not impact.is_possible else f"{first}, or leave the order as it is?"
    return (
        f"{first}, or would you like me to courier the {impact.change.title} separately to {courier.to}"
        f"{_price(courier, currency)}?"
    )


def _price(way: WayOut, currency: str) -> str:
    return f" for {Money(minor=way.more_minor, currency=currency)}" if way.more_minor > 0 else ""


def _verb(change: Change) -> str:
    if not change.adds:
        return "Removing"
    return "Changing" if change.removes else "Adding"


def _minutes(count: int) -> str:
    return "1 minute" if count == 1 else f"{count} minutes"
