"""The table of flows that a cold start reads is what the files declare; and a cold start loads none of them."""

from __future__ import annotations

import json
import subprocess
import sys

from orchestrators.register import ROOMS, rows_of, table
from tests.conftest import ROOT


def test_the_table_is_what_is_declared() -> None:
    assert table() == rows_of(*ROOMS), "run `make routes`"
    names = [row.name for row in table()]
    assert len(set(names)) == len(names)


def test_every_file_that_declares_is_in_it() -> None:
    declaring = {
        f"{folder}.{path.stem}"
        for folder in ("activities", "entities", "orchestrators")
        for path in (ROOT / folder).glob("*.py")
        if "\nblueprint = df.Blueprint()" in path.read_text("utf-8")
    }
    assert set(ROOMS) == declaring


def test_a_cold_start_loads_no_flow() -> None:
    code = "import json, sys, function_app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(ROOMS).isdisjoint(json.loads(done.stdout))
