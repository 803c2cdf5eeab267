"""CSV in: bytes to text, text to records; a broken record never takes the next ones with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.discovery.manifests.rows import CELL_LENGTH_MAX, COLUMNS_MAX, ROWS_MAX, Findings, Problem, Row, shown

DELIMITERS = ",;\t|"
LINES_PER_ROW_MAX = 200
LINES_MAX = 20 * ROWS_MAX


@dataclass(frozen=True)
class Table:
    """A header and the records below it, each with its number as a spreadsheet counts."""

    header: tuple[str, ...]
    records: tuple[tuple[int, tuple[str, ...]], ...]

    def rows(self, names: Sequence[str | None]) -> list[Row]:
        """Records by other names; a column named None is left out."""
        return [
            Row(number, {name: cell for name, cell in zip(names, cells, strict=True) if name})
            for number, cells in self.records
        ]


def text_of(data: bytes, findings: Findings) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else as Western European (Windows-1252), with a note."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.note(0, "file", "it is not UTF-8 and was read as Western European (Latin-1); check accented letters")
        return data.decode("cp1252", errors="replace")


def table_of(text: str, findings: Findings) -> Table:
    """The table in a text; what cannot be read of it is among the findings."""
    lines = list(io.StringIO(text, newline=""))
    if len(lines) > LINES_MAX:
        findings.reject(f"it has more than {LINES_MAX} lines; send it in parts")
        return Table((), ())
    delimiter = _delimiter(lines)
    records = _records(lines, delimiter)
    first = next(((number, cells) for number, cells, _ in records if any(cells)), None)
    if first is None:
        findings.reject("it is empty; send a header and a row for each offer")
        return Table((), ())
    header = tuple(cell.strip() for cell in first[1])
    if len(header) > COLUMNS_MAX:
        findings.reject(f"it has {len(header)} columns; {COLUMNS_MAX} is the most")
        return Table((), ())
    return _body(header, records, findings)


def _body(header: tuple[str, ...], records: Iterator[tuple[int, list[str], str]], findings: Findings) -> Table:
    kept: list[tuple[int, tuple[str, ...]]] = []
    count = 0
    for number, cells, broken in records:
        if not broken and not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > ROWS_MAX:
            findings.reject(f"it has more than {ROWS_MAX} rows; send it in parts")
            return Table(header, ())
        problem = broken or _misfit(header, cells)
        if problem:
            findings.refuse([Problem(row=number, field="row", message=problem, value=shown(cells[0] if cells else ""))])
            continue
        kept.append((number, tuple(cells[: len(header)]) + ("",) * (len(header) - len(cells))))
    return Table(header, tuple(kept))


def _misfit(header: Sequence[str], cells: Sequence[str]) -> str:
    if any(cell.strip() for cell in cells[len(header) :]):
        return f"has {len(cells)} cells under {len(header)} columns; put text with commas into quotation marks"
    if any(len(cell) > CELL_LENGTH_MAX for cell in cells):
        return f"has a cell of more than {CELL_LENGTH_MAX} characters; shorten it"
    return ""


def _delimiter(lines: Sequence[str]) -> str:
    """What stands most often between the names of the header, outside quotation marks."""
    header = next((line for line in lines if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (unquoted.count(mark), -DELIMITERS.index(mark)))


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Number, cells, and what is wrong with the record as such.

    A quotation mark that nobody closes would swallow the rest of the file: a record over several lines that does not
    fit the header is given up, and reading goes on with its second line.
    """
    start, number, width = 0, 0, 0
    while start < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter)
        before, restarted = 0, False
        while not restarted:
            number += 1
            cells, fault = _next(reader)
            if cells is None and not fault:
                return
            taken = reader.line_num - before
            if fault or (taken > 1 and (taken > LINES_PER_ROW_MAX or (width and len(cells or ()) != width))):
                yield number, [lines[start + before].strip()[:CELL_LENGTH_MAX]], _UNCLOSED
                start, restarted = start + before + 1, True
                continue
            width = width or len(cells or ())
            before = reader.line_num
            yield number, cells or [], ""


_UNCLOSED = "opens a quotation mark that does not close; close it, or write two of them for one that is meant"


def _next(reader: Iterator[list[str]]) -> tuple[list[str] | None, bool]:
    """The next record, or None at the end; whether it cannot be read."""
    try:
        return next(reader), False
    except StopIteration:
        return None, False
    except csv.Error:
        return None, True
