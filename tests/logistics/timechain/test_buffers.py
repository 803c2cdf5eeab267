"""The settled rule for reserves, with its own figures."""

from __future__ import annotations

import pytest

from shared.logistics.timechain.buffers import Reliability, buffer_minutes
from shared.logistics.timechain.model import Kind


@pytest.mark.parametrize(
    ("kind", "reliability", "is_rush", "is_bad", "minutes"),
    [
        ("customization", "high", False, False, 35),  # 100 x .35
        ("delivery", "medium", False, False, 40),
        ("pickup", "low", False, False, 60),
        ("assembly", "high", True, False, 36),  # 100 x .30 x 1.20
        ("delivery", "high", False, True, 29),  # 100 x .25 x 1.15 = 28.75
        ("delivery", "low", True, True, 90),  # 100 x .65 x 1.38 = 89.7
        ("processing", "medium", False, False, 25),
        ("wait", "low", True, True, 0),
    ],
)
def test_the_rule(kind: Kind, reliability: Reliability, is_rush: bool, is_bad: bool, minutes: int) -> None:
    assert buffer_minutes(kind, 100, reliability, is_rush=is_rush, is_bad_weather=is_bad) == minutes


def test_no_rounding_error_makes_a_minute_more() -> None:
    assert buffer_minutes("pickup", 50, "high") == 10
    assert buffer_minutes("pickup", 51, "high") == 11
    assert buffer_minutes("delivery", 0, "low", is_rush=True) == 0
