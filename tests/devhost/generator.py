"""Writes random programs of `programs.py`, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.devhost.programs import AmbiguousError, Data, Run, World

VALUES = (None, 0, False, "", "text", "ünïcode ✓", 3.5, [1, 2], {}, {"a": {"b": [None]}}, 10**12, "x" * 300)
TICKS_MAX = 240
STEPS = {"leaf": 30, "compound": 22, "race": 18, "drain": 8, "try": 6, "signal": 7, "status": 3, "uuid": 4}
LEAVES = {"echo": 20, "fail": 6, "flaky": 4, "timer": 20, "event": 8, "entity": 10, "sub": 8, "retry": 8}
DEPTH_MAX = 2


@dataclass(frozen=True)
class Scope:
    """Where a step is being written: the instance (None: its id is not known), its tick, its depth."""

    instance: str | None
    now: float
    depth: int
    began: float


class Generator:
    """Writes one program; the same seed and name give the same."""

    def __init__(self, seed: str, name: str, *, retries_stay_open: bool = False) -> None:
        self.retries_stay_open = retries_stay_open
        self.random = random.Random(f"{seed}/{name}")
        self.name = name
        self.ids = count(1)

    def program(self) -> Data:
        """A root program with one to three generations."""
        program = self.build(Scope(self.name, 0, 0, 0), generations=self.random.choice((1, 1, 2, 3)), steps=5)
        program["noise"] = [self.random.randrange(1, 40, 2)] if self.chance(0.3) else []
        return program

    def build(self, scope: Scope, *, generations: int, steps: int) -> Data:
        """Add step after step, each time anew as long as the whole would be ambiguous."""
        program: Data = {"entity": self.unique(), "generations": []}
        for _ in range(generations):
            written: list[Data] = []
            program["generations"].append(written)
            for _ in range(self.random.randint(1, steps)):
                if not self.add_step(program, written, scope):
                    return program
        return program

    def add_step(self, program: Data, written: list[Data], scope: Scope) -> bool:
        """Whether there is more to write: not after a failure that nothing catches."""
        for _ in range(20):
            run = self.play(program, scope)
            here = Scope(scope.instance, run.reached, scope.depth, run.began)
            written.append(self.step(here))
            try:
                run = self.play(program, scope)
            except AmbiguousError:
                written.pop()
                continue
            if run.tick - scope.now <= TICKS_MAX:
                return run.error is None
            written.pop()
        return True

    def play(self, program: Data, scope: Scope) -> Run:
        world = World(retries_stay_open=self.retries_stay_open)
        run = Run(world, program, scope.instance, scope.now, root=scope.depth == 0)
        run.play()
        return run

    def step(self, scope: Scope) -> Data:
        match self.pick(STEPS):
            case "leaf":
                return {"do": "task", "task": self.leaf(scope), "catch": self.chance(0.8)}
            case "compound":
                return {"do": "task", "task": self.compound(scope, 2), "catch": self.chance(0.8)}
            case "race":
                losers = self.random.choice(("cancel", "cancel", "forget", "await", "join"))
                return {"do": "race", "of": self.several(scope, 2, 4), "losers": losers}
            case "drain":
                return {"do": "drain", "of": self.several(scope, 2, 4), "ordered": self.chance(0.5)}
            case "try":
                inner = [self.step(scope) for _ in range(self.random.randint(1, 3))]
                if self.chance(0.4):
                    inner.append({"do": "raise", "token": self.unique()})
                return {"do": "try", "steps": inner}
            case "signal":
                op = self.random.choice(("add", "add", "spoil"))
                return {"do": "signal", "op": op, "value": self.random.randint(1, 99), "token": self.unique()}
            case "status":
                return {"do": "status", "value": {"at": self.unique()}}
            case _:
                return {"do": "uuid"}

    def several(self, scope: Scope, least: int, most: int) -> list[Data]:
        return [self.nested(scope, 1) for _ in range(self.random.randint(least, most))]

    def nested(self, scope: Scope, levels: int) -> Data:
        return self.compound(scope, levels) if levels and self.chance(0.2) else self.leaf(scope)

    def compound(self, scope: Scope, levels: int) -> Data:
        """A task_all or task_any, of leaves or of more of them; now and then an empty task_all."""
        if self.chance(0.04):
            return {"is": "all", "of": []}
        kind = self.random.choice(("all", "all", "any"))
        return {"is": kind, "of": [self.nested(scope, levels - 1) for _ in range(self.random.randint(1, 4))]}

    def leaf(self, scope: Scope) -> Data:
        kinds = LEAVES if scope.depth < DEPTH_MAX else {**LEAVES, "sub": 0}
        match self.pick(kinds):
            case "echo":
                return {"is": "echo", "value": self.value()}
            case "fail":
                return {"is": "fail", "value": self.unique()}
            case "flaky":
                return self.flaky(most=1)
            case "timer":
                return {"is": "timer", "ticks": 2 * self.random.randint(0, 12)}
            case "event":
                return self.event(scope)
            case "entity":
                op = self.random.choice(("add", "get", "spoil"))
                return {"is": "entity", "op": op, "value": self.random.randint(1, 99), "token": self.unique()}
            case "sub":
                return self.sub(scope, self.unique() if self.chance(0.5) else None)
            case _:
                return self.retry(scope)

    def flaky(self, most: int) -> Data:
        key, failures = self.unique(), self.random.randint(0, most)
        return {"is": "flaky", "key": key, "token": key, "failures": failures, "value": self.value()}

    def event(self, scope: Scope) -> Data:
        """One that was there before, one to come, or, where the id is not known, one that never does."""
        at: float | None = scope.now + self.random.randint(1, 14)
        if self.chance(0.4):
            at = self.random.randint(int(scope.began), int(scope.now))
        if at:
            at = int(at) // 2 * 2 + 1
        if scope.instance is None or self.chance(0.15):
            at = None
        twice = self.chance(0.3)
        return {"is": "event", "name": self.unique(), "value": self.value(), "at": at, "twice": twice}

    def sub(self, scope: Scope, instance: str | None) -> Data:
        below = Scope(instance, scope.now, scope.depth + 1, scope.now)
        program = self.build(below, generations=self.pick({1: 4, 2: 1}), steps=3)
        return {"is": "sub", "id": instance, "program": program}

    def retry(self, scope: Scope) -> Data:
        """Of an activity, or of a child that may fail; a child has a new id at every attempt."""
        inner = self.sub(scope, None) if scope.depth < DEPTH_MAX and self.chance(0.5) else self.flaky(most=3)
        attempts, ticks = self.random.randint(1, 4), 2 * self.random.randint(1, 3)
        return {"is": "retry", "of": inner, "attempts": attempts, "ticks": ticks}

    def value(self) -> Any:
        return self.random.choice(VALUES)

    def unique(self) -> str:
        return f"{self.name}x{next(self.ids)}"

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, weights: dict[Any, int]) -> Any:
        return self.random.choices(list(weights), list(weights.values()))[0]
