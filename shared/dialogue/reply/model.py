"""What was asked of somebody, what their reply was read as, what it offers, and how it sounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.discovery.intent import SURE, Confidence, Span
from shared.money.amounts import Money
from shared.wire import Plain

ReplyKind = Literal["yes", "no", "counter", "question", "unclear"]
Language = Literal["en", "es"]
Decision = Literal["yes", "no"]
PLAIN = 0.95
"""So sure is a yes or no that is said in so many words."""
Basis = Literal["said", "agreed", "catalog", "unknown"]
Mood = Literal["calm", "annoyed", "frustrated"]
Words = Annotated[str, Field(max_length=400)]


class Asked(Plain):
    """What a reply answers. wanted: in words, such as `pink flowers`; ordered: what it would replace, `red flowers`.

    price: of all pieces, as it stands; ready_by: until when they must be ready; has_photo: the reply came with one.
    """

    wanted: Words
    ordered: Words = ""
    quantity: int = Field(default=1, ge=1, le=1_000_000)
    price: Money | None = None
    ready_by: AwareDatetime | None = None
    has_photo: bool = False


class Offered(Plain):
    """Another thing than was asked for. name: as it was written; words: the same in plain English, lower case.

    attributes: colour, material … → the values that products have; category: where the taxonomy has it.
    """

    name: str
    words: str
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    category: str | None = None


class ReplyReading(Plain):
    """A reply as it was understood; what it does not say is None.

    text: what they wrote themselves, without what they quote. price: of all pieces, or of one (per item); price_change:
    against what was agreed, below zero when cheaper, zero for `no extra cost`; is_dearer: by how much is not said.
    delay_minutes: later than agreed; ready_at: a moment they name; quantity: how many they can do. condition, reason:
    what they want in return, and why not, in their words; lacks: what they do not have. shows_photo: the offer is in a
    photo. is_pending: they will write again. spans: of `text`, by field.
    """

    kind: ReplyKind
    confidence: Confidence
    text: str = ""
    language: Language = "en"
    item: Offered | None = None
    price: Money | None = None
    price_change: Money | None = None
    per: Literal["total", "item"] = "total"
    is_dearer: bool = False
    delay_minutes: int | None = None
    ready_at: AwareDatetime | None = None
    quantity: int | None = None
    condition: str | None = None
    reason: str | None = None
    lacks: tuple[str, ...] = ()
    shows_photo: bool = False
    is_pending: bool = False
    spans: dict[str, tuple[Span, ...]] = Field(default_factory=dict)

    @property
    def is_sure(self) -> bool:
        """Whether it can be acted on; else somebody asks again."""
        return self.confidence >= SURE

    @property
    def decision(self) -> Decision | None:
        """A plain yes or no, without a condition; a nod, as `ok, great` to any news, decides nothing."""
        if self.condition is not None or self.confidence < PLAIN:
            return None
        return "yes" if self.kind == "yes" else "no" if self.kind == "no" else None


class Earlier(Plain):
    """What the same side wrote before in the same thread, as it was read."""

    text: Annotated[str, Field(max_length=2_000)]
    kind: ReplyKind = "unclear"


class Sentiment(Plain):
    """How somebody sounds; score: from 0, at ease, to 1; why: what it was told by, for staff."""

    mood: Mood
    score: Confidence
    why: tuple[str, ...] = ()


class Offer(Plain):
    """What a partner offers instead.

    product: in its catalog, None where it is not there (is_in_catalog) or where it is what was asked for, on other
    terms. price: of all pieces, None until the partner says it (asks: what to ask them); basis: where it comes from.
    difference: to what was agreed, below zero when cheaper. image: the name of a blob. specs: in words. stock: None
    where it is made as ordered. options: the others they named; matches: so many products of theirs fit the words.
    """

    title: str
    product: str | None = None
    is_in_catalog: bool = False
    quantity: int = Field(ge=1)
    unit_price: Money | None = None
    price: Money | None = None
    difference: Money | None = None
    basis: Basis = "unknown"
    image: str | None = None
    specs: dict[str, str] = Field(default_factory=dict)
    stock: int | None = None
    is_enough: bool = True
    ready_at: AwareDatetime | None = None
    delay_minutes: int | None = None
    condition: str | None = None
    options: tuple[str, ...] = ()
    matches: int = 0
    has_photo: bool = False
    says: str
    asks: str | None = None
