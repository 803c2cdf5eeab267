"""The platform's own CSV: the columns of rows.COLUMNS by their names, in any order, those left out being empty."""

from __future__ import annotations

from shared.discovery.manifests.rows import COLUMNS, EXTRA, Findings, Row
from shared.discovery.manifests.tables import Table

NEEDED = ("sku", "title", "price")


def fits(header: tuple[str, ...]) -> bool:
    """Whether a table is in this shape: what is needed and at least one more column of ours, and hardly others."""
    names = {name.lower() for name in header}
    others = names - set(COLUMNS) - set(EXTRA)
    return names.issuperset(NEEDED) and "kind" in names and len(others) <= 3


def rows(table: Table, findings: Findings) -> list[Row]:
    """The rows, by our columns; others are left out with a note."""
    names: list[str | None] = []
    for title in table.header:
        name = title.lower()
        known = name in COLUMNS or name in {"status", "link", "currency"}
        if name in names:
            findings.reject(f"it has the column {name} twice; leave one of them out")
            return []
        if name and not known:
            findings.note(0, "header", f"the column {title!r} is none of ours and was left out")
        names.append(name if known else None)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        begins = ",".join(COLUMNS[:6])
        findings.reject(f"it has no column {' and no column '.join(missing)}; the header begins {begins}")
        return []
    found = table.rows(names)
    # The columns of attributes say all there is to say, here; an empty one is no invitation to guess.
    return [Row(row.number, {"kind": "", **row.fields}) for row in found]
