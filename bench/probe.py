"""`python -m bench.probe MEASUREMENT NUMBER`: one contender in a process of its own.

Every line on stdin is one round; its figure goes back as a line on stdout. The end of stdin is the end.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TextIO

from bench.catalogue import Probe, named


async def _serve(probe: Probe, answers: TextIO) -> None:
    async with probe() as one_round:
        while await asyncio.to_thread(sys.stdin.readline):
            print(await one_round(), file=answers, flush=True)


def main() -> None:
    """Measure for as long as asked; whatever else is printed goes to stderr."""
    name, number = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    asyncio.run(_serve(named(name).contenders[int(number)].load(), answers))


if __name__ == "__main__":
    main()
