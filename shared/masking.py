"""Texts for logs: personal data and secrets masked, one line, bounded. What cannot be told by its shape, such as a
street or somebody's words, must not come here at all: logs.py has the list of what may.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

TEXT_LENGTH_MAX = 2_000
_SLACK = 600
"""How much more is looked at than is kept, so that nothing is cut in two and no longer known for what it is."""

_Instead = str | Callable[[re.Match[str]], str]
_WORDS = ("secret", "passw", "pwd", "token", "key", "sig", "credential")
_NAMED = (
    r"((?:secret|password|passwd|pwd|token|api_?key|account_?key|access_?key|signature|sig|credential)s?)"
    r"(=[\"']?|[\"']\s{0,2}:\s{0,2}[\"'])[^\s\"',;&)}\]]{3,}"
)
# What a text must hold, in lower case, for a pattern to be tried at all; the pattern; what stands in its place then.
# Each pattern begins where a run of its characters begins: none is tried again at every character of a long run.
_RULES: tuple[tuple[tuple[str, ...], str, _Instead], ...] = (
    (("-----begin",), r"-----BEGIN [A-Z ]{0,30}KEY-----.*?(?:-----END [A-Z ]{0,30}KEY-----|$)", "[key]"),
    (("bearer", "basic"), r"(?i:\b(bearer|basic)[ \t]+[\w.~+/=-]{8,})", r"\1 [token]"),
    (("eyj",), r"(?<![\w-])eyJ[\w-]{4,}\.[\w-]*(?:\.[\w-]*){0,3}", "[token]"),
    (_WORDS, rf"(?i:{_NAMED})", r"\1\2[secret]"),
    (("://",), r"(://)[^/\s@]{1,200}@", r"\1[secret]@"),
    (("sk_", "rk_", "pk_", "sk-", "whsec_"), r"\b(?:[srp]k_\w{4,}|whsec_\w+|sk-[\w-]{8,})", "[key]"),
    (("ac", "sk"), r"\b(?:AC|SK)[0-9a-fA-F]{32}\b", "[key]"),
    (("_secret_",), r"\b\w{1,100}?_secret_\w+", "[key]"),
    (("=",), r"(?<![\w+/])[\w+/]{40,}={1,2}", "[key]"),
    (("@",), r"(?<![\w@.+'-])[\w.+'-]{1,256}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", "[email]"),
)
_COMPILED = tuple((needs, re.compile(pattern), instead) for needs, pattern, instead in _RULES)
# The same for texts with seven digits that belong together. What must not stand before a number is asked for behind its
# first sign: so the search leaps from one sign that can begin a number to the next.
_SEVEN_DIGITS = re.compile(r"\d(?:\W{0,3}\d){6}")
_NUMBERS: tuple[tuple[re.Pattern[str], _Instead], ...] = (
    (re.compile(r"\+(?<![\w.+-]\+)\d(?:[ ().+-]{0,2}\d){6,14}(?!\d)"), "[phone]"),
    (re.compile(r"[(\d](?<![\w.-].)(?:(?<=\()\d{3}\)|\d\d)[ .-]{1,2}\d{3}[ .-]\d{4}(?![\w-])"), "[phone]"),
    (re.compile(r"0(?<![\w.-]0)\d{1,4}[ /-]{1,3}\d[\d /-]{4,12}\d(?!\w)"), "[phone]"),
    (re.compile(r"\d(?<!\d\d)\d{3}([ -])(?:\d{4}\1\d{4}\1\d{1,4}|\d{6}\1\d{5})"), "[card]"),
    (re.compile(r"\d(?<![\w.-]\d)(?:[ -]?\d){12,18}(?![\w-])"), lambda found: _card(found.group())),
    (re.compile(r"\d(?<![\w.]\d)\d{9,}(?!\w)"), "[number]"),
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
"""Line ends and other control characters, marks that turn the direction of text, halves of characters."""


def masked(text: str, length_max: int = TEXT_LENGTH_MAX) -> str:
    """The text without emails, phone and card numbers, tokens and keys; one line, at most length_max characters."""
    text = text[: length_max + _SLACK]
    if "%" in text:
        text = unquote(text)  # as it stands in addresses
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    lower = text.lower()
    for needs, pattern, instead in _COMPILED:
        if any(one in lower for one in needs):
            text = pattern.sub(instead, text)
    if _SEVEN_DIGITS.search(text):
        for pattern, instead in _NUMBERS:
            text = pattern.sub(instead, text)
    return text if len(text) <= length_max else f"{text[: length_max - 1]}…"


def _card(digits: str) -> str:
    """A number of a card's length, masked if it has a card's check digit (ISO/IEC 7812-1, Luhn)."""
    total = 0
    for place, digit in enumerate(int(one) for one in reversed(digits) if one.isdecimal()):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return "[card]" if total % 10 == 0 else digits
