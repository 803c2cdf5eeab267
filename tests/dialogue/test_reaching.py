"""How somebody is reached: preferred channel, quiet hours, fallback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.dialogue.reaching import Hold, quiet_until, route, to_of
from shared.discovery.partners import Address, Contact

ZONE = "America/Chicago"
PHONE = Address(channel="whatsapp", address="+15125550123")
MAIL = Address(channel="email", address="ana@example.com")


def contact(**fields: Any) -> Contact:
    return Contact(**{"channel": "whatsapp", "address": "+15125550123", **fields})


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(ZONE))


def test_the_preferred_channel_then_the_other_then_none() -> None:
    both = contact(fallback=MAIL)
    assert route(both, "normal", at(12), ZONE) == PHONE
    assert route(both, "normal", at(12), ZONE, failed={"whatsapp"}) == MAIL
    assert route(both, "normal", at(12), ZONE, failed={"whatsapp", "email"}) is None
    assert route(contact(), "normal", at(12), ZONE, failed={"whatsapp"}) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(20, 59), None), (at(21), at(8, day=4)), (at(23, 59), at(8, day=4)), (at(3, day=4), at(8, day=4)),
        (at(7, 59, day=4), at(8, day=4)), (at(8, day=4), None),
        (at(1, 30, day=8), at(8, day=8)),  # the night in which the clocks go forward
    ],
)  # fmt: skip
def test_quiet_hours_hold_what_can_wait_until_they_end(now: datetime, until: datetime | None) -> None:
    quiet = contact(quiet_hours="21:00-8:00")
    told = route(quiet, "normal", now, ZONE)
    assert told == (PHONE if until is None else Hold(until.astimezone(UTC)))
    assert route(quiet, "urgent", now, ZONE) == PHONE


def test_a_mail_wakes_nobody() -> None:
    assert route(contact(**MAIL.model_dump(), quiet_hours="21:00-8:00"), "normal", at(23), ZONE) == MAIL
    assert route(contact(quiet_hours="21:00-8:00", fallback=MAIL), "normal", at(23), ZONE, {"whatsapp"}) == MAIL


def test_hours_that_meet_are_one_night() -> None:
    quiet = contact(quiet_hours="0:00-8:00, 21:00-24:00")
    assert quiet_until(quiet, at(22), ZONE) == at(8, day=4)
    assert quiet_until(quiet, at(12), ZONE) is None


@pytest.mark.parametrize("never", ["0:00-24:00", "closed", ""])
def test_who_is_always_quiet_has_said_nothing(never: str) -> None:
    assert quiet_until(contact(quiet_hours=never), at(12), ZONE) is None


@given(
    opens=st.integers(0, 1439),
    closes=st.integers(0, 1439),
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from(["America/Chicago", "Asia/Kolkata", "Pacific/Auckland", "UTC"]),
)
def test_after_the_quiet_hours_it_is_not_quiet(opens: int, closes: int, minutes: int, zone: str) -> None:
    text = f"{opens // 60}:{opens % 60:02}-{closes // 60}:{closes % 60:02}"
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    until = quiet_until(contact(quiet_hours=text), now, zone)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(contact(quiet_hours=text), until, zone) is None


def test_hours_that_cannot_be() -> None:
    with pytest.raises(ValidationError, match="9:00-18:00"):
        contact(quiet_hours="at night")


def test_people_and_programs_are_known_by_their_id() -> None:
    assert to_of(Address(channel="api", address="https://x.example"), "rosie") == "rosie"
    assert to_of(PHONE, "rosie") == "+15125550123"
