"""What somebody wrote themselves, in the mails that programs make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.reply.own_text import own_text
from shared.discovery.intents.reading import TEXT_LENGTH_MAX


@pytest.mark.parametrize(
    ("mail", "own"),
    [
        ("Yes\n\nOn Fri, Nov 20, 2026 at 9:41 AM Orders <o@x.example> wrote:\n> No?", "Yes"),
        ("Yes\n\nOn Fri, Nov 20, 2026 at 9:41 AM\nOrders <o@x.example> wrote:\n> No?", "Yes"),
        ("S\u00ed\n\nEl vie, 20 nov 2026 a las 9:41, Orders escribi\u00f3:\n> \u00bfNo?", "S\u00ed"),
        ("No.\n\n-----Original Message-----\nFrom: Orders\nYes?", "No."),
        ("No.\n________________________________\nFrom: Orders <o@x.example>\nSent: Friday\nYes?", "No."),
        ("No.\nFrom: Orders\nTo: us\nYes?", "No."),
        ("Yes\n\nSent from my iPhone", "Yes"),
        ("Yes, pink.\n\nBest,\nRosa\nPanaderia La Luna", "Yes, pink."),
        ("Yes, pink.\n\n--\nRosa", "Yes, pink."),
        ("> Can you do pink?\nYes we can", "Yes we can"),
        ("On Friday we can do pink", "On Friday we can do pink"),
        ("thanks", "thanks"),
        ("Best,\nRosa", "Best,\nRosa"),
        ("yes\u200b \u202epink\ufe0f", "yes pink"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("   a  \t b \r\n c ", "a b\nc"),
        ("", ""),
    ],
)
def test_what_is_quoted_or_signed_is_cut_off(mail: str, own: str) -> None:
    assert own_text(mail) == own


@given(st.text(max_size=500))
def test_nothing_is_added_and_again_changes_nothing(text: str) -> None:
    once = own_text(text)
    assert len(once) <= TEXT_LENGTH_MAX
    assert set(once) <= set(text) | {"\n", " "}


def test_long_mails_are_cut_in_time() -> None:
    assert len(own_text("on " * 40_000 + "wrote:")) == TEXT_LENGTH_MAX
