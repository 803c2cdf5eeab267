"""An order's money held in escrow, partly released, partly refunded, and its ledger verified."""

from __future__ import annotations

from typing import Any

from demo.terminal import dim, dollars, mark, say
from devhost.testing import DevHost

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


def play(host: DevHost) -> bool:
    """Play the story; whether the ledger holds at its end."""
    for number, (words, command) in enumerate(STORY, 1):
        outcome = _move(host, {"id": str(number), **command})
        refusal = outcome["refusal"]
        say(f"  {mark(is_good=not refusal)} {words}" + (f"\n      {dim(refusal['reason'])}" if refusal else ""))
    view = _ledger(host)
    _show(view)
    total = sum(money["minor"] for moneys in view["balances"].values() for money in moneys)
    is_right = bool(view["verified"] and total == 0)
    say(
        f"\n{mark(is_good=is_right)} Every entry is sealed to the one before, and all accounts together hold "
        f"{dollars(total)}."
    )
    return is_right


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
    say(f"\nThe ledger of order {ORDER}, as Ann reads it at GET /api/v1/orders/{ORDER}/ledger:\n")
    for line in view["entries"]:
        ways = f"{line['debit']} → {line['credit']}"
        say(f"  {ways:<52}{dollars(line['amount']['minor']):>9}   {dim(line['hash'][:12])}")
    say("\nWho has what (below zero: what was paid in):\n")
    for account, moneys in view["balances"].items():
        say(f"  {account:<52}{dollars(moneys[0]['minor']):>9}")


def _money(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}
