"""What can be had: slots of a partner for a capability on a day, and units of a product in stock.

Units are reserved for a quarter of an hour, then confirmed, or they are free again. Every command is told the time and
acts once by its reservation's id; the latest time told is the time here, so what has expired stays expired.

Slots: the limit is how many the partner takes on that day; confirmed ones count against it. Stock: the limit is how
many are on hand and not sold; a confirmation takes them off, a release after it puts them back. What whoever reserves
knows of a limit counts where nothing newer has been said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

RESERVATION_MINUTES = 15
KEEP_DAYS = 2
"""How long an id that is done with is remembered, for what comes twice; confirmed slots until this after their day."""
STOCK_KEEP_DAYS = 30
"""How long a sale from stock can be released; later returns are a matter of set_limit."""
UNITS_MAX = 10_000
LIMIT_MAX = 1_000_000

_STOCK = "stock"
_FORBIDDEN = frozenset("|@/\\?#")


class Status(StrEnum):
    """Where a reservation stands; new: there is none of this id."""

    NEW = "new"
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to a reservation."""

    RESERVE = "reserve"
    CONFIRM = "confirm"
    RELEASE = "release"
    EXPIRE = "expire"


MOVES: Mapping[tuple[Status, Event], Status] = {
    (Status.NEW, Event.RESERVE): Status.RESERVED,
    (Status.NEW, Event.RELEASE): Status.RELEASED,  # an undo that overtakes its step: the step must find the door shut
    (Status.RESERVED, Event.RESERVE): Status.RESERVED,
    (Status.RESERVED, Event.CONFIRM): Status.CONFIRMED,
    (Status.RESERVED, Event.RELEASE): Status.RELEASED,
    (Status.RESERVED, Event.EXPIRE): Status.EXPIRED,
    (Status.CONFIRMED, Event.RESERVE): Status.CONFIRMED,
    (Status.CONFIRMED, Event.CONFIRM): Status.CONFIRMED,
    (Status.CONFIRMED, Event.RELEASE): Status.RELEASED,
    (Status.RELEASED, Event.RELEASE): Status.RELEASED,
    (Status.EXPIRED, Event.RELEASE): Status.RELEASED,
}
"""Every other pair changes nothing; a command is then refused, and the reason is the status."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


ReservationId = Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:|=+-]*$")]


class Reserve(_Frozen):
    """Take units, until confirmed or RESERVATION_MINUTES after `at`; limit, limit_at: what is known of the limit."""

    id: ReservationId
    units: int = Field(1, ge=1, le=UNITS_MAX)
    limit: int | None = Field(None, ge=0, le=LIMIT_MAX)
    limit_at: AwareDatetime | None = None
    at: AwareDatetime


class Confirm(_Frozen):
    """Keep the units of a reservation for good."""

    id: ReservationId
    at: AwareDatetime


class Release(_Frozen):
    """Give the units of a reservation back, confirmed or not; harmless where there are none."""

    id: ReservationId
    at: AwareDatetime


class SetLimit(_Frozen):
    """How many units there are from now on; what is reserved stays. One told earlier than the last is ignored."""

    limit: int = Field(ge=0, le=LIMIT_MAX)
    at: AwareDatetime


Command = Reserve | Confirm | Release | SetLimit


class Unsold(_Frozen):
    """How much of a stock is not sold; by limit_at, then by the sales since then, the newer of two is told."""

    units: int
    limit_at: AwareDatetime
    sales: int


class Outcome(_Frozen):
    """The answer to a command: where the reservation stands, or `refused` and why; until: when it expires.

    unsold: of a stock, after the command.
    """

    status: str
    reason: str | None = None
    until: AwareDatetime | None = None
    unsold: Unsold | None = None


class Reservation(_Frozen):
    """Units taken under an id; at: its last move."""

    units: int
    status: Status
    at: AwareDatetime
    until: AwareDatetime


class Capacity(_Frozen):
    """The state; day is that of slots, None for stock; limit may fall below zero where stock was oversold.

    sales: how often the limit was moved by a sale or its return since it was told.
    """

    day: date | None
    limit: int | None = None
    limit_at: AwareDatetime | None = None
    sales: int = 0
    now: AwareDatetime | None = None
    reservations: Mapping[str, Reservation] = {}


class BadKey(ValueError):
    """A key does not say what it is the capacity of."""


def slots_key(partner: str, capability: str, day: date) -> str:
    """`partner|capability|2026-11-22`; raises BadKey."""
    return "|".join((_part(partner), _part(capability), day.isoformat()))


def stock_key(product: str) -> str:
    """`stock|product`; raises BadKey."""
    return f"{_STOCK}|{_part(product)}"


def product_of(key: str) -> str:
    """The product whose stock a key is of: what is held, whatever the leg that holds it has become."""
    return key.removeprefix(f"{_STOCK}|")


def on_day(key: str, day: date) -> str:
    """The key of the same slots on another day; that of a stock stays as it is."""
    parts = key.split("|")
    return key if parts[0] == _STOCK else "|".join((*parts[:-1], day.isoformat()))


def empty(key: str) -> Capacity:
    """The state before the first command; raises BadKey."""
    match key.split("|"):
        case [kind, product] if kind == _STOCK and product:
            return Capacity(day=None)
        case [partner, capability, day] if partner and capability:
            try:
                return Capacity(day=date.fromisoformat(day))
            except ValueError as error:
                raise BadKey(f"{key!r}: the day must be like 2026-11-22") from error
    raise BadKey(f"{key!r} is neither `partner|capability|2026-11-22` nor `stock|product`")


def decide(state: Capacity, command: Command) -> tuple[Capacity, Outcome]:
    """The state after a command, and its answer."""
    state, outcome = _decided(_at(state, command.at), command)
    if state.day is None and state.limit is not None and state.limit_at is not None:
        unsold = Unsold(units=max(0, state.limit), limit_at=state.limit_at, sales=state.sales)
        outcome = outcome.model_copy(update={"unsold": unsold})
    return state, outcome


def _decided(state: Capacity, command: Command) -> tuple[Capacity, Outcome]:
    match command:
        case SetLimit():
            return _limited(state, command.limit, command.at), Outcome(status="set")
        case Reserve():
            if command.limit is not None and command.limit_at is not None:
                state = _limited(state, command.limit, command.limit_at)
            return _reserved(state, command)
        case Confirm():
            return _moved(state, command.id, Event.CONFIRM)
        case Release():
            return _moved(state, command.id, Event.RELEASE)


def free_units(state: Capacity, at: datetime) -> int:
    """How many units can still be reserved at a time; none where no limit was ever set."""
    state = _at(state, at)
    return max(0, (state.limit or 0) - _taken(state))


def _limited(state: Capacity, limit: int, at: datetime) -> Capacity:
    if state.limit_at is not None and at <= state.limit_at:
        return state
    return state.model_copy(update={"limit": limit, "limit_at": at, "sales": 0})


def _reserved(state: Capacity, command: Reserve) -> tuple[Capacity, Outcome]:
    known = state.reservations.get(command.id)
    if known is not None:
        if known.units != command.units and known.status in (Status.RESERVED, Status.CONFIRMED):
            return state, _refused("other_units")
        return _moved(state, command.id, Event.RESERVE)
    if state.limit is None:
        return state, _refused("not_offered")
    if command.units > state.limit - _taken(state):
        return state, _refused("full")
    now = _now(state)
    made = Reservation(
        units=command.units,
        status=MOVES[Status.NEW, Event.RESERVE],
        at=now,
        until=now + timedelta(minutes=RESERVATION_MINUTES),
    )
    return _with(state, command.id, made), _told(made)


def _moved(state: Capacity, reservation_id: str, event: Event) -> tuple[Capacity, Outcome]:
    """Move a reservation by the table, and stock with it."""
    now = _now(state)
    known = state.reservations.get(reservation_id) or Reservation(units=0, status=Status.NEW, at=now, until=now)
    status = MOVES.get((known.status, event))
    if status is None:
        return state, _refused(known.status.value)
    if status is known.status:
        return state, _told(known)
    if state.day is None and state.limit is not None and Status.CONFIRMED in {status, known.status}:
        sold = known.units if status is Status.CONFIRMED else -known.units
        state = state.model_copy(update={"limit": state.limit - sold, "sales": state.sales + 1})
    moved = known.model_copy(update={"status": status, "at": now})
    return _with(state, reservation_id, moved), _told(moved)


def _at(state: Capacity, at: datetime) -> Capacity:
    """The state at a time: what has run out is expired, what is long done with is forgotten."""
    now = at if state.now is None else max(at, state.now)
    kept = {}
    for name, one in state.reservations.items():
        if one.status is Status.RESERVED and one.until <= now:
            kept[name] = one.model_copy(update={"status": MOVES[one.status, Event.EXPIRE], "at": one.until})
        elif not _is_forgotten(one, state.day, now):
            kept[name] = one
    return state.model_copy(update={"now": now, "reservations": kept})


def _is_forgotten(one: Reservation, day: date | None, now: datetime) -> bool:
    if one.status is Status.RESERVED:
        return False
    if one.status is not Status.CONFIRMED:
        return now - one.at > timedelta(days=KEEP_DAYS)
    if day is None:
        return now - one.at > timedelta(days=STOCK_KEEP_DAYS)
    return now.astimezone(UTC).date() > day + timedelta(days=KEEP_DAYS)


def _taken(state: Capacity) -> int:
    """Units that count against the limit."""
    counting = {Status.RESERVED} if state.day is None else {Status.RESERVED, Status.CONFIRMED}
    return sum(one.units for one in state.reservations.values() if one.status in counting)


def _with(state: Capacity, reservation_id: str, one: Reservation) -> Capacity:
    return state.model_copy(update={"reservations": {**state.reservations, reservation_id: one}})


def _now(state: Capacity) -> datetime:
    assert state.now is not None
    return state.now


def _told(one: Reservation) -> Outcome:
    return Outcome(status=one.status.value, until=one.until if one.status is Status.RESERVED else None)


def _refused(reason: str) -> Outcome:
    return Outcome(status="refused", reason=reason)


def _part(text: str) -> str:
    if not text or _FORBIDDEN.intersection(text):
        raise BadKey(
            f"{text!r} cannot be part of a key: it must not be empty or hold any of {''.join(sorted(_FORBIDDEN))}"
        )
    return text
