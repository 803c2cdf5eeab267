"""What a time-chain is made of: legs, what must come before what, what must arrive together, and until when.

All times are whole minutes since 1970 (shared.logistics.timechain.minutes).
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.discovery.terms import LegKind
from shared.logistics.timechain.calendar import Calendar
from shared.logistics.timechain.ways import Way

Kind = LegKind
LEGS_MAX = 2_000


class BadChain(ValueError):
    """A chain that contradicts itself: an unknown or doubled leg, a length below nothing, too many legs."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece of work at one place; it ends when its work and its buffer are over.

    calendar: when work can be done, None for always; the buffer may run past closing. is_interruptible: whether the
    work rests over closing time; else it must fit into one opening. ready_from, due: it starts and ends no earlier and
    no later. title: what people call it.
    """

    id: str
    kind: Kind
    minutes: int
    buffer_minutes: int = 0
    calendar: Calendar | None = None
    is_interruptible: bool = False
    ready_from: int | None = None
    due: int | None = None
    title: str = ""

    @property
    def name(self) -> str:
        """What people call it, or its id."""
        return self.title or self.id


@dataclass(frozen=True, slots=True)
class Precedence:
    """One leg after another: `after` starts when `before` has ended, the way is gone, and lag_min minutes are over.

    lag_max: at most so many minutes lie between the end and the start, the way included (perishables, dwell at a hub).
    """

    before: str
    after: str
    lag_min: int = 0
    lag_max: int | None = None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """Two legs that end within so many minutes of each other, as arrivals at a hub or a venue."""

    a: str
    b: str
    within: int


@dataclass(frozen=True, slots=True)
class Chain:
    """An order in time; start: nothing begins earlier; deadline: everything has ended by then, None for no matter."""

    legs: tuple[Leg, ...]
    precedences: tuple[Precedence, ...] = ()
    togethers: tuple[Together, ...] = ()
    start: int = 0
    deadline: int | None = None
