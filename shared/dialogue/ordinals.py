"""Which of some things a sentence chooses by its place: `the second one`, `number 3`, `I'll take the last`."""

from __future__ import annotations

import re

from shared.discovery.intents.reading import plain

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PLACE = re.compile(
    r"(?<!\w)(?:the |number |option |no\.? ?|#)?"
    r"(?:(?P<word>" + "|".join(_ORDINALS) + r"|last)|(?P<nth>\d{1,2})(?:st|nd|rd|th)"
    r"|(?:number|option|no\.?|#) ?(?P<number>\d{1,2}))"
    r"(?: one| option| bundle)?(?: please| looks (?:good|great|nice))?[.! ]*$"
)
_TAKE = re.compile(
    r"^(?:ok(?:ay)?,? |yes,? |great,? |perfect,? )*"
    r"(?:i'll take|i'd like|i want|let's go with|choose|pick|give me|take) "
)
_BEFORE_MAX = 12
"""More words before the place speak of something else."""


def place_named(text: str, count: int) -> int | None:
    """The place among `count`, from 0; None where none is named, or none that there is."""
    found = _PLACE.search(_TAKE.sub("", plain(text).strip()))
    if found is None or found.start() > _BEFORE_MAX or not count:
        return None
    if found["word"] == "last":
        return count - 1
    number = _ORDINALS.index(found["word"]) + 1 if found["word"] else int(found["nth"] or found["number"])
    return number - 1 if 0 < number <= count else None
