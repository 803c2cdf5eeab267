"""Descriptions with HTML, to the words a person would see.

Every expression looks at each character a bounded number of times, whatever is left open: a parser that looks for the
end of each tag anew can be held up by a text of tags without ends.
"""

from __future__ import annotations

import html
import re

_LOOKS_MARKED_UP = re.compile(r"<\s*/?\s*[a-zA-Z!]|&[a-zA-Z]{2,8};|&#\w{1,7};")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSEEN = re.compile(
    r"<(script|style|template|noscript|iframe|object|head|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
"""What browsers do not show as text; where it does not end, neither does what is hidden."""
_WITHIN_WORDS = re.compile(r"</?(?:a|abbr|b|code|em|font|i|mark|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.I)
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")


def words_of(text: str) -> str:
    """The text without tags, scripts and styles, entities as their characters; text without markup stays as it is.

    What comes of entities is text: whoever shows it escapes it, as any text.
    """
    if not _LOOKS_MARKED_UP.search(text):
        return text
    seen = _UNSEEN.sub(" ", _COMMENT.sub(" ", text))
    return " ".join(html.unescape(_TAG.sub(" ", _WITHIN_WORDS.sub("", seen))).split())
