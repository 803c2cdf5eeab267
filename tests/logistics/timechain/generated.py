"""Random chains, selections and rounds of stops for the tests, small enough to be proved optimal."""

from __future__ import annotations

from math import dist
from random import Random

from shared.logistics.timechain.calendar import Calendar
from shared.logistics.timechain.choices import Candidate, Item, Order, Transfer
from shared.logistics.timechain.model import Chain, Leg, Precedence, Together
from shared.logistics.timechain.route import Courier, Stop

HORIZON = 2_000
KINDS = ("pickup", "processing", "customization", "assembly", "delivery")


def calendar(random: Random, horizon: int = HORIZON) -> Calendar:
    """Openings of 60 to 240 minutes with gaps of 20 to 200 between, and something busy."""
    openings, at = [], random.randint(0, 120)
    while at < horizon:
        length = random.randint(60, 240)
        openings.append((at, at + length))
        at += length + random.randint(20, 200)
    busy = [(begin, begin + random.randint(5, 60)) for begin in random.sample(range(horizon), 3)]
    return Calendar(openings, busy)


def chain(random: Random, legs: int, lag_max_share: float = 0.4, calendar_share: float = 0.6) -> Chain:
    """Legs each after one or two before it; some lags are longest too, some ends are together, some legs are due."""
    made = tuple(
        Leg(
            f"leg-{n}",
            random.choice(KINDS),
            random.randint(5, 45),
            random.randint(0, 10),
            calendar(random) if random.random() < calendar_share else None,
            ready_from=random.randint(0, 200) if random.random() < 0.3 else None,
            due=random.randint(300, 1_500) if random.random() < 0.1 else None,
        )
        for n in range(legs)
    )
    precedences = []
    for after in range(1, legs):
        for before in random.sample(range(after), min(after, random.choice((1, 1, 2)))):
            lag_min = random.randint(0, 30)
            lag_max = lag_min + random.randint(0, 120) if random.random() < lag_max_share else None
            precedences.append(Precedence(f"leg-{before}", f"leg-{after}", lag_min, lag_max))
    togethers: tuple[Together, ...] = ()
    if legs > 1 and random.random() < lag_max_share:
        a, b = random.sample(range(legs), 2)
        togethers = (Together(f"leg-{a}", f"leg-{b}", random.randint(0, 60)),)
    deadline = random.randint(200, 1_500) if random.random() < 0.5 else None
    return Chain(made, tuple(precedences), togethers, random.randint(0, 100), deadline)


def order(random: Random, items: int, choices: int, hubs: int = 2, couriers: int = 2) -> Order:
    """Every item with its own vendors and customizers; some pairs cannot be."""

    def candidates(name: str, count: int) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(
                f"{name}-{n}",
                random.randint(5, 60),
                random.randint(100, 3_000),
                random.randint(0, 10),
                calendar(random) if random.random() < 0.6 else None,
                random.randint(0, 300) if random.random() < 0.3 else None,
            )
            for n in range(count)
        )

    made = tuple(
        Item(f"item-{n}", candidates(f"v{n}", choices), candidates(f"c{n}", choices) if random.random() < 0.7 else ())
        for n in range(items)
    )
    all_hubs, all_couriers = candidates("hub", hubs), candidates("courier", couriers)
    pairs = [(a.id, b.id) for item in made for a in item.vendors for b in item.customizers or all_hubs]
    pairs += [(a.id, b.id) for item in made for a in item.customizers for b in all_hubs]
    pairs += [(a.id, b.id) for a in all_hubs for b in all_couriers]
    transfers = {
        pair: Transfer(random.randint(5, 60), random.randint(0, 1_000)) for pair in pairs if random.random() < 0.95
    }
    return Order(made, all_hubs, all_couriers, transfers, random.randint(0, 100), random.randint(250, 900))


def round_of(
    random: Random, jobs: int, couriers: int = 1
) -> tuple[list[Courier], list[Stop], dict[tuple[str, str], int]]:
    """Pickups with their deliveries, a lone stop here and there, windows that not always fit, a small bag."""
    places = {f"courier-{n}": (random.random() * 40, random.random() * 40) for n in range(couriers)}
    stops = []
    for n in range(jobs):
        first, width = random.randint(0, 150), random.randint(20, 200)
        stops.append(Stop(f"pickup-{n}", random.randint(1, 8), first, first + width, None, 1))
        if random.random() < 0.85:
            later = first + random.randint(0, 60)
            stops.append(Stop(f"delivery-{n}", random.randint(1, 8), later, later + width, f"pickup-{n}", -1))
    places |= {stop.id: (random.random() * 40, random.random() * 40) for stop in stops}
    ways = {(a, stop.id): 2 + round(dist(places[a], places[stop.id])) for a in places for stop in stops if a != stop.id}
    load_max = random.choice((2, 3, 1_000))
    return [Courier(f"courier-{n}", random.randint(0, 60), 600, load_max) for n in range(couriers)], stops, ways
