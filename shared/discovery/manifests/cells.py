"""One row's cells read as what they are meant to be; what cannot is a problem, and all are told at once."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from shared.discovery.manifests.markup import words_of
from shared.discovery.manifests.rows import CELL_LENGTH_MAX, VALUE_SHOWN_MAX, Findings, Problem, Row, shown

LIST_MAX = 60
LIKENESS_MIN = 0.75
NAMES_SHOWN_MAX = 6
V = TypeVar("V")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DIRECTIONS = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Marks that turn the direction of writing, or are not seen: by them one text can be shown as another."""
_FORMULA = re.compile(r"\s*(?:[=@]|[+-](?![\d.\s]))")
_WHOLE = re.compile(r"\d{1,9}(?:\.0{1,4})?", re.ASCII)


class Cells:
    """Reads the cells of one row and keeps what is wrong with them."""

    def __init__(self, row: Row, findings: Findings) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self._findings = findings

    def has(self, name: str) -> bool:
        """Whether the row has the column at all, be it empty."""
        return name in self.row.fields

    def raw(self, name: str) -> str:
        """What stands there, without outer spaces; control characters are a problem."""
        text = self.row.fields.get(name, "").strip()
        fault = ""
        if len(text) > CELL_LENGTH_MAX:
            fault = f"has {len(text)} characters; {CELL_LENGTH_MAX} is the most"
        elif _CONTROL.search(text):
            fault = "holds control characters; type it anew without them"
        if fault and not any(problem.field == name for problem in self.problems):
            self.wrong(name, fault, text)
        return "" if fault else text

    def line(self, name: str, longest: int) -> str:
        """Text on one line, at most so long, of markup what a person would see."""
        plain = unicodedata.normalize("NFC", words_of(self.raw(name)))
        text = " ".join(_DIRECTIONS.sub("", _CONTROL.sub(" ", plain)).split())  # entities may bring controls back
        if len(text) > longest:
            self.wrong(name, f"has {len(text)} characters; {longest} is the most", text)
            return ""
        if _FORMULA.match(text):
            self.note(name, "it begins as a formula would and is kept as plain text")
        return text

    def value(self, name: str, read: Callable[[str], V]) -> V | None:
        """What `read` makes of a cell; None where it is empty, or wrong."""
        text = self.raw(name)
        if not text:
            return None
        try:
            return read(text)
        except ValueError as why:
            self.wrong(name, str(why), text)
            return None

    def whole(self, name: str, most: int) -> int | None:
        """A whole number from 0 on; None where the cell is empty."""

        def read(text: str) -> int:
            plain = text.replace(",", "")
            if not _WHOLE.fullmatch(plain) or int(plain.partition(".")[0]) > most:
                raise ValueError(f"is no whole number from 0 to {most}")
            return int(plain.partition(".")[0])

        return self.value(name, read)

    def names(self, name: str) -> tuple[str, ...]:
        """The entries of a list separated by `;`, outside brackets, each once."""
        found = (" ".join(part.split()) for part in re.split(r";(?![^()]*\))", self.raw(name)))
        entries = tuple(dict.fromkeys(entry for entry in found if entry))
        if len(entries) > LIST_MAX:
            self.wrong(name, f"has {len(entries)} entries; {LIST_MAX} is the most")
            return ()
        return entries

    def perhaps(self, said: str, known: Iterable[str]) -> str:
        """`; did you mean …?` where a known name is near, else a few that there are."""
        if self._findings.is_full:
            return ""
        names = sorted(known)
        near = difflib.get_close_matches(said.lower()[:VALUE_SHOWN_MAX], names, 1, LIKENESS_MIN)
        return f"; did you mean {near[0]}?" if near else f"; write one of {', '.join(names[:NAMES_SHOWN_MAX])} …"

    def wrong(self, name: str, message: str, value: str = "") -> None:
        """A problem: the row will be refused."""
        self.problems.append(Problem(row=self.row.number, field=name, message=message, value=shown(value)))

    def note(self, name: str, message: str) -> None:
        """Something to know."""
        self._findings.note(self.row.number, name, message)
