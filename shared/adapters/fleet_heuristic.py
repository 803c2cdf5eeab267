"""The embedded planner of rounds: insertion and repair, without a solver."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.logistics.timechain.fleet import Rounds, route_many
from shared.logistics.timechain.route import Courier, Stop, Ways


class HeuristicFleet:
    """Satisfies shared.ports.Fleet."""

    async def plan(self, couriers: Sequence[Courier], stops: Sequence[Stop], ways: Ways) -> Rounds:
        """Rounds for several couriers; beside the event loop, which goes on answering. Raises BadRound."""
        return await asyncio.to_thread(route_many, couriers, stops, ways)
