"""Reading what a partner has answered in a negotiation: its button, its words, its mood, its photo."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.dialogue.terms import Heard
from shared.records import PAGE_MAX, Query
from shared.wire import Plain

if TYPE_CHECKING:
    from shared.dialogue.inbound import Received
    from shared.dialogue.negotiation import Negotiation
    from shared.dialogue.photo_checks import Judgement
    from shared.dialogue.reply.counter import Offer
    from shared.dialogue.reply.model import Asked, ReplyReading
    from shared.dialogue.reply.sentiment import Mood
    from shared.wiring import Deps

OF_BUTTONS: dict[str, Heard] = {"accept": "yes", "decline": "no", "modify": "modify"}


class Hearing(Plain):
    """An answer to a round; inbound: the record of what was written, choice: the button, where one was tapped."""

    negotiation: str
    round: int
    inbound: str | None
    choice: str | None
    is_undelivered: bool = False


class Answer(NamedTuple):
    """What an answer came to; photo: the name of its blob; photo_words: as Round has them."""

    kind: Heard
    text: str
    mood: Mood
    offer: Offer | None = None
    photo: str | None = None
    photo_words: str = ""


async def read_answer(deps: Deps, negotiation: Negotiation, hearing: Hearing, now: datetime) -> Answer:
    """An answer to a round; a photo that cannot be shown is told as such, whatever was written with it."""
    from shared.dialogue.media import with_media  # noqa: PLC0415  with the first answer, not with the app
    from shared.dialogue.negotiation import completed, open_offer  # noqa: PLC0415

    record = hearing.inbound
    received = await with_media(deps.store, deps.blobs, deps.media, record) if record else None
    text = received.message.text if received else ""
    photo = _photo(received)
    asked = _asked(negotiation, has_photo=photo is not None)
    reading = await deps.replies.read_reply(text, asked, now, ZoneInfo(deps.settings.time_zone))
    mood = deps.moods.read(text, _earlier(negotiation), reading.kind).mood
    button = OF_BUTTONS.get(hearing.choice or "")
    if button is not None and not (button == "modify" and reading.kind == "counter"):
        return Answer(button, text, mood)
    if photo is not None:
        judged = await _judged(deps, photo, negotiation, reading)
        if judged.judged == "refused":
            return Answer("photo_refused", text, mood, photo=photo, photo_words=judged.asks or "")
        if judged.judged == "to_person":
            return Answer("photo_unsure", text, mood, photo=photo, photo_words=" ".join(judged.reasons)[:500])
    is_price = reading.price is not None or reading.price_change is not None
    waits = open_offer(negotiation)
    if waits is not None and reading.item is None and is_price:
        said = await _offer(deps, negotiation, reading, asked)
        whole = completed(waits[0], said) if said else waits[0]
        return Answer("counter", text, mood, whole, photo or waits[1])
    if waits is not None and reading.kind == "yes":
        return Answer("counter", text, mood, waits[0], photo or waits[1])  # its price is still to be said
    shows_other = photo is not None and reading.kind != "yes"
    if (reading.is_sure and (reading.kind == "counter" or _is_other_price(reading, negotiation))) or shows_other:
        offer = await _offer(deps, negotiation, reading, asked)
        return Answer("counter", text, mood, offer, photo)
    return Answer(reading.kind if reading.is_sure else "unclear", text, mood, photo=photo)


def _is_other_price(reading: ReplyReading, negotiation: Negotiation) -> bool:
    """Whether a yes names another price than was agreed, which is the customer's to decide on."""
    is_other = reading.price is not None and reading.price != negotiation.price
    return reading.kind == "yes" and (is_other or bool(reading.price_change and reading.price_change.minor))


def _asked(negotiation: Negotiation, *, has_photo: bool) -> Asked:
    from shared.dialogue.reply.model import Asked  # noqa: PLC0415

    return Asked(
        wanted=negotiation.wanted,
        ordered=negotiation.ordered,
        quantity=negotiation.quantity,
        price=negotiation.price,
        ready_by=negotiation.leg_ends,
        has_photo=has_photo,
    )


def _earlier(negotiation: Negotiation) -> list[Any]:
    """What the partner has said before; buttons and photos are neither refusals nor words."""
    from shared.dialogue.reply.sentiment import Earlier  # noqa: PLC0415

    kinds = {"yes", "no", "counter", "question", "unclear"}
    return [
        Earlier.model_validate({"text": one.said, "kind": one.kind if one.kind in kinds else "unclear"})
        for one in negotiation.rounds
        if one.said
    ]


def _photo(received: Received | None) -> str | None:
    if received is None:
        return None
    blobs = [one.blob for one in received.message.media if one.blob and one.media_type.startswith("image/")]
    return blobs[0].name if blobs else None


async def _judged(deps: Deps, photo: str, negotiation: Negotiation, reading: ReplyReading) -> Judgement:
    """Whether a photo may be shown to a customer."""
    from shared.dialogue.photo_checks import LUXURY, STANDARD, Judgement, colour_named, judge  # noqa: PLC0415
    from shared.dialogue.photos import BadPhoto  # noqa: PLC0415

    blob = await deps.blobs.get(photo)
    if blob is None:
        return Judgement(judged="refused", reasons=("The photo is gone.",))
    said = reading.item.words if reading.item else negotiation.wanted
    colour = colour_named(said, deps.taxonomy)
    partner = deps.scout.partners.known.get(negotiation.partner)
    policy = LUXURY if partner and partner.tier == "luxury" else STANDARD
    try:
        measures = await deps.vision.measure(blob.data, blob.ref.media_type)
        judged = judge(measures, None, colour, policy)
        if judged.judged == "refused":
            return judged  # looking costs money and could not change it
        sight = await deps.vision.look(blob.data, blob.ref.media_type, said)
    except BadPhoto as no:
        return Judgement(judged="refused", reasons=(str(no),))
    return judge(measures, None, colour, policy, sight)


async def _offer(deps: Deps, negotiation: Negotiation, reading: ReplyReading, asked: Asked) -> Offer | None:
    """What is offered, with what the partner's own catalog has of it."""
    from shared.dialogue.reply.counter import enrich  # noqa: PLC0415
    from shared.discovery.products import PRODUCTS  # noqa: PLC0415
    from shared.orders.order import ORDERS  # noqa: PLC0415

    page = await deps.store.query(PRODUCTS, Query({"status": "active"}, negotiation.partner, limit=PAGE_MAX))
    stored = await deps.store.get(ORDERS, negotiation.order, negotiation.order)
    leg = stored.value.leg(negotiation.leg) if stored else None
    ordered = leg.lines[0].product if leg and leg.lines else None
    counter = reading if reading.kind == "counter" else reading.model_copy(update={"kind": "counter"})
    return enrich(counter, [one.value for one in page.items], asked, ordered, deps.taxonomy)
