"""The stage of the demo: the app on a host with a clock that can be moved, and people who speak to it over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from devhost.testing import DevHost

AUSTIN = ZoneInfo("America/Chicago")
HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
DOWNTOWN = {"lat": 30.2672, "lng": -97.7431}


class Surprise(Exception):
    """An answer that the story does not go on with."""


class Person:
    """Somebody with a role, who calls the app."""

    def __init__(self, stage: Stage, role: str, subject: str) -> None:
        self._stage = stage
        self._who = {"role": role, "subject": subject}

    def get(self, path: str, **query: Any) -> Any:
        """The data of an answer."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
        """The same, with a body; key: where the route wants one."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", path, json=body or {}, headers=headers)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """The same."""
        return self._call("PUT", path, json=body)

    def _call(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        # A new token each time: days pass between two calls.
        token = self._stage.http.post("/api/v1/dev/token", json=self._who).json()["data"]["token"]
        whole = {**(headers or {}), "Authorization": f"Bearer {token}"}
        answer = self._stage.http.request(method, path, headers=whole, **more)
        self._stage.host.settle()
        if answer.is_error:
            raise Surprise(f"{method} {path}: {answer.status_code} {answer.json().get('detail', '')}")
        return answer.json()["data"] if answer.content else None


class Stage:
    """Everything that a story needs."""

    def __init__(self, host: DevHost) -> None:
        self.host = host
        self.http: httpx.Client = host.http
        self.ann = self.person("customer", "ann")
        self.ops = self.person("ops", "olga")

    def person(self, role: str, subject: str) -> Person:
        """Somebody."""
        return Person(self, role, subject)

    @property
    def now(self) -> datetime:
        """The time on stage, as the clocks in Austin show it."""
        return self.host.now.astimezone(AUSTIN)

    def go_to(self, moment: datetime | str) -> None:
        """Let time pass until a moment; what is past stays so."""
        target = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self.host.advance(max(target - self.host.now, timedelta(0)))

    def place(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """An order of Ann's, as it is once its checkout has come to its end."""
        whole = {"deliver_to": HOME, "payment": {"method": "card_ok"}, **body}
        placed = self.ann.post("/api/v1/orders", whole, key)
        self.host.settle()
        return self.order(placed["id"])

    def order(self, name: str) -> dict[str, Any]:
        """An order as it is now."""
        found: dict[str, Any] = self.ann.get(f"/api/v1/orders/{name}")
        return found

    def money(self, name: str) -> dict[str, int]:
        """Where an order's money is, in cents: with the provider, in escrow, with each party, with us."""
        view = self.ann.get(f"/api/v1/orders/{name}/ledger")
        if not view["verified"]:
            raise Surprise("the ledger does not hold")
        return {account: moneys[0]["minor"] for account, moneys in view["balances"].items() if moneys}

    def waiting(self, name: str) -> dict[str, Any]:
        """The one question about an order that waits for Ann's word."""
        page = self.ann.get("/api/v1/approvals", status="pending")
        found: list[dict[str, Any]] = [one for one in page["items"] if one["about"].endswith(f":{name}")]
        if len(found) != 1:
            raise Surprise(f"{len(found)} questions wait for an answer, not one")
        return found[0]
