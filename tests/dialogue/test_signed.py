"""Signed bodies: what fits, and everything that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.signed import TOLERANCE_SECONDS, BadSignature, check, secret_of, signature

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = secret_of("master", "rosie")


@given(body=st.binary(max_size=50), drift=st.integers(-TOLERANCE_SECONDS, TOLERANCE_SECONDS))
def test_what_is_signed_is_taken_within_its_time(body: bytes, drift: int) -> None:
    check(SECRET, body, signature(SECRET, body, NOW), NOW + timedelta(seconds=drift))


@pytest.mark.parametrize("drift", [-TOLERANCE_SECONDS - 1, TOLERANCE_SECONDS + 1, 10**8])
def test_neither_old_nor_from_the_future(drift: int) -> None:
    with pytest.raises(BadSignature, match="seconds"):
        check(SECRET, b"{}", signature(SECRET, b"{}", NOW), NOW + timedelta(seconds=drift))


def test_every_byte_counts_and_so_does_the_secret() -> None:
    header = signature(SECRET, b'{"a": 1}', NOW)
    for secret, body in [(SECRET, b'{"a":1}'), (secret_of("master", "ana"), b'{"a": 1}'), ("", b'{"a": 1}')]:
        with pytest.raises(BadSignature):
            check(secret, body, header, NOW)
    with pytest.raises(BadSignature):
        check("", b"x", signature("", b"x", NOW), NOW)


def test_while_a_secret_is_changed_two_are_sent() -> None:
    stamp, new = signature(SECRET, b"x", NOW).split(",")
    check(SECRET, b"x", f"{stamp},v1=0000,{new}", NOW)


@given(header=st.text(alphabet="tv10=,a5é \x00", max_size=40))
def test_no_made_up_header_is_taken(header: str) -> None:
    with pytest.raises(BadSignature):
        check(SECRET, b"{}", header, NOW)


def test_each_partner_has_a_secret_of_its_own() -> None:
    assert len({secret_of(master, name) for master in ("a", "b") for name in ("rosie", "ana")}) == 4
