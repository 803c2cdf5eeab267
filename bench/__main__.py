"""`python -m bench [name ...]`: measure, print one table for people and JSON lines for machines."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bench import report
from bench.catalogue import MEASUREMENTS, ROUNDS_QUICK, Measurement, named
from bench.rounds import Row, measure


def main() -> int:
    """Run what is asked for; 1 where a contender gave no figure. A missed aim is information, not a failure."""
    if sys.argv[1:2] == ["load"]:
        from bench import load  # what the app needs, which the others do not

        return load.main(sys.argv[2:])
    given = _arguments()
    if given.list:
        for one in MEASUREMENTS:
            print(f"{one.name:<10} {one.title}: {'; '.join(c.label for c in one.contenders)}")
        print(f"{'load':<10} the whole app over HTTP as it grows, by itself: python -m bench load [--quick] [--write]")
        return 0
    wanted = [named(name) for name in given.names] or list(MEASUREMENTS)
    about = report.machine()
    print(f"{about['cpus']} CPUs, load {about['load']}, Python {about['python']}, {about['system']}", file=sys.stderr)
    rows, failures = asyncio.run(_measure_all(wanted, is_quick=given.quick))
    _print(report.table(rows), list(report.json_lines(about, rows)), given.json)
    for failure in failures:
        print(f"\nNo figures: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure devhost and its peers in turn.")
    names = [one.name for one in MEASUREMENTS]
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(names)} (default: all)")
    parser.add_argument("--list", action="store_true", help="show what there is to measure")
    parser.add_argument("--quick", action="store_true", help="one round each instead of several")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON lines there instead of printing them")
    given = parser.parse_args()
    for name in set(given.names) - set(names):
        parser.error(f"there is no measurement '{name}'; there are {', '.join(names)}")
    return given


async def _measure_all(wanted: list[Measurement], *, is_quick: bool) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    failures: list[str] = []
    for one in wanted:
        print(f"measuring {one.name} ...", file=sys.stderr, flush=True)
        reached, missing = await measure(one, ROUNDS_QUICK if is_quick else one.rounds)
        rows += reached
        failures += missing
    return rows, failures


def _print(table: str, lines: list[str], file: Path | None) -> None:
    print(table)
    if file is None:
        print("", *lines, sep="\n")
    else:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
