"""Starts the npm server that stands in for Azure Cosmos DB; `npm ci` installs it on first use."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent
INSTALL_SECONDS_MAX = 300
END_SECONDS_MAX = 10


def why_not() -> str | None:
    """Why the server cannot be started on this machine, or None."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    return (
        f"the Cosmos DB store is tested against a Node server: {' and '.join(missing)} not found" if missing else None
    )


def install() -> None:
    """Install what package-lock.json pins, once, whichever process comes first."""
    lock, done = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed"
    with (FOLDER / "server.js").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if done.exists() and done.read_bytes() == lock.read_bytes():
            return
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=INSTALL_SECONDS_MAX)
        done.write_bytes(lock.read_bytes())


@contextmanager
def running() -> Iterator[str]:
    """The endpoint of a fresh, empty server; it ends with the block."""
    install()
    process = subprocess.Popen(["node", "server.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}/"
    finally:
        process.terminate()
        process.wait(END_SECONDS_MAX)
        process.stdin.close()
        process.stdout.close()
