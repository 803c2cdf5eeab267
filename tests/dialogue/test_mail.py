"""How answers by email name what they answer."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.mail import answer_address, key_in, link, message_id, payload_in, without_payload

KEY = "0123456789abcdef" * 2 + "01234567"
SENDER = "orders@app.example"


@given(payload=st.from_regex(r"[a-z]{1,5}(:[\w .&=?+%#-]{1,20}){1,4}", fullmatch=True), subject=st.text(max_size=20))
def test_a_link_brings_back_its_payload_and_its_key(payload: str, subject: str) -> None:
    parts = urlsplit(link(KEY, SENDER, subject, "Accept", payload))
    assert parts.scheme == "mailto"
    assert key_in([unquote(parts.path)]) == KEY
    body = parse_qs(parts.query)["body"][0]
    assert without_payload(body) == "Accept"


@pytest.mark.parametrize("payload", ["neg:ord-1:neg:2:accept", "leg:ord 1:leg-1:reject", "neg:é&=?#:1:yes"])
def test_payloads_as_they_are_made(payload: str) -> None:
    body = parse_qs(urlsplit(link(KEY, SENDER, "x", "Accept", payload)).query)["body"][0]
    assert payload_in(body) == payload
    assert payload_in(f"> {body}") == payload  # quoted alone, it is all they say
    assert payload_in(f"No, thanks.\n\nOn Monday, we wrote:\n> {body}") == ""


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([message_id(KEY, SENDER)], True),
        (["", answer_address(KEY, SENDER)], True),
        ([f"Orders <{answer_address(KEY, SENDER)}>"], True),
        ([answer_address(KEY, SENDER).upper()], True),
        ([f"<a{KEY}@app.example>"], False),
        ([f"<{KEY[:-1]}@app.example>"], False),
        ([KEY], False),
        ([], False),
    ],
)
def test_where_a_key_is_found(places: list[str], found: bool) -> None:
    assert key_in(places) == (KEY if found else "")
