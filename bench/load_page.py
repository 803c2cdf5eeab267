"""The figures of `python -m bench load` as tables between two marks of docs/load.md, and as a plot, docs/load.svg."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log10
from typing import Any
from xml.sax.saxutils import escape

from bench.scratch import ROOT

PAGE = ROOT / "docs" / "load.md"
PLOT = ROOT / "docs" / "load.svg"
BEGINS, ENDS = "<!-- figures: python -m bench load --write -->", "<!-- end of the figures -->"
COLOURS = ("#1f5fbf", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0e7490")
WIDTH, HEIGHT, PANEL = 920, 380, 300
LEFT, TOP, BOTTOM = 60, 60, 320
LABEL_STEP = 14

Row = Mapping[str, Any]
Line = tuple[str, list[tuple[float, float]]]
"""A kind of call and its points, x and y."""


def write(about: Mapping[str, Any], starts: Sequence[Row], rows: Sequence[Row]) -> None:
    """Put the figures into the page and the plot beside it; RuntimeError where the page has lost its marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        raise RuntimeError(f"{PAGE} has not both marks: {BEGINS} {ENDS}")
    figures = "\n".join(_figures(about, starts, rows))
    PAGE.write_text(f"{before}{BEGINS}\n{figures}\n{ENDS}{after}", encoding="utf-8")
    PLOT.write_text("\n".join(_plot(rows)) + "\n", encoding="utf-8")


def _figures(about: Mapping[str, Any], starts: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    yield f"{about['time'][:10]}, {about['cpus']} CPUs (load {about['load']} at the start), {about['system']},"
    yield f"Python {about['python']}. In brackets: times the health route in the same turns."
    yield "\n### Start and memory\n"
    yield from _table(
        ("products", "first answer", "first search", "memory then", "memory after the load"),
        (
            (f"{one['products']:,}", f"{one['health_s']} s", f"{one['search_s']} s", f"{one['rss_mb']} MB",
             f"{one['rss_after_mb']} MB")
            for one in starts
        ),
    )  # fmt: skip
    for start in starts:
        yield f"\n### {start['products']:,} products\n"
        some = [one for one in rows if one["products"] == start["products"]]
        yield from _table(("call", "clients", "p50 ms", "p99 ms", "calls/s", "health calls/s"), map(_speed, some))
    yield "\n### What a call costs the host\n"
    yield "With one client, until all that it has set going is done.\n"
    alone = [one for one in rows if one["clients"] == 1]
    yield from _table(("call", "products", "CPU ms", "KB written", "functions run"), map(_cost, alone))


def _speed(one: Row) -> tuple[str, ...]:
    return (
        one["kind"],
        str(one["clients"]),
        f"{one['p50_ms']:.1f} ({one['p50_ratio']:.1f})",
        f"{one['p99_ms']:.1f} ({one['p99_ratio']:.1f})",
        f"{one['per_second']:.1f} ({one['rate_ratio']:.3f})",
        f"{one['health_per_second']:.0f}",
    )


def _cost(one: Row) -> tuple[str, ...]:
    figures = (f"{one[name]:,.0f}" for name in ("cpu_ms", "written_kb", "executions"))
    return (one["kind"], f"{one['products']:,}", *figures)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _plot(rows: Sequence[Row]) -> Iterator[str]:
    alone = [one for one in rows if one["clients"] == min(one["clients"] for one in rows)]
    least = [one for one in rows if one["products"] == min(one["products"] for one in rows)]
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
    yield '  font-size="12" fill="#222">'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    growth = list(_lines(alone, "products", "p50_ratio"))
    yield from _panel(LEFT, "One client: median, times health, by products", growth)
    crowd = list(_lines(least, "clients", "per_second"))
    yield from _panel(LEFT + WIDTH // 2, f"{least[0]['products']:,} products: calls a second, by clients", crowd)
    yield "</svg>"


def _lines(rows: Sequence[Row], across: str, up: str) -> Iterator[Line]:
    for kind in dict.fromkeys(one["kind"] for one in rows):
        yield kind, [(one[across], one[up]) for one in rows if one["kind"] == kind]


def _panel(left: int, title: str, lines: Sequence[Line]) -> Iterator[str]:
    """Both axes logarithmic; every line has its name at its end."""
    across = sorted({x for _, points in lines for x, _ in points})
    values = [y for _, points in lines for _, y in points]
    low, high = _decade(min(values), up=False), _decade(max(values), up=True)

    def at(x: float, y: float) -> tuple[float, float]:
        share = 0.0 if len(across) == 1 else log10(x / across[0]) / log10(across[-1] / across[0])
        return left + share * PANEL, BOTTOM - (log10(y) - low) / (high - low) * (BOTTOM - TOP)

    yield f'<text x="{left}" y="{TOP - 24}" font-weight="bold">{escape(title)}</text>'
    for power in range(low, high + 1):
        height = at(across[0], 10.0**power)[1]
        yield f'<path d="M{left} {height:.0f}h{PANEL}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{height + 4:.0f}" text-anchor="end">{10.0**power:g}</text>'
    for x in across:
        yield f'<text x="{at(x, 10.0**low)[0]:.0f}" y="{BOTTOM + 20}" text-anchor="middle">{x:,}</text>'
    yield from _drawn(lines, {name: [at(*point) for point in points] for name, points in lines})


def _drawn(lines: Sequence[Line], drawn: Mapping[str, Sequence[tuple[float, float]]]) -> Iterator[str]:
    """The lines, and their names one below the other where their ends are close."""
    colours = dict(zip((name for name, _ in lines), COLOURS, strict=False))
    last = 0.0
    for name in sorted(drawn, key=lambda one: drawn[one][-1][1]):
        points, colour = drawn[name], colours[name]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
        last = max(points[-1][1] + 4, last + LABEL_STEP)
        yield f'<text x="{points[-1][0] + 8:.1f}" y="{last:.1f}" fill="{colour}">{escape(name)}</text>'


def _decade(value: float, *, up: bool) -> int:
    """The power of ten at or beyond a value."""
    power = int(log10(value) // 1)
    return power + 1 if up else power
