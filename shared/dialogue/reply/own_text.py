"""What somebody wrote themselves: quoted earlier messages, signatures and invisible characters are cut off."""

from __future__ import annotations

import re

from shared.discovery.intents.reading import TEXT_LENGTH_MAX

RAW_LENGTH_MAX = 100_000
"""More than any channel carries (shared/dialogue/messages.py)."""
SIGNATURE_LINES_MAX = 6

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f\u00ad]|[\U0001f3fb-\U0001f3ff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[ \t]+")
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:>|-{2,} ?(?:original message|forwarded message|mensaje original|reply above)|_{10,}\s*$"
    r"|(?:on|el) .{4,160}(?:wrote|escribi\u00f3|escribio):?\s*$|(?:from|de): .+|sent from my .+|enviado desde mi .+"
    r"|get outlook for .+|begin forwarded message:)",
    re.IGNORECASE,
)
_ON_BEGINS = re.compile(r"^\s*(?:on|el) .{4,160}$", re.IGNORECASE)
_WROTE_ENDS = re.compile(r"(?:wrote|escribi\u00f3|escribio):\s*$", re.IGNORECASE)
_SIGN_OFF = re.compile(
    r"^\s*(?:--|(?:(?:kind|best|warm|many|with) )?(?:regards|wishes|best|thanks|thank you|many thanks|cheers|sincerely"
    r"|yours|saludos|atentamente)[,.!]?)\s*$",
    re.IGNORECASE,
)


def own_text(text: str) -> str:
    """The words of the writer alone, at most TEXT_LENGTH_MAX characters."""
    clean = _CONTROL.sub(" ", _INVISIBLE.sub("", text[:RAW_LENGTH_MAX])).replace("\r\n", "\n").replace("\r", "\n")
    lines = _without_signature(_without_quotes(clean.split("\n")))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()[:TEXT_LENGTH_MAX]


def _without_quotes(lines: list[str]) -> list[str]:
    """The lines above what is quoted; below it too, where somebody answers underneath."""
    for at, line in enumerate(lines):
        is_broken = _ON_BEGINS.match(line) and at + 1 < len(lines) and _WROTE_ENDS.search(lines[at + 1])
        if _QUOTE_BEGINS.match(line) or is_broken:
            above = lines[:at]
            return above if any(map(str.strip, above)) else _below(lines[at:])
    return lines


def _below(lines: list[str]) -> list[str]:
    """What stands under a quote that begins the message; every quoted line of it has its mark."""
    return [line for line in lines if not line.lstrip().startswith(">") and not _QUOTE_BEGINS.match(line)]


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        is_last = len(lines) - at <= SIGNATURE_LINES_MAX and any(map(str.strip, lines[:at]))
        if is_last and _SIGN_OFF.match(line):
            return lines[:at]
    return lines
