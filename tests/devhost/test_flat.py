"""Memory, file descriptors, threads and the store stay flat over 10,000 instances."""

import gc
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from devhost.testing import DevHost

APP = Path(__file__).parent / "apps" / "flat"
HOUR = timedelta(hours=1)
API = "/runtime/webhooks/durabletask"
BATCH = 250
# What a run adds by itself (fragments of the heap) is some 0.2 MB, however long it is. The least that could be kept of
# an instance, its id in a set or a dictionary, is 200 bytes: 2 MB after 10,000.
GROWTH_BYTES_MAX = 2 * 1024 * 1024
# Connections to the host come and go; a leak of one in a thousand instances would be 10 descriptors.
DESCRIPTORS_MAX = 5


def run(host: DevHost, name: str, number: int, output: object) -> None:
    """Instances in batches, each purged once it has ended; the clock moves past timers that were taken back."""
    for _ in range(0, number, BATCH):
        names = [host.start(name, "input") for _ in range(BATCH)]
        host.settle()
        assert host.result(names[-1]) == output
        host.advance(2 * HOUR)
        host.http.delete(f"{API}/instances/?createdTimeFrom=2000-01-01T00:00:00Z").raise_for_status()
        assert host.http.get(f"{API}/instances/").json() == []
        assert host.http.get(f"{API}/entities/").json() == []


def resident_bytes() -> int:
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("name", "output", "warm_up", "measured"), [("nothing", "input", 2_000, 10_000), ("busy", "done", 500, 1_500)]
)
def test_flat_over_many_instances(tmp_path: Path, name: str, output: str, warm_up: int, measured: int) -> None:
    with DevHost(APP, data=tmp_path) as host:
        run(host, name, warm_up, output)
        memory, files, store = resident_bytes(), descriptors(), stored(tmp_path)
        run(host, name, measured, output)
        assert resident_bytes() - memory < GROWTH_BYTES_MAX
        assert abs(descriptors() - files) <= DESCRIPTORS_MAX
        assert stored(tmp_path) <= 2 * store, "the store takes up again the room of what was purged"


def stored(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_nothing_is_left_of_a_host(tmp_path: Path) -> None:
    """Twenty hosts one after the other: no descriptor, thread or much memory more than after the first few."""
    for _ in range(5):
        visit(tmp_path)
    memory, files, tasks = resident_bytes(), descriptors(), threading.active_count()
    for _ in range(20):
        visit(tmp_path)
    assert descriptors() == files
    assert threading.active_count() == tasks
    assert resident_bytes() - memory < GROWTH_BYTES_MAX


def visit(folder: Path) -> None:
    with DevHost(APP, data=folder / "visited") as host:
        assert host.result(host.start("nothing", 1)) == 1
