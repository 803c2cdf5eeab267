"""The loop: what is to come next comes next, then everybody looks around; at the end, weeks go by."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from tests.simulation import mischief, waiters
from tests.simulation.mischief import Dice
from tests.simulation.mortal import MONDAY, Mortal
from tests.simulation.world import World

LOOKS = timedelta(minutes=12)
"""How often everybody looks around, whatever happens."""
OPEN_HOURS = 9
"""From the first order of a day to its last."""
EVENING_DAYS = 1
WEEKS_DAYS = (1, 1, 1, 1, 3, 7, 7, 7, 7)
"""How long the host is off between two short lives, at the end."""


class Day:
    """One run. orders: how many customers come; days: over how many days. say: where the log goes."""

    def __init__(self, mortal: Mortal, seed: int, orders: int, days: int, say: Callable[[str], None]) -> None:
        self.mortal = mortal
        self.dice = Dice(seed)
        self._say = say
        self._orders, self._days = orders, days
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self.world = World(self)

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.mortal.now

    def log(self, what: str) -> None:
        """A line of the log."""
        self._say(f"{self.now.astimezone(MONDAY.tzinfo):%a %H:%M:%S}  {what}")

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Let something come to pass at a moment, or now where that is over."""
        self._number += 1
        heapq.heappush(self._queue, (max(moment, self.now), self._number, act))

    def later(self, span: timedelta, act: Callable[[], None]) -> None:
        """Let something come to pass later."""
        self.at(self.now + span, act)

    def run(self) -> None:
        """The days, and the evening after them; then the weeks."""
        self._plan()
        self._until(MONDAY + timedelta(days=self._days))
        self.world.closes()
        self._until(self.now + timedelta(days=EVENING_DAYS), looks=timedelta(hours=3))
        self.mortal.spare()
        for days in WEEKS_DAYS:
            self.world.clears_up()
            self._until(self.now + timedelta(hours=1), looks=timedelta(minutes=30))
            self.mortal.sleep_until(self.now + timedelta(days=days))

    def _plan(self) -> None:
        luck = self.dice("plan")
        for number in range(self._orders):
            moment = self._moment(luck)
            self.at(moment, partial(self.world.customer_comes, number))
        for number in range(max(3, self._orders // 2)):
            waiter = waiters.Waiter(self, waiters.FIRST + number)
            self.at(self._moment(luck), partial(self.world.comes, waiter))
        for _ in range(self._days * waiters.TURNS_A_DAY):
            self.at(self._moment(luck), partial(waiters.turns, self))
        for _ in range(self._days):
            self.at(self._moment(luck), self.world.rush)
        for _ in range(max(1, self._orders // 4)):
            commits = luck.randint(1, mischief.DEATH_COMMITS_MAX)
            self.at(self._moment(luck), partial(self.mortal.doom, commits))

    def _moment(self, luck: mischief.Random) -> datetime:
        return MONDAY + timedelta(days=luck.randrange(self._days), seconds=luck.randrange(OPEN_HOURS * 3600))

    def _until(self, end: datetime, looks: timedelta = LOOKS) -> None:
        looked = self.now
        while self.now < end:
            due = self._queue[0][0] if self._queue else end
            moment = min(due, looked + looks, end)
            self._go_to(moment)
            if self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.mortal.settle()
            looked = self.now
            waiters.bought(self.world)
            self.world.look_around()

    def _go_to(self, moment: datetime) -> None:
        if moment > self.now:
            self.mortal.go_to(moment)
