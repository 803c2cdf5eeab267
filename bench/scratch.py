"""What several probes need: where the app is, folders for a while, free ports."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "bench" / "apps" / "flows"
RESULTS = ROOT / "bench" / "results"
GREETINGS = ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]


def folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes when it is left; in a probe's process it lies where `RESULTS` is."""
    return tempfile.TemporaryDirectory()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
