"""Rounds: the shortest of all, as long as walking them says."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest

from shared.logistics.geo import Point, distance_metres
from shared.orders import rounds
from tests.orders.made_up import AUSTIN, HOME, MONDAY, START, shortest, somewhere, walked


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_doors_is_the_best_and_takes_as_long_as_it_is_walked(seed: int) -> None:
    random = Random(seed)
    doors = [somewhere(random) for _ in range(random.randint(1, 6))]
    path = rounds.path_of([*doors, *doors[:1]], HOME)
    assert sorted(path[:-1], key=str) == sorted(set(doors), key=str)
    assert path[-1] == HOME
    assert sum(distance_metres(a, b) for a, b in pairwise(path)) == shortest(list(set(doors)), HOME)
    depart = random.randint(0, 1_440)
    minutes = rounds.ride_minutes(path, START + depart, "car", AUSTIN)
    assert minutes == walked(list(path), MONDAY + timedelta(minutes=depart))
    assert rounds.quickest_minutes(path, "car") <= minutes


def test_many_doors_have_an_order_all_the_same() -> None:
    random = Random(1)
    doors = [somewhere(random) for _ in range(rounds.DOORS_EXACT_MAX + 5)]
    path = rounds.path_of(doors, HOME)
    assert set(path[:-1]) == set(doors)
    assert len(path) == len(doors) + 1


def test_nobody_leaves_later_and_arrives_earlier() -> None:
    random = Random(2)
    path = rounds.path_of([somewhere(random) for _ in range(3)], HOME)
    arrivals = [START + n + rounds.ride_minutes(path, START + n, "car", AUSTIN) for n in range(0, 1_440, 3)]
    assert arrivals == sorted(arrivals)


def test_kilometres_that_are_begun_count() -> None:
    here, there = Point(lat=30, lng=-97), Point(lat=30.01, lng=-97)
    metres = distance_metres(here, there) * 130 // 100
    assert rounds.whole_km((here, there)) == metres // 1_000 + 1
    assert rounds.whole_km((here,)) == 0
    assert rounds.ride_minutes((here,), START, "car", AUSTIN) == rounds.HAND_OVER_MINUTES


def test_what_is_too_far_is_not_near() -> None:
    path = (Point(lat=30, lng=-97), Point(lat=31, lng=-97))
    assert rounds.ride_minutes(path, START, "bike", AUSTIN) > rounds.TOO_FAR_MINUTES
