"""`python -m demo`: an order's money held in escrow, partly released, partly refunded, and its ledger verified."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devhost.testing import DevHost

ROOT = Path(__file__).parents[1]
ORDER, CUSTOMER = "demo-1", "ann"

VENDOR, BAKER = "vendor:rosie", "vendor:corner-bakery"
FEES, WORKER = "platform:fees", "worker:max"

# (what a person would say, the command)
STORY: list[tuple[str, dict[str, Any]]] = [
    ("Ann's $50.00 for the flowers are held.", {"kind": "hold", "leg": "flowers", "amount": 5000}),
    ("Ann's $30.00 for the cake are held.", {"kind": "hold", "leg": "cake", "amount": 3000}),
    (
        "Max picks the flowers up and scans the code: $6.00 at once.",
        {"kind": "pay_out", "leg": "flowers", "to": WORKER, "amount": 600},
    ),
    (
        "The flowers arrive: Rosie gets $39.00, the platform $5.00.",
        {"kind": "release", "leg": "flowers", "shares": [(VENDOR, 3900), (FEES, 500), (WORKER, 600)]},
    ),
    ("The cake is a little crushed: Ann gets $10.00 back.", {"kind": "refund", "leg": "cake", "amount": 1000}),
    (
        "The same message arrives a second time: nothing moves.",
        {"kind": "refund", "leg": "cake", "amount": 1000, "id": "5"},
    ),
    ("Somebody asks to refund the flowers, which are paid out: refused.", {"kind": "refund", "leg": "flowers"}),
]


def main() -> int:
    """Play the story; 0 if the ledger holds at its end."""
    with tempfile.TemporaryDirectory() as folder, _environment(DATA_DIR=folder), DevHost(ROOT) as host:
        _say(f"The app runs at {host.url}, on its embedded defaults; records in a folder that goes with it.\n")
        for number, (words, command) in enumerate(STORY, 1):
            outcome = _move(host, {"id": str(number), **command})
            refusal = outcome["refusal"]
            _say(f"  {_mark(refusal)} {words}" + (f"\n      {_dim(refusal['reason'])}" if refusal else ""))
        view = _ledger(host)
        _show(view)
    total = sum(money["minor"] for moneys in view["balances"].values() for money in moneys)
    is_right = view["verified"] and total == 0
    _say(
        f"\n{_mark(None if is_right else {})} Every entry is sealed to the one before, and all accounts together hold "
        f"{_dollars(total)}."
    )
    _say("\nGo on with `make run` (the app stays up), `make test`, or README.md.")
    return 0 if is_right else 1


def _move(host: DevHost, command: dict[str, Any]) -> dict[str, Any]:
    """Ask the order's escrow, through the flow that every part of the app uses."""
    shown = {name: _money(value) if name == "amount" else value for name, value in command.items()}
    if "shares" in shown:
        shown["shares"] = [{"account": account, "amount": _money(minor)} for account, minor in command["shares"]]
    asked = {"order": ORDER, "customer": CUSTOMER, "currency": "USD", "command": {"at": host.now.isoformat(), **shown}}
    outcome: dict[str, Any] = host.result(host.start("move_money", asked))
    return outcome


def _ledger(host: DevHost) -> dict[str, Any]:
    """The ledger as Ann sees it over HTTP."""
    token = host.http.post("/api/v1/dev/token", json={"role": "customer", "subject": CUSTOMER}).json()["data"]["token"]
    answer = host.http.get(f"/api/v1/orders/{ORDER}/ledger", headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    view: dict[str, Any] = answer.json()["data"]
    return view


def _show(view: dict[str, Any]) -> None:
    _say(f"\nThe ledger of order {ORDER}, as Ann reads it at GET /api/v1/orders/{ORDER}/ledger:\n")
    for line in view["entries"]:
        ways = f"{line['debit']} → {line['credit']}"
        _say(f"  {ways:<52}{_dollars(line['amount']['minor']):>9}   {_dim(line['hash'][:12])}")
    _say("\nWho has what (below zero: what was paid in):\n")
    for account, moneys in view["balances"].items():
        _say(f"  {account:<52}{_dollars(moneys[0]['minor']):>9}")


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _money(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def _dollars(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}${abs(minor) // 100}.{abs(minor) % 100:02}"


def _mark(refusal: dict[str, Any] | None) -> str:
    return _colour("✓", 32) if refusal is None else _colour("✗", 33)


def _dim(text: str) -> str:
    return _colour(text, 2)


def _colour(text: str, code: int) -> str:
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
