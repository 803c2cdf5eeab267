"""What the outside offers, as small protocols; adapters satisfy them, wiring.py picks which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from shared.blobs import Blob, BlobRef
    from shared.dialogue.media import File
    from shared.dialogue.messages import OutboundMessage, Sent
    from shared.dialogue.narration.event import Narration
    from shared.dialogue.photos import Measures, Sight
    from shared.dialogue.reply.corroborate import ReplyClaim
    from shared.dialogue.reply.model import Asked
    from shared.discovery.intent import Intent
    from shared.discovery.listing import Hits, IndexQuery, IndexTokens, Listing
    from shared.logistics.forecast import Forecast
    from shared.logistics.geo import Point
    from shared.logistics.timechain.fleet import Rounds
    from shared.logistics.timechain.route import Courier, Stop, Ways
    from shared.logistics.travel import Mode
    from shared.logistics.weather import Conditions
    from shared.money.amounts import Money
    from shared.money.payments import PartnerTransfer, Payment, Refund, Reversal, Statement
    from shared.people.access import Caller
    from shared.records import Changes, Container, D, Page, Query, Stored, Write
    from shared.traces import Trace


class Clock(Protocol):
    """The time, for triggers; flows take theirs from the durable context."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class Store(Protocol):
    """Records in declared containers, with etags, batches within a partition, and a feed of changes."""

    async def get(self, container: Container[D], partition: str, record_id: str) -> Stored[D] | None:
        """One record, or None; expired ones are not there."""

    async def apply(
        self, container: Container[D], partition: str, writes: Sequence[Write[D]]
    ) -> list[Stored[D] | None]:
        """Do all writes of one partition or none; raises AlreadyThere, NotThere, ChangedMeanwhile, Unavailable."""

    async def query(self, container: Container[D], query: Query) -> Page[D]:
        """A page of records; raises ValueError for a field that is not indexed or a token that is not ours."""

    async def changes(self, container: Container[D], since: str | None, limit: int = 100) -> Changes[D]:
        """What was written since a token, or from the beginning."""

    async def close(self) -> None:
        """Let go of files and connections."""


class Identity(Protocol):
    """Who stands behind a bearer token."""

    async def caller_of(self, token: str) -> Caller:
        """The caller; raises access.BadToken with the reason, Unavailable where it cannot be checked."""


class Signer(Protocol):
    """The app's own name under what it says: claims as a compact JWS (RFC 7515), for others to keep and show again."""

    async def sign(self, kind: str, claims: Mapping[str, Any]) -> str:
        """A token; kind: the `typ` of its header, so that none is taken for one of another kind."""

    async def claims_of(self, kind: str, token: str) -> dict[str, Any]:
        """What we have signed under this kind; raises access.BadToken for all else. Their times are the caller's."""

    async def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys (RFC 7517), by which everybody can check what we have signed."""


class Blobs(Protocol):
    """Files named by the hash of their bytes; shared/blobs.py has the media types, the limits and the errors."""

    async def put(self, data: bytes, media_type: str) -> BlobRef:
        """Keep bytes; the same again change nothing. Raises MediaTypeRefused, BlobTooLarge, ContentMismatch."""

    async def get(self, name: str) -> Blob | None:
        """The blob of a name, or None; raises BadBlobName, BlobDamaged."""

    async def delete(self, name: str) -> None:
        """Take a blob away, if it is there; raises BadBlobName."""

    async def close(self) -> None:
        """Let go of connections."""


class Charges(Protocol):
    """A customer's money for an order: held, taken or let go, given back; the moves stand in shared/money/payments.py.

    Every write carries a key of the caller's making, up to 255 characters: the same key and request get the same answer
    and nothing happens again; another request raises PaymentKeyReused. What is refused by error is not remembered.
    All raise AmountRefused, ImpossibleMove, UnknownPayment, CurrencyMismatch, and OutcomeUnknown or Unavailable, after
    which the same key may be sent again.
    """

    async def authorise(self, order: str, amount: Money, method: str, key: str) -> Payment:
        """Hold money; a card's refusal is a payment in state declined, with its reason. Raises UnknownMethod."""

    async def capture(self, payment: str, amount: Money, key: str) -> Payment:
        """Take held money, up to all of it; the rest is let go."""

    async def void(self, payment: str, key: str) -> Payment:
        """Let go of held money; where none is held, nothing changes."""

    async def refund(self, payment: str, amount: Money, key: str) -> Refund:
        """Give captured money back, as far as it is not with a partner."""

    async def statement(self, order: str) -> Statement:
        """All that the provider has of an order: what tells the truth after OutcomeUnknown."""


class Transfers(Protocol):
    """Captured money on its way to partners; keys and errors as with Charges."""

    async def transfer(self, payment: str, to: str, amount: Money, key: str) -> PartnerTransfer:
        """Pass captured money on to a partner's account, as far as it is neither refunded nor passed on."""

    async def reverse(self, transfer: str, amount: Money, key: str) -> Reversal:
        """Take transferred money back, as far as the partner still has it."""


class Payments(Charges, Transfers, Protocol):
    """One provider for both."""


class Messages(Protocol):
    """Messages to people and programs; shared/dialogue/messages.py has the channels and what each takes."""

    async def send(self, message: OutboundMessage) -> Sent:
        """Hand a message over, once: the same again gets the first answer.

        Raises MessageIdReused, Undeliverable, Unavailable.
        """


class MediaSource(Protocol):
    """Where the files are that come with messages."""

    async def fetch(self, url: str) -> File:
        """A file; raises shared.dialogue.media.MediaRefused for what is not to be had or taken, and Unavailable."""


class Weather(Protocol):
    """What the sky will do."""

    async def forecast(self, place: Point, start: datetime, end: datetime) -> Forecast:
        """Every hour that the span touches, in order, but for those that nobody can know yet (16 days ahead).

        Raises ValueError for times without an offset and more than HOURS_MAX hours, and Unavailable.
        """


class PlayedWeather(Weather, Protocol):
    """Weather that can be set by hand."""

    async def set(self, place: Point, hours: Mapping[datetime, Conditions]) -> None:
        """Set the weather of the place's cell for hours; raises ValueError for too many."""

    async def clear(self, place: Point) -> None:
        """Forget everything that was set for the place's cell."""


class Travel(Protocol):
    """How long ways take: what dispatchers plan by. Orders are planned by shared/logistics/travel.py, where flows that
    are replayed cannot ask anybody."""

    async def minutes(
        self, origin: Point, destinations: Sequence[Point], depart: datetime, mode: Mode = "car"
    ) -> list[int | None]:
        """Whole minutes to each of at most DESTINATIONS_MAX places, None where there is no way.

        Leaving in a later minute never arrives earlier. Raises ValueError for too many, a time without offset;
        Unavailable.
        """


class Fleet(Protocol):
    """Who takes which stops; couriers, stops, ways and rounds are those of shared/logistics/timechain/route.py."""

    async def plan(self, couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways) -> Rounds:
        """Rounds that leave as few jobs as can be, then keep couriers out for as few minutes.

        A job is a stop with those after it, all by one courier; what nobody can take in time stands in `left`. Raises
        BadRound.
        """


class Embeddings(Protocol):
    """Meaning as numbers. name: which model; another name means that vectors must be made anew. dims: how long."""

    @property
    def name(self) -> str:
        """Which model, with its version."""

    @property
    def dims(self) -> int:
        """How many numbers a vector has."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length each; zeros for a text without meaning. Raises Unavailable."""


class SearchIndex(Protocol):
    """What can be had, by meaning, words and filters; a copy of what the store has, rebuilt from it at any time."""

    async def search(self, query: IndexQuery) -> Hits:
        """The best candidates; raises Unavailable."""

    async def write(
        self, changed: Sequence[Listing], vectors: NDArray[np.float32], removed: Sequence[str], upto: IndexTokens
    ) -> None:
        """Put listings (vectors row by row) and take ids away, at once for whoever searches next; the same again
        changes nothing. upto: how far the store has been followed with this; kept together with what is written."""

    async def upto(self) -> IndexTokens:
        """How far the store has been followed; nothing where the index must be built anew."""

    async def close(self) -> None:
        """Keep what was written, and let go of files and connections."""


class Language(Protocol):
    """A model that understands sentences better than rules, where one is configured."""

    async def understand(self, text: str, said: Intent, about: str) -> Intent | None:
        """A better reading of the text than the rules' own (said); about: now, zone and vocabulary, as plain words.

        Nothing in it that the text does not bear out (intents/corroborate.py). None where it refuses, is cut off,
        answers what does not parse, or is not there in time: then the rules stand.
        """

    async def read_reply(self, text: str, asked: Asked, about: str) -> ReplyClaim | None:
        """What a reply seems to say, for dialogue/reply/corroborate.py to hold against the text; about: now and zone.

        None as above: then the rules stand.
        """

    async def retell(self, told: Narration) -> Narration | None:
        """What a customer is told, in better words, for dialogue/narration/retelling.py to hold against the record.

        None as above: then the rules' words stand.
        """


class Vision(Protocol):
    """What a photo shows, as far as it can be measured or seen; shared/dialogue/photos.py has what is told of it."""

    async def measure(self, data: bytes, media_type: str) -> Measures:
        """Size, sharpness, brightness, main colours; raises BadPhoto."""

    async def similarity(self, a: bytes, b: bytes) -> float:
        """How alike two photos are, 0 to 1; raises BadPhoto."""

    async def look(self, data: bytes, media_type: str, claimed: str) -> Sight | None:
        """What a model sees in a photo that is said to show something (claimed, in words); raises BadPhoto.

        None where none is configured, it refuses, or it is not there in time: then measures alone decide.
        """


class Span(Protocol):
    """Something that takes its time and belongs to a trace."""

    @property
    def trace(self) -> Trace:
        """Its own place, for what is started within."""

    def note(self, name: str, value: str | int) -> None:
        """Keep a fact: an id, a name of ours or a number, nothing that somebody has written."""

    def failed(self, why: str) -> None:
        """It came to a bad end; why: a kind of error."""


class Spans(Protocol):
    """Whoever watches from outside how long things take and what belongs together."""

    def span(self, name: str, parent: Trace | None, facts: Mapping[str, str]) -> AbstractContextManager[Span]:
        """Begin something in the parent's trace, or in a new one; it ends with the block. Raises nothing of its own."""
