"""What is said in the conversation of an order, as it crosses to the flow that brings it there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.wire import Plain

By = Literal["customer", "partner", "hub", "worker", "ai", "staff"]
SUPPORT_FLOW = "support_message"
"""The flow that brings a message to everybody."""
WORD_FLOW = "customer_word"
"""The flow that takes what a customer writes about a standing intent."""
TEXT_LENGTH_MAX = 2_000
MENTIONS_MAX = 10

Ref = Annotated[str, Field(pattern=r"^(customer|ai|staff|leg-\d{1,3})$")]
"""Who is meant: `leg-2` is the party of that leg."""
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX)]
MessageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9=._:-]{1,220}$")]


class Said(Plain):
    """A message as it is written. id: made by whoever brings it, the same when it comes again.

    who: the id of the party, of the member of staff or of the customer; ref: by which the others know them. button:
    what was tapped instead of written. is_private: between the customer and the platform, no party sees it.
    is_agents: an agent wrote it in the customer's name. negotiation: which one staff wrote it in.
    """

    id: MessageName
    order: str
    by: By
    who: str = ""
    ref: Ref
    text: Text
    mentions: Annotated[tuple[Ref, ...], Field(max_length=MENTIONS_MAX)] = ()
    channel: str = "web"
    button: Literal["track", "support"] | None = None
    is_private: bool = False
    is_agents: bool = False
    answers: str | None = None
    negotiation: str | None = None


class Heard(Plain):
    """A message that came in by a channel, in the thread of an order; inbound: its record."""

    order: str
    inbound: str
    payload: str | None = None


class HeardOfIntent(Plain):
    """A message that came in by a channel, in the thread of a standing intent; inbound: its record."""

    intent: str
    inbound: str


class Bringing(Plain):
    """What is to be brought into a conversation: what was written here, or what came in from outside."""

    said: Said | None = None
    heard: Heard | None = None
