"""Prices as people and exports write them, to minor units."""

from __future__ import annotations

import re

from shared.money.currencies import MINOR_DIGITS, SYMBOLS

MINOR_MAX = 1_000_000_000
"""Ten million dollars: what is dearer is a slip of the pen."""

_NUMBER = re.compile(r"(\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+|\d{1,15})(?:([.,])(\d{1,8}))?", re.ASCII)
_SIGNS = {**{sign: code for code, sign in SYMBOLS.items()}, "US$": "USD", "C$": "CAD", "MX$": "MXN"}
_CURRENCY = re.compile("|".join(sorted((re.escape(sign) for sign in _SIGNS), key=len, reverse=True)) + r"|[A-Za-z]{3}")


def minor_of(text: str, currency: str) -> int:
    """Minor units of `48`, `$1,234.50`, `48.00 USD`, `1.234,50 EUR`; raises ValueError with what to write."""
    found = _CURRENCY.search(text)
    if found:
        said = _SIGNS.get(found[0], found[0].upper())
        if said not in MINOR_DIGITS:
            raise ValueError("is no amount; write 12.00")
        if said != currency and found[0] != "$":  # half the world's dollars are written so
            raise ValueError(f"is in {said}, but this shop sells in {currency}; write the price in {currency}")
    return _minor(_CURRENCY.sub("", text, count=1).strip(), currency)


def whole_minor(text: str) -> int:
    """Minor units given as such; raises ValueError with what to write."""
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise ValueError("is no amount in minor units; write 1200 for 12.00")
    return _bounded(int(text))


def _minor(number: str, currency: str) -> int:
    if number.startswith("-"):
        raise ValueError("is below zero; write 12.00")
    found = _NUMBER.fullmatch(number)
    if not found:
        raise ValueError("is no amount; write 12.00")
    whole, mark, part = found[1], found[2], found[3] or ""
    separators = set(re.sub(r"\d", "", whole))
    digits = MINOR_DIGITS[currency]
    if len(separators) > 1 or (mark and mark in separators):
        raise ValueError("is no amount; write 1234.00")
    if len(part.rstrip("0")) > digits or (separators == {"."} and not mark):
        raise ValueError(f"has more than {digits} decimals; write 12.00, or 1234.00 for thousands")
    cents = part[:digits].ljust(digits, "0")
    return _bounded(int(re.sub(r"\D", "", whole) + cents))


def _bounded(minor: int) -> int:
    if minor > MINOR_MAX:
        raise ValueError("is too high for a price; write 12.00")
    return minor
