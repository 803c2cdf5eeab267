"""Timer triggers on real time."""

import time
from datetime import UTC, datetime
from pathlib import Path

from devhost.testing import DevHost

APP = """
import asyncio
import azure.functions as func

app = func.FunctionApp()

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
async def slow(timer: func.TimerRequest) -> None:
    await asyncio.sleep(1.5)
"""


YEARLY = """
import azure.functions as func

app = func.FunctionApp()

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
def yearly(timer: func.TimerRequest) -> None:
    pass
"""


def test_a_missed_run_is_caught_up_once_on_real_time_too(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(YEARLY)
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    with DevHost(tmp_path, data=tmp_path / "data", start=datetime(2020, 6, 1, tzinfo=UTC)) as host:
        host.settle()
    with DevHost(tmp_path, data=tmp_path / "data", clock="real") as host:
        host.settle(10)
        time.sleep(0.2)
        host.settle(10)
        assert host.meter()["functions"]["yearly"]["executions"] == 1


def test_a_run_that_is_under_way_is_not_due_again_until_it_has_ended(tmp_path: Path) -> None:
    """Otherwise the host would wake itself over and over for as long as the function runs."""
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    with DevHost(tmp_path, clock="real") as host:
        timers = host._host.timers
        deadline = time.monotonic() + 10
        while timers.lane.is_idle and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not timers.lane.is_idle
        assert timers.next_due() is None
        host.settle(10)
        assert host.meter()["functions"]["slow"]["executions"] >= 1
        assert timers.next_due() is not None
