"""Who is paid where, and how often: vendors, hubs, workers and affiliates with their accounts at the provider."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from shared.money.accounts import AccountName, parse
from shared.records import Container, Record

Schedule = Literal["at_once", "daily", "weekly", "manual"]
DEFAULT_SCHEDULE: Schedule = "at_once"
"""What is released is sent on as soon as it is released, unless the payee wants otherwise."""
PAYOUT_HOUR, PAYOUT_WEEKDAY = 6, 0
"""When daily and weekly payouts leave, by the clock of the city: at six, on Mondays."""
RETRY_HOURS = 1
"""How long a payout that did not get through waits for the next try."""

Provider = Literal["sandbox", "stripe"]
_SHAPES: dict[Provider, tuple[re.Pattern[str], str]] = {
    "sandbox": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}"), "an id of letters, digits and _ . : -"),
    "stripe": (re.compile(r"acct_[A-Za-z0-9]{6,120}"), "a connected account of Stripe's, such as acct_1A2b3C4d5E6f7G"),
}


class Payee(Record):
    """One account and whom the provider pays for it; id: the account, such as `vendor:rosie`.

    destination: the account at the provider, None while nobody has said. is_ready: what the provider has said last of
    it; trouble: why its bank did not take a payout. next_at: when its payouts are looked at next, None for not.
    """

    id: AccountName
    destination: Annotated[str, Field(max_length=128)] | None = None
    is_ready: bool | None = None
    trouble: Annotated[str, Field(max_length=200)] = ""
    schedule: Schedule = DEFAULT_SCHEDULE
    next_at: AwareDatetime | None = None
    updated_at: AwareDatetime


PAYEES = Container("payees", Payee, "id", indexes=("destination", "next_at"))


def why_not(destination: str, provider: Provider) -> str | None:
    """What an account at the provider must look like, if this is none."""
    shape, words = _SHAPES[provider]
    return None if shape.fullmatch(destination) else f"It must be {words}."


def destination_of(payee: Payee, provider: Provider) -> str | None:
    """Where the payee is paid; in the sandbox nobody needs to say so, there is an account named after everybody."""
    if payee.destination is None and provider == "sandbox":
        return "-".join(("acct", parse(payee.id).kind, *parse(payee.id).ids))
    return payee.destination


def next_payout(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When what waits now is sent on: at once, the next morning, the next Monday morning, or when the payee asks."""
    if schedule == "manual":
        return None
    if schedule == "at_once":
        return now
    local = now.astimezone(zone)
    for days in range(9):
        day = (local + timedelta(days=days)).replace(hour=PAYOUT_HOUR, minute=0, second=0, microsecond=0)
        if day > local and (schedule == "daily" or day.weekday() == PAYOUT_WEEKDAY):
            return day.astimezone(now.tzinfo)
    raise AssertionError("every nine days have a Monday in them")


def expecting(payee: Payee, now: datetime, zone: ZoneInfo) -> Payee:
    """The payee once money waits for it: it is looked at as its schedule says, if not before.

    What is wanted at once is sent by whoever has released it, and looked at again only to be sure.
    """
    due = next_payout(payee.schedule, now, zone)
    if payee.schedule == "at_once":
        due = now + timedelta(hours=RETRY_HOURS)
    if due is None or (payee.next_at is not None and payee.next_at <= due):
        return payee
    return payee.model_copy(update={"next_at": due})
