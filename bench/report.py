"""What people and machines read of a run."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.rounds import Row

_LIBRARIES = ("azure-functions", "azure-functions-durable", "durabletask", "starlette", "uvicorn")


def machine() -> dict[str, Any]:
    """Where and when a run took place, and how busy the machine was at its start."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def table(rows: Iterable[Row]) -> str:
    """Aligned columns, measurement by measurement."""
    cells = [("", "", "median", "min - max", "aim", "", "beside"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for number, line in enumerate(cells):
        if number and line[0] != cells[number - 1][0]:
            lines += ["", line[0]]
        shown = [f"{line[1]:<{widths[1]}}", *(f"{line[i]:>{widths[i]}}" for i in (2, 3, 4))]
        lines.append(f"  {'  '.join(shown)}  {line[5]:<{widths[5]}}  {line[6]}".rstrip())
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    unit, aim = row.measurement.unit, row.contender.aim
    sign = ">=" if row.measurement.is_rate else "<="
    return (
        row.measurement.title,
        row.contender.label,
        f"{_number(row.median)} {unit}",
        f"{_number(min(row.figures))} - {_number(max(row.figures))}",
        f"{sign} {_number(aim)} {unit}" if aim is not None else "",
        _verdict(row.is_aim_met),
        _beside(row),
    )


def _beside(row: Row) -> str:
    if row.ratio is None:
        return ""
    if row.ratio >= 1:
        text = f"{row.ratio:.2f} x as fast as {row.contender.beside}"
    else:
        text = f"takes {1 / row.ratio:.2f} x as long as {row.contender.beside}"
    if row.contender.level is None:
        return text
    return f"{text} (aim >= {row.contender.level:g} x as fast: {_verdict(row.is_level_met)})"


def _verdict(is_met: bool | None) -> str:  # noqa: FBT001
    return {True: "met", False: "missed", None: ""}[is_met]


def _number(figure: float) -> str:
    if figure >= 1_000:
        return f"{figure:,.0f}"
    return f"{figure:.3g}" if figure < 100 else f"{figure:.0f}"


def json_lines(about: dict[str, Any], rows: Iterable[Row]) -> Iterator[str]:
    """First the machine, then a line a row; ratio is how many times as fast as `beside`."""
    yield json.dumps({"run": about})
    for row in rows:
        yield json.dumps(
            {
                "measurement": row.measurement.name,
                "contender": row.contender.label,
                "unit": row.measurement.unit,
                "median": row.median,
                "min": min(row.figures),
                "max": max(row.figures),
                "rounds": list(row.figures),
                "aim": row.contender.aim,
                "is_aim_met": row.is_aim_met,
                "beside": row.contender.beside,
                "ratio": row.ratio,
                "ratio_aim": row.contender.level,
                "is_ratio_aim_met": row.is_level_met,
            }
        )
