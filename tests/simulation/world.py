"""Who lives in the city: customers and their agents, staff, the bank; and all of them together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.adapters.payments_sandbox import ENTRIES, Chargeback
from shared.dialogue.delivery import OUTGOING
from shared.dialogue.escalations import ESCALATIONS, Escalation
from shared.orders.disputes import DISPUTES, Dispute
from shared.orders.order import ORDERS, Order
from shared.orders.tasks import TASKS
from shared.people.approvals import APPROVALS, Approval
from tests.simulation import records
from tests.simulation.mischief import CARDS, Random, drawn, minutes
from tests.simulation.parties import parties

if TYPE_CHECKING:
    from tests.simulation.day import Day

HOME = {"address": "1200 Barton Hills Dr, Austin", "lat": 30.2583, "lng": -97.7826}
RED = ("petal-desk.RED", "rose-cart.RED")
SWEETS = ("cocoa-room.TRUFFLES", "sugar-attic.PRALINES")
BASKETS = {"roses": 30, "roses and sweets": 24, "by a hub": 10, "engraved": 14, "a class": 8, "a bundle": 8, "rare": 6}
"""What a customer buys → how often."""
WISHES = (
    "I want pink roses instead of red",
    "I want white roses instead of red",
    "I want pralines instead of truffles",
    "I want turquoise roses instead of red",
)
STAFF = ("ops", "olga")
RARE = "cocoa-room.LAST"
NEWS_FOR = timedelta(hours=1)
"""What a host has sent before it died comes again, with its time of then."""
SCOPES = ["orders:read", "orders:write"]
UNDER_WAY = frozenset({"placed", "in_progress", "delivered"})


class Customer:
    """One customer with one order, and what comes to their mind about it. order: its id, once it was taken."""

    def __init__(self, day: Day, number: int) -> None:
        self.day = day
        self.name = f"customer-{number}"
        self.luck = day.dice(self.name)
        self.who = ("customer", self.name)
        self.order: str | None = None

    def comes(self) -> None:
        """Orders, or is refused; and has wishes later."""
        if self.luck.random() < 0.3:
            consent = {"recovers_alone": True, "delay_minutes": 240}
            self._ask("PUT", "/api/v1/me", json={"name": self.name, "consent": consent})
        basket, method = drawn(self.luck, BASKETS), drawn(self.luck, CARDS)
        body = {**self._basket(basket), "deliver_to": HOME, "deliver_by": self._by(), "payment": {"method": method}}
        who: tuple[Any, ...] = self.who
        if self.luck.random() < 0.2:
            who = ("agent", "helper", {"acting_for": self.name, "scopes": SCOPES})
            if self.luck.random() < 0.5:
                body["payment"] = {"mandate": self._mandate(method)}
        answer = self.day.mortal.ask("POST", "/api/v1/orders", who=who, key=self.name, json=body)
        self.day.log(f"{self.name} orders {basket} by {method} ({who[0]}): {answer.status_code} {why(answer)}")
        if answer.status_code == 202:
            self.order = answer.json()["data"]["id"]
            self.day.log(f"   it is {self.order}")
            self._wishes()

    def answers(self, approval: Approval) -> None:
        """A question; sometimes never, sometimes twice, sometimes one way and then the other."""
        luck = self.day.dice(self.name, approval.kind, approval.title)
        word = drawn(luck, {"approve": 58, "reject": 20, "": 22})
        if not word:
            return
        after = minutes(luck, 1, 25) if luck.random() < 0.7 else minutes(luck, 26, 600)
        other = {"approve": "reject", "reject": "approve"}[word]
        more = drawn(luck, {"": 75, word: 15, other: 10})
        self.day.later(after, lambda: self._says(approval.id, word))
        if more:
            self.day.later(after + minutes(luck, 0, 3), lambda: self._says(approval.id, more))

    def has_it(self) -> None:
        """Everything has arrived: says so, complains, or says nothing."""
        luck = self.day.dice(self.name, "has it")
        what = drawn(luck, {"confirms": 60, "complains": 12, "": 28})
        after = minutes(luck, 2, 300)
        if what == "confirms":
            for _ in range(luck.choice([1, 1, 2])):
                self.day.later(after, self.confirms)
        elif what == "complains":
            self.day.later(after, lambda: self.complains(luck.choice(["damaged", "late", "incomplete"])))

    def confirms(self) -> None:
        """Has received it."""
        self._does("confirms", "delivery-confirmation")

    def cancels(self) -> None:
        """Does not want it any more."""
        self._does("cancels", "cancel", json={"reason": "I have changed my mind."})

    def complains(self, reason: str) -> None:
        """Opens a dispute about everything, or about one leg."""
        luck = self.day.dice(self.name, "complains", reason)
        legs = ["leg-1"] if reason != "not_delivered" and luck.random() < 0.5 else []
        body = {"legs": legs, "reason": reason, "text": "It is not as it should be."}
        self._does("complains", "disputes", key=f"{self.name}-{reason}-{self.day.now:%d%H}", json=body)

    def pays_at_the_bank(self, url: str) -> None:
        """Confirms the payment, fails to, or leaves it."""
        luck = self.day.dice(self.name, "bank")
        outcome = drawn(luck, {"succeed": 60, "fail": 18, "": 22})
        if outcome:
            self.day.later(minutes(luck, 1, 20), lambda: self._at_the_bank(url, outcome))

    def _at_the_bank(self, url: str, outcome: str) -> None:
        answer = self.day.mortal.ask("POST", url, json={"outcome": outcome})
        self.day.log(f"{self.name} at the bank, {outcome}: {answer.status_code}")

    def _wishes(self) -> None:
        luck = self.day.dice(self.name, "wishes")
        if luck.random() < 0.3:
            wish = luck.choice(WISHES)
            self.day.later(minutes(luck, 2, 300), lambda: self._changes(wish))
        if luck.random() < 0.1:
            self.day.later(minutes(luck, 1, 200), self.cancels)
        if luck.random() < 0.06:
            self.day.later(minutes(luck, 30, 1_500), lambda: self.complains("other"))

    def _changes(self, wish: str) -> None:
        self._does(f"wishes: {wish}", "changes", key=f"{self.name}-change", json={"text": wish})

    def _says(self, approval: str, word: str) -> None:
        answer = self._ask("POST", f"/api/v1/approvals/{approval}", json={"decision": word})
        self.day.log(f"{self.name} answers {word}: {answer.status_code}")

    def _does(self, what: str, path: str, **more: Any) -> None:
        answer = self._ask("POST", f"/api/v1/orders/{self.order}/{path}", **more)
        self.day.log(f"{self.name} {what}: {answer.status_code} {why(answer)}")

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        return self.day.mortal.ask(method, path, who=self.who, **more)

    def _basket(self, name: str) -> dict[str, Any]:
        luck = self.luck
        lines: dict[str, list[dict[str, Any]]] = {
            "roses": [line(luck.choice(RED), luck.choice([1, 1, 2, 4]))],
            "roses and sweets": [line(luck.choice(RED)), line(luck.choice(SWEETS), luck.choice([1, 2]))],
            "engraved": [line("plain-silver.CUP", customization={"kind": "engraving", "text": self.name})],
            "a class": [line("kiln-house.WHEEL", luck.choice([1, 2]))],
            "rare": [line(RARE, luck.choice([1, 2]))],
        }
        if name == "a bundle":
            return {"bundle_id": "sweet-roses"}
        if name == "by a hub":
            return {"lines": lines["roses and sweets"], "meet_at_hub": True}
        return {"lines": lines[name]}

    def _by(self) -> str:
        hours = self.luck.choice([6, 26, 30, 50, 74])
        return (self.day.now + timedelta(hours=hours)).isoformat()

    def _mandate(self, method: str) -> str:
        body = {
            "agent": "helper",
            "per_order_max": usd(self.luck.choice([9_000, 20_000])),
            "total_max": usd(25_000),
            "expires_at": (self.day.now + timedelta(days=20)).isoformat(),
            "payment": {"method": method},
        }
        answer = self._ask("POST", "/api/v1/mandates", key=f"{self.name}-mandate", json=body)
        assert answer.status_code < 300, answer.text
        return str(answer.json()["data"]["id"])


class World:
    """Everybody. customers: those who have come, by name."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.customers: dict[str, Customer] = {}
        everybody = list(parties(day))
        self._by_box = {party.box: party for party in everybody}
        self._by_assignee = {party.assignee: party for party in everybody}
        self._looked = day.now
        self._seen: set[str] = set()

    def customer_comes(self, number: int) -> None:
        """One more."""
        self.comes(Customer(self.day, number))

    def comes(self, customer: Customer) -> None:
        """Somebody comes, and from then on belongs to it."""
        self.customers[customer.name] = customer
        customer.comes()

    def rush(self) -> None:
        """Several want the last of something in the same moment; nobody dies meanwhile."""
        self.day.mortal.spare()
        first = 1_000 + len(self.customers)
        crowd = [Customer(self.day, first + number) for number in range(5)]
        body = {"lines": [line(RARE, 2)], "deliver_to": HOME, "payment": {"method": "card_ok"}}
        body["deliver_by"] = (self.day.now + timedelta(hours=50)).isoformat()
        mortal = self.day.mortal
        for one in crowd:
            mortal.token(*one.who)
        with ThreadPoolExecutor(len(crowd)) as pool:
            answers = pool.map(
                lambda one: mortal.ask("POST", "/api/v1/orders", who=one.who, key=one.name, json=body), crowd
            )
            for customer, answer in zip(crowd, answers, strict=True):
                self.customers[customer.name] = customer
                if answer.status_code == 202:
                    customer.order = answer.json()["data"]["id"]
                self.day.log(f"{customer.name} rushes: {answer.status_code} {customer.order}")

    def look_around(self) -> None:
        """Everybody sees what is new to them."""
        since, self._looked = self._looked - NEWS_FOR, self.day.now
        for sent in records.every(OUTGOING, *({"box": box, "at": {"ge": since}} for box in self._by_box)):
            if self._is_new(sent.id):
                self._by_box[sent.box].is_written_to(sent)
        for task in records.every(TASKS, {"is_open": True}):
            if self._is_new(task.id):
                self._by_assignee[task.assignee].has_to_do(task)
        for approval in records.every(APPROVALS, {"status": "pending"}):
            if self._is_new(approval.id) and approval.customer in self.customers:
                self.customers[approval.customer].answers(approval)
        for order in records.every(ORDERS, {"status": "delivered"}):
            if self._is_new(f"has:{order.id}"):
                self.customers[order.customer].has_it()
        for order in records.every(ORDERS, {"status": "placing"}):
            if order.payment_action and self._is_new(f"bank:{order.id}"):
                self.customers[order.customer].pays_at_the_bank(order.payment_action.url)
        for escalation in records.every(ESCALATIONS, {"status": "open"}):
            if self._is_new(escalation.id):
                self._staff_sees(escalation)
        for dispute in records.every(DISPUTES, {"status": "open"}):
            if dispute.bank is None and self._is_new(dispute.id):
                luck = self.day.dice("staff", dispute.order, dispute.reason)
                self.day.later(minutes(luck, 30, 1_200), partial(self._decides, dispute, luck))
        for payment in self._charged_back():
            if self._is_new(f"chargeback:{payment}"):
                luck = self.day.dice("bank", payment)
                self.day.later(minutes(luck, 120, 2_000), partial(self._bank_decides, payment))

    def closes(self) -> None:
        """The days are over: what is still to come still comes, but nobody new."""
        self.day.log("-- the days are over")

    def clears_up(self) -> None:
        """Whatever still waits for a person gets one: the customer's word, or staff's."""
        for order in self._under_way():
            customer = self.customers[order.customer]
            if order.status == "placed":
                customer.cancels()
                self.day.mortal.settle()
            now = records.one(ORDERS, order.id, order.id)
            if now is not None and now.status in {"placed", "in_progress"}:
                customer.complains("not_delivered")
        self.day.mortal.settle()
        for payment in self._charged_back():
            self._bank_decides(payment)
        for dispute in records.every(DISPUTES):
            if dispute.status != "decided" and dispute.bank is None:
                self._decision(dispute, {"decision": "refund", "note": "It did not come."})
        for escalation in records.every(ESCALATIONS):
            if escalation.status != "resolved":
                self._resolves(escalation)

    def _under_way(self) -> list[Order]:
        return [order for order in records.every(ORDERS) if order.status in UNDER_WAY]

    def _is_new(self, name: str) -> bool:
        is_new = name not in self._seen
        self._seen.add(name)
        return is_new

    # staff and the bank

    def _staff_sees(self, escalation: Escalation) -> None:
        luck = self.day.dice("staff", escalation.about, escalation.reason)
        if luck.random() < 0.4:
            return
        about, _, name = escalation.about.partition(":")
        after = minutes(luck, 5, 300)
        if about == "negotiation":
            path = f"/api/v1/negotiations/{name}"
            outcome = luck.choice(["agreed", "declined", "hand back"])
            self.day.later(after, lambda: self._staff(f"{path}/take-over"))
            end = f"{path}/hand-back" if outcome == "hand back" else f"{path}/resolve"
            body = None if outcome == "hand back" else {"outcome": outcome}
            self.day.later(after + minutes(luck, 2, 90), lambda: self._staff(end, body))
        else:
            self.day.later(after, lambda: self._resolves(escalation))

    def _resolves(self, escalation: Escalation) -> None:
        self._staff(f"/api/v1/escalations/{escalation.id}/resolve", {"text": "Seen to."})

    def _decides(self, dispute: Dispute, luck: Random) -> None:
        verdict = luck.choice(["refund", "deny", "partial"])
        body: dict[str, Any] = {"decision": verdict, "note": "We have looked at it."}
        if verdict == "partial":
            body["amounts"] = {leg.id: usd(max(1, leg.price.minor // 3)) for leg in dispute.legs}
        self._decision(dispute, body)

    def _decision(self, dispute: Dispute, body: dict[str, Any]) -> None:
        self._staff(f"/api/v1/disputes/{dispute.id}/decision", body)

    def _staff(self, path: str, body: dict[str, Any] | None = None) -> None:
        answer = self.day.mortal.ask("POST", path, who=STAFF, json=body)
        self.day.log(f"staff: {path.removeprefix('/api/v1/')} {body or ''}: {answer.status_code} {why(answer)}")

    def _charged_back(self) -> list[str]:
        bodies = [entry.body for entry in records.every(ENTRIES)]
        return [one.payment for one in bodies if isinstance(one, Chargeback) and one.status == "needs_response"]

    def _bank_decides(self, payment: str) -> None:
        outcome = self.day.dice("bank decides", payment).choice(["won", "lost"])
        answer = self.day.mortal.ask("POST", f"/api/v1/dev/payments/{payment}/chargeback", json={"outcome": outcome})
        self.day.log(f"the bank decides on {payment}, {outcome}: {answer.status_code}")


def line(product: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """So much of a product."""
    return {"product_id": product, "quantity": quantity, **more}


def usd(minor: int) -> dict[str, Any]:
    """So many cents."""
    return {"minor": minor, "currency": "USD"}


def why(answer: Any) -> str:
    """What was refused, for the log."""
    return "" if answer.status_code < 300 else str(answer.json().get("detail", ""))[:120]
