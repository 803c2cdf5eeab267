"""`python -m devhost`: run the Functions app in a folder."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devhost.config import ConfigError
from devhost.host import Host, Options
from devhost.index import Refused
from devhost.routes import RouteError
from devhost.store import StoreBusy

_RULE = "─" * 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; 0 after a clean end, 1 where the app or its settings are refused."""
    options = _options(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO, stream=sys.stderr)
    for name in ("azure", "asyncio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    os.chdir(options.app)
    try:
        asyncio.run(_serve(options))
    except (ConfigError, Refused, RouteError, StoreBusy) as refused:
        print(f"This app does not start.\n\n{refused}", file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        where = f"{options.address}:{options.port}"
        print(f"Cannot listen on {where}: {error.strerror}. Give another --port.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m devhost", description="Run an Azure Durable Functions app on this machine."
    )
    parser.add_argument("--app", type=Path, default=Path(), help="folder of function_app.py (default: this one)")
    parser.add_argument("--port", type=int, default=7071, help="port to listen on (default: 7071)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument("--data", type=Path, help="folder of the store (default: .devhost in the app's folder)")
    parser.add_argument(
        "--clock", choices=("real", "frozen"), default="real", help="frozen: time moves only on request"
    )
    parser.add_argument("--survive-power-loss", action="store_true", help="sync the disk at every commit (slower)")
    given = parser.parse_args(arguments)
    app = given.app.resolve()
    return Options(
        app=app,
        data=(given.data or app / ".devhost").resolve(),
        address=given.host,
        port=given.port,
        is_frozen=given.clock == "frozen",
        survives_power_loss=given.survive_power_loss,
    )


async def _serve(options: Options) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    host = await Host.start(options)
    try:
        print(_greeting(host, options), flush=True)  # noqa: T201
        await stop.wait()
    finally:
        await host.close()
    print("Stopped. What is unfinished goes on at the next start.")  # noqa: T201


def _greeting(host: Host, options: Options) -> str:
    """What runs where, for the person who started it."""
    lines = [f"devhost runs {options.app} at {host.url}", _RULE]
    for function in host.listing():
        detail = function.get("url") or function.get("schedule") or ""
        methods = ",".join(function.get("methods", ())) or ("any" if "url" in function else "")
        auth = f"  ({function['auth']})" if function.get("auth", "anonymous") != "anonymous" else ""
        lines.append(f"  {function['name']:<28} {function['trigger']:<21} {methods:<9} {detail}{auth}".rstrip())
    lines += [
        _RULE,
        f"  store      {options.data}",
        f"  clock      {'frozen at ' + host.clock.now().isoformat() if host.clock.is_frozen else 'real'}",
        f"  key        {host.keys.default}   (functions; as ?code= or x-functions-key)",
        f"  master key {host.keys.master}",
        "Ctrl-C ends it.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
