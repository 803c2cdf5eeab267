"""What the replies of tests/dialogue/sentences answer; asked on a Friday morning in Austin."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.reply.model import Asked
from shared.money.amounts import Money

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 20, 10, tzinfo=ZONE)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def at(text: str) -> datetime:
    """`2026-11-21T15:00`, by the clock of Austin."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


ASKS = {
    "pink": Asked(wanted="pink flowers", ordered="red flowers", price=usd(5000), ready_by=at("2026-11-21T15:00")),
    "roses": Asked(
        wanted="24 pink roses", ordered="24 red roses", quantity=24, price=usd(8000), ready_by=at("2026-11-20T17:00")
    ),
    "cake": Asked(wanted="chocolate cake", ordered="vanilla cake", price=usd(9500), ready_by=at("2026-11-22T12:00")),
    "engrave": Asked(
        wanted="engraving in gold", ordered="engraving in silver", price=usd(3000), ready_by=at("2026-11-23T18:00")
    ),
    "sooner": Asked(
        wanted="delivery at 3 PM today",
        ordered="delivery at 5 PM today",
        price=usd(1500),
        ready_by=at("2026-11-20T15:00"),
    ),
    "take": Asked(wanted="12 vanilla cupcakes", quantity=12, price=usd(4800), ready_by=at("2026-11-21T10:00")),
    "balloons": Asked(
        wanted="pink balloon arch", ordered="silver balloon arch", price=usd(18000), ready_by=at("2026-11-21T09:00")
    ),
}
