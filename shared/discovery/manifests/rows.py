"""What all shapes have in common: rows of text by the platform's own columns, and what is told about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.wire import Plain

BYTES_MAX = 5 * 1024 * 1024
ROWS_MAX = 10_000
COLUMNS_MAX = 200
CELL_LENGTH_MAX = 20_000
PROBLEMS_MAX = 1_000
"""More are counted but not told."""
ROWS_TOLD_MAX = 5
NOTES_MAX = 200
VALUE_SHOWN_MAX = 60

COLUMNS = (
    "sku", "title", "description", "kind", "category", "price", "net", "unit", "stock", "lead", "work", "party",
    "colours", "sizes", "materials", "styles", "occasions", "recipients", "diets", "takes", "tags", "rating", "ratings",
)  # fmt: skip
"""The platform's own columns; rows of other shapes have these and EXTRA."""
EXTRA = ("price_minor", "net_minor", "currency", "status", "link", "images", "options")
"""price_minor, net_minor: instead of price and net, in minor units; status: active, paused or removed; images: how many
addresses of images were given; options: `name: value`, separated by `;`."""


class Problem(Plain):
    """Why a row is refused. row: as a spreadsheet counts them, the header being row 1; 0 is the file as a whole."""

    row: int
    field: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        """For the shopkeeper: `Row 7, price: 'twelve' is no amount; write 12.00`."""
        said = f"{self.value!r} {self.message}" if self.value else self.message
        return f"Row {self.row}, {self.field}: {said}" if self.row else f"The file: {said}"


class Report(Plain):
    """What became of a manifest's rows.

    accepted: good rows, of which changed were written and unchanged were as before; removed: those that a full manifest
    no longer names; refused: rows with problems. notes: what was read otherwise than it was written.
    """

    accepted: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One offer as text; parts: the events of an experience, as text too."""

    number: int
    fields: Mapping[str, str]
    parts: tuple[Mapping[str, str], ...] = ()


@dataclass
class Findings:
    """What is found on the way, gathered for the report."""

    refused: int = 0
    is_whole: bool = True
    problems: list[Problem] = field(default_factory=list)
    _untold: int = 0
    _notes: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def refuse(self, problems: Iterable[Problem]) -> None:
        """One row less, and why."""
        self.refused += 1
        self.problems.extend(list(problems)[: max(0, PROBLEMS_MAX - len(self.problems))])

    def reject(self, message: str) -> None:
        """The file as a whole cannot be read (further)."""
        self.is_whole = False
        self.problems.insert(0, Problem(row=0, field="file", message=message))

    def note(self, row: int, name: str, message: str) -> None:
        """Something to know that refuses no row; row 0 is the whole file."""
        if (name, message) not in self._notes and len(self._notes) >= NOTES_MAX:
            self._untold += 1
            return
        rows = self._notes.setdefault((name, message), [])
        if row and (not rows or rows[-1] != row):
            rows.append(row)

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind of note, with its rows."""
        told = [_sentence(name, message, rows) for (name, message), rows in self._notes.items()]
        return (*told, f"And {self._untold} more.") if self._untold else tuple(told)

    @property
    def is_full(self) -> bool:
        """Whether so much was found already that hints are not worth their time."""
        return len(self._notes) >= NOTES_MAX or len(self.problems) >= PROBLEMS_MAX


def shown(value: str) -> str:
    """A value as a message quotes it: short, and nothing in it that a terminal would act upon."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in value[: VALUE_SHOWN_MAX + 1])
    return plain if len(plain) <= VALUE_SHOWN_MAX else f"{plain[:VALUE_SHOWN_MAX]}…"


def _sentence(name: str, message: str, rows: Sequence[int]) -> str:
    if not rows:
        return f"{name}: {message}"
    told = ", ".join(str(row) for row in rows[:ROWS_TOLD_MAX])
    more = f" and {len(rows) - ROWS_TOLD_MAX} more" if len(rows) > ROWS_TOLD_MAX else ""
    return f"Row{'s' if len(rows) > 1 else ''} {told}{more}, {name}: {message}"
