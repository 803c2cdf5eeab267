"""The table of routes that a cold start reads is what the rooms declare, no more and no less."""

from __future__ import annotations

from pathlib import Path

from triggers.register import ROOMS, endpoints_of, rows_of, table

TRIGGERS = Path(__file__).parents[2] / "triggers"


def test_the_table_is_what_is_declared() -> None:
    assert table() == rows_of(*ROOMS), "run `make routes`"


def test_every_room_is_in_it() -> None:
    files = [*TRIGGERS.glob("http_*.py"), *TRIGGERS.glob("webhook_*.py")]
    assert sorted(ROOMS) == sorted(f"triggers.{path.stem}" for path in files)


def test_rows_lead_back_to_their_endpoints() -> None:
    rows = table()
    assert [(one.name, one.method, one.path) for one in endpoints_of(rows)] == [row[1:4] for row in rows]
    assert len({(row.method, row.path) for row in rows}) == len({row.name for row in rows}) == len(rows)
