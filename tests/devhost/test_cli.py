"""`python -m devhost` as a person uses it: what it prints, how it ends, what it refuses."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[2]


class Running:
    """A host in a process of its own, ready to answer."""

    def __init__(self, app: Path, data: Path, *more: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = launch(app, data, "--port", str(self.port), *more)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.url}/admin/host/status")
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.end(signal.SIGKILL))

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


def launch(app: Path, data: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "devhost", "--app", str(app), "--data", str(data), *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def refused(app: Path, data: Path, *more: str) -> str:
    process = launch(app, data, *more)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    return err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_app(folder: Path, source: str, host_json: str = '{"version": "2.0"}') -> Path:
    folder.mkdir()
    (folder / "function_app.py").write_text(source)
    (folder / "host.json").write_text(host_json)
    return folder


def test_it_lists_what_it_runs_and_ends_cleanly(tmp_path: Path) -> None:
    host = Running(APPS / "flows", tmp_path)
    started = httpx.post(f"{host.url}/runtime/webhooks/durabletask/orchestrators/chain", json={}).json()
    while httpx.get(started["statusQueryGetUri"]).status_code == 202:
        time.sleep(0.02)
    code, out, err = host.end()
    assert code == 0
    assert f"at {host.url}" in out
    assert "chain" in out
    assert "orchestrationTrigger" in out
    assert "Stopped" in out
    lines = [line for line in err.splitlines() if started["id"] in line and "chain" in line]
    assert "ms  Completed" in lines[-1]
    assert "Traceback" not in err


def test_one_host_a_store(tmp_path: Path) -> None:
    host = Running(APPS / "flat", tmp_path)
    message = refused(APPS / "flat", tmp_path, "--port", str(free_port()))
    assert f"process {host.process.pid}" in message
    assert "--data" in message
    host.end()
    Running(APPS / "flat", tmp_path).end()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    host = Running(APPS / "flat", tmp_path / "one")
    message = refused(APPS / "flat", tmp_path / "two", "--port", str(host.port))
    host.end()
    assert f"Cannot listen on 127.0.0.1:{host.port}" in message
    assert "--port" in message


@pytest.mark.parametrize(
    ("source", "host_json", "said"),
    [
        ("import nowhere_at_all", '{"version": "2.0"}', "function_app.py:1"),
        ("x = 1", '{"version": "2.0"}', "app"),
        ("x = 1", '{"version": "2.0", }}', "app"),
        ("x = 1", '{"version": 2', "host.json:1:"),
        ("x = (", '{"version": "2.0"}', "function_app.py:1"),
    ],
)
def test_an_app_that_cannot_start_is_told_in_a_sentence(tmp_path: Path, source: str, host_json: str, said: str) -> None:
    message = refused(write_app(tmp_path / "app", source, host_json), tmp_path / "data", "--port", "0")
    assert "This app does not start." in message
    assert said in message
    assert "Traceback" not in message


def test_a_frozen_clock_moves_on_request_and_keeps_its_time(tmp_path: Path) -> None:
    host = Running(APPS / "flows", tmp_path, "--clock", "frozen")
    before = httpx.get(f"{host.url}/admin/host/clock").json()
    assert before["frozen"] is True
    moved = httpx.post(f"{host.url}/admin/host/clock", json={"advance": 86_400.5})
    assert moved.status_code == 200
    assert moved.json()["now"] > before["now"]
    host.end(signal.SIGKILL)
    again = Running(APPS / "flows", tmp_path, "--clock", "frozen")
    assert httpx.get(f"{again.url}/admin/host/clock").json()["now"] == moved.json()["now"]
    for body in ({}, {"advance": -1}, {"advance": "x"}, {"to": "2030-01-01"}, [], {"advance": 1, "to": "x"}):
        answer = httpx.post(f"{again.url}/admin/host/clock", json=body)
        assert answer.status_code == 400, body
        assert "advance" in answer.json()["Message"]
    back = httpx.post(f"{again.url}/admin/host/clock", json={"to": before["now"]})
    assert back.status_code == 409
    again.end()


def test_a_real_clock_does_not_move(tmp_path: Path) -> None:
    host = Running(APPS / "flat", tmp_path)
    answer = httpx.post(f"{host.url}/admin/host/clock", json={"advance": 1})
    host.end()
    assert answer.status_code == 409
    assert "--clock frozen" in answer.json()["Message"]
