"""How an answer by email names what it answers: by the id of our mail, and by the reply that was chosen in it.

A mail of ours has `<key@host>` for its id and `name+key@host` for the address to answer to; the links for its replies
open a mail to that address with the payload in it. Clients keep at least one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from shared.dialogue.reply.own_text import own_text

KEY_LENGTH = 40
_KEY = re.compile(rf"(?<![0-9a-f])[0-9a-f]{{{KEY_LENGTH}}}(?=@)")
_TOKEN = re.compile(r"\[#([^\n]{1,200}?)#\]")


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a mail with this key, from this address."""
    return f"<{key}@{sender.rpartition('@')[2]}>"


def answer_address(key: str, sender: str) -> str:
    """Where answers to it go."""
    name, _, host = sender.rpartition("@")
    return f"{name}+{key}@{host}"


def key_in(places: Iterable[str]) -> str:
    """The first key in ids and addresses, empty where there is none."""
    found = (_KEY.search(place.lower()) for place in places)
    return next((one[0] for one in found if one), "")


def link(key: str, sender: str, subject: str, label: str, payload: str) -> str:
    """A link that opens a mail with this answer."""
    address = quote(answer_address(key, sender), safe="@+")
    return f"mailto:{address}?subject={quote(f'Re: {subject}')}&body={quote(f'{label}{chr(10) * 2}[#{payload}#]')}"


def payload_in(text: str) -> str:
    """The payload of the link by which a mail was opened, empty where there is none in its own part."""
    found = _TOKEN.search(own_text(text))
    return found[1] if found else ""


def without_payload(text: str) -> str:
    """The text as people wrote it."""
    return _TOKEN.sub("", text).strip()
