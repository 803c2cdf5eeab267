"""Names of days and months as they are mistyped: known slips by a table, others by one letter wrong."""

from __future__ import annotations

LETTERS_MIN = 6
_NAMES = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "august",
    "september", "october", "november", "december", "tomorrow", "tonight", "weekend", "morning", "afternoon",
    "evening", "christmas", "thanksgiving", "valentine", "valentines", "halloween",
)  # fmt: skip
_SLIPS = {
    "wendsday": "wednesday", "wensday": "wednesday", "wenesday": "wednesday", "wednsday": "wednesday",
    "wedensday": "wednesday", "weds": "wed", "teusday": "tuesday", "tusday": "tuesday", "thurday": "thursday",
    "saterday": "saturday", "satuday": "saturday", "sautrday": "saturday", "satruday": "saturday",
    "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "tomorow": "tomorrow", "tomarrow": "tomorrow", "tmrw": "tomorrow", "tmr": "tomorrow",
    "tmw": "tomorrow", "tmrrw": "tomorrow", "tomrw": "tomorrow", "tomo": "tomorrow", "tomoz": "tomorrow",
    "tmo": "tomorrow",
    "2morrow": "tomorrow", "2moro": "tomorrow", "tmro": "tomorrow", "2day": "today", "2nite": "tonight",
    "2night": "tonight", "tonite": "tonight", "2nights": "tonight", "todya": "today", "tody": "today",
    "febuary": "february", "feburary": "february", "febr": "february", "setpember": "september", "wknd": "weekend",
    "wkend": "weekend", "eve": "eve", "xmas": "christmas", "chirstmas": "christmas", "thx": "thanks", "frday": "friday",
    "firday": "friday", "fridya": "friday", "munday": "monday", "sundy": "sunday", "snday": "sunday",
    "mornin": "morning", "afternon": "afternoon", "evning": "evening", "b4": "before", "untill": "until",
    "befor": "before", "evry": "every", "evrey": "every", "nxt": "next", "wk": "week", "valintines": "valentines",
    "vday": "valentines",
}  # fmt: skip
_OTHER_WORDS = frozenset({"sundae", "sundry", "sunray", "mourning", "mooring", "augusta", "monday's", "weekender"})
_PLURALS = frozenset(f"{name}s" for name in _NAMES)


def _shortened(word: str) -> list[str]:
    return [word[:index] + word[index + 1 :] for index in range(len(word))]


_SHORTENED = {short: name for name in _NAMES for short in _shortened(name)}
_KNOWN = frozenset(_NAMES) | _PLURALS


def corrected(word: str) -> str:
    """The name that a mistyped word means, or the word as it is.

    Words of LETTERS_MIN letters or more are compared by edit distance one (a neighbouring swap counts as one), the
    first letter being right or swapped.
    """
    slip = _SLIPS.get(word)
    if slip:
        return slip
    if len(word) < LETTERS_MIN or len(word) > 13 or word in _KNOWN or word in _OTHER_WORDS:
        return word
    name = _SHORTENED.get(word) or next(
        (_SHORTENED.get(short) or short for short in _shortened(word) if short in _SHORTENED or short in _KNOWN), word
    )
    return name if name != word and word[0] in name[:2] and _is_one_apart(word, name) else word


def _is_one_apart(word: str, name: str) -> bool:
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    a, b = word[start:], name[start:]
    return a[1:] == b or b[1:] == a or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
