"""What may be said on WhatsApp outside of its session window: templates, approved once and filled in each time.

Within 24 hours of somebody's last message a business may write what it likes, later only what WhatsApp has approved
(https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window). Each template here is set up once at Twilio, as
docs/messages.md shows, and named with its id in TWILIO_TEMPLATES. Buttons carry their payload as variables, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SESSION = timedelta(hours=24)
SESSION_MARGIN = timedelta(minutes=2)
"""A message on its way at the end of the window comes too late."""
BODY_LENGTH_MAX = 1_024
VARIABLE_LENGTH_MAX = 1_000
VARIABLES_MAX = 10
NEWS_LENGTH_MAX = 700
"""So long may the one long variable of a template be, that the whole stays within BODY_LENGTH_MAX."""

_PLACE = re.compile(r"{{(\d+)}}")


@dataclass(frozen=True)
class Template:
    """body: with `{{1}}`, `{{2}}` where variables go; buttons: what they say; samples: a value for each variable."""

    name: str
    body: str
    samples: tuple[str, ...]
    buttons: tuple[str, ...] = ()

    @property
    def variables(self) -> int:
        """How many variables the body has."""
        return len(self.samples)


TEMPLATES: dict[str, Template] = {
    one.name: one
    for one in (
        Template(
            "negotiation_request",
            "Hello {{1}}, a customer asks about order {{2}}: {{3}} Please answer until {{4}}; you may also write.",
            ("Rosie & Thorn", "ord-7f3a", "Could it be pink roses instead of red ones?", "15:30 today"),
            ("Accept", "Decline", "Modify"),
        ),
        Template(
            "order_request",
            "Hello {{1}}, there is a new order {{2}} for you: {{3}} You may also write.",
            ("Rosie & Thorn", "ord-7f3a", "A dozen red roses, to be ready by Saturday, 12:00. Do you take it?"),
            ("Accept", "Decline"),
        ),
        Template(
            "partner_notice",
            "Hello {{1}}, there is news about order {{2}}: {{3}} Write to us if anything is unclear.",
            ("Rosie & Thorn", "ord-7f3a", "the customer has approved the pink roses."),
        ),
        Template(
            "order_status",
            "Hello, your order {{1}} has news: {{2}} Write to us at any time.",
            ("ord-7f3a", "the flowers are on their way and arrive at 14:20."),
            ("Track Order", "Contact Support"),
        ),
    )
}
"""By name; each is approved as it stands, so a change here is a new template with a new name."""


def choices(count: int) -> str:
    """The name of the template whose body and so many buttons are all variables; within the session window only."""
    return f"choices_{count}"


def is_session_open(last_heard: datetime | None, now: datetime) -> bool:
    """Whether free text is taken now; last_heard: when the recipient last wrote."""
    return last_heard is not None and now < last_heard + SESSION - SESSION_MARGIN


def filled(template: Template, variables: Sequence[str]) -> str:
    """What the recipient reads."""
    values = [one_line(value) for value in variables]
    return _PLACE.sub(lambda place: values[int(place[1]) - 1], template.body)


def content_variables(variables: Sequence[str], payloads: Sequence[str]) -> dict[str, str]:
    """The body's variables and, behind them, what each button answers, by number."""
    return {str(number): value for number, value in enumerate([*map(one_line, variables), *payloads], 1)}


def choice_variables(text: str, replies: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The variables of a `choices` template: the text, then label and payload of each button."""
    values = [one_line(text), *(part for reply in replies for part in reply)]
    return {str(number): value for number, value in enumerate(values, 1)}


def one_line(value: str) -> str:
    """A variable as WhatsApp takes it: no line breaks, tabs or long runs of spaces (Twilio error 21656)."""
    return " ".join(value.split())


def contents() -> list[dict[str, Any]]:
    """What is to be set up at Twilio: bodies of POST https://content.twilio.com/v1/Content."""
    fixed = [_content(one) for one in TEMPLATES.values()]
    return [*fixed, *(_choices_content(count) for count in (1, 2, 3))]


def _content(template: Template) -> dict[str, Any]:
    first = template.variables + 1
    actions = [
        {"type": "QUICK_REPLY", "title": title, "id": f"{{{{{number}}}}}"}
        for number, title in enumerate(template.buttons, first)
    ]
    samples = content_variables(template.samples, [f"neg:1:1:{title.split()[0].lower()}" for title in template.buttons])
    kind = {"twilio/quick-reply": {"body": template.body, "actions": actions}}
    text = {"twilio/text": {"body": template.body}}
    return _definition(template.name, samples, kind if actions else text)


def _choices_content(count: int) -> dict[str, Any]:
    actions = [
        {"type": "QUICK_REPLY", "title": f"{{{{{2 * number}}}}}", "id": f"{{{{{2 * number + 1}}}}}"}
        for number in range(1, count + 1)
    ]
    replies = [(title, f"neg:1:1:{title.lower()}") for title in ("Yes", "No", "Other")[:count]]
    samples = choice_variables("Would pink do?", replies)
    return _definition(choices(count), samples, {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}})


def _definition(name: str, samples: dict[str, str], types: dict[str, Any]) -> dict[str, Any]:
    return {"friendly_name": name, "language": "en", "variables": samples, "types": types}
