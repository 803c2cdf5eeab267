"""Partners, the hub, the workers: they answer what they are asked on their own channels, and do their tasks, or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.adapters.twilio_webhooks import signature_of
from shared.dialogue.delivery import Outgoing
from shared.dialogue.messages import Reply, box_of
from shared.dialogue.signed import HEADER, signature
from shared.discovery.partners import PARTNERS, Contact
from shared.logistics.hubs import HUBS
from shared.orders.legs import is_courier
from shared.orders.order import ORDERS, Order, OrderLeg, PartyKind
from shared.orders.tasks import Task, assignee_of
from shared.people.workers import WORKERS
from tests.simulation import records
from tests.simulation.mischief import drawn, minutes, travel
from tests.simulation.mortal import EMAIL_SECRET, PUBLIC_URL, TWILIO_TOKEN

if TYPE_CHECKING:
    from tests.simulation.day import Day

ANSWERS = {"yes": 60, "no": 14, "offer": 9, "unclear": 3, "modify": 2, "silence": 12}
"""What a party answers → how often."""
WORDS = {
    "yes": ("Yes, with pleasure.", "Sure, we can do that."),
    "no": ("Sorry, we cannot do that.", "No, we are out of it."),
    "offer": ("I could do it for $4 more.", "We only have white ones, for the same price."),
    "unclear": ("Hm, Tuesday is my cousin's birthday.", "?"),
    "modify": ("Something else perhaps.",),
}
LABELS = {"yes": "Accept", "no": "Decline", "modify": "Modify"}
MANNERS = {"diligent": 68, "late": 10, "gives up": 8, "never does it": 6, "says it in any order": 8}
"""How a party does a task → how often."""
AGAIN_MAX = 3
AGAIN = timedelta(minutes=40)


class Party:
    """One of them."""

    def __init__(self, day: Day, kind: PartyKind, name: str, contact: Contact) -> None:
        self.day, self.kind, self.name, self.contact = day, kind, name, contact
        self.who = (kind, name)
        self.assignee = assignee_of(kind, name)
        address = name if contact.channel == "api" else contact.address
        self.box = box_of(contact.channel, address)

    # answers

    def is_written_to(self, sent: Outgoing) -> None:
        """Asked something, it makes up its mind and writes; how that travels is not in its hands."""
        if not sent.message.replies:
            return
        thread = sent.thread or ""
        luck = self.day.dice(self.name, "answers", thread, sent.message.round, sent.message.text)
        answer = drawn(luck, ANSWERS)
        if answer == "silence":
            return
        is_leg = thread.startswith("order:")
        if is_leg and answer not in LABELS:
            answer = "yes"
        offered = {reply.label: reply for reply in sent.message.replies}
        reply = offered.get(LABELS.get(answer, "")) if luck.random() < 0.6 else None
        text = reply.label if reply else luck.choice(WORDS[answer])
        number = luck.randrange(10**9)
        thinks = minutes(luck, 1, 12) if luck.random() < 0.85 else minutes(luck, 13, 120)
        for way in travel(luck):
            self.day.later(thinks + way, lambda: self._writes(sent, text, reply, number))

    def _writes(self, sent: Outgoing, text: str, reply: Reply | None, number: int) -> None:
        payload = reply.payload if reply else ""
        channel = sent.message.channel
        said = f"{text!r} to {sent.thread}"
        if channel == "api":
            status = self._by_api(sent, text, payload, number)
        elif channel == "email":
            status = self._by_email(text, payload, number)
        else:
            status = self._by_telephone(sent, text, payload, number)
        self.day.log(f"{self.name} writes {said}: {status}")

    def _by_api(self, sent: Outgoing, text: str, payload: str, number: int) -> int:
        body = {"id": f"a{number}", "thread": sent.thread, "payload": payload, "text": text}
        plain = json.dumps(body).encode()
        secret = self.day.mortal.ask("GET", f"/api/v1/partners/{self.name}/webhook", who=self.who).json()
        sign = signature(secret["data"]["secret"], plain, self.day.now)
        return self._post(f"/webhooks/partners/{self.name}", plain, {HEADER: sign, "Content-Type": "application/json"})

    def _by_email(self, text: str, payload: str, number: int) -> int:
        body = f"{text}\n\n[#{payload}#]" if payload else text
        mail = {"id": f"<{number}@mail.example>", "from": self.contact.address, "text": body, "verified": True}
        plain = json.dumps(mail).encode()
        sign = signature(EMAIL_SECRET, plain, self.day.now)
        return self._post("/webhooks/email", plain, {HEADER: sign, "Content-Type": "application/json"})

    def _by_telephone(self, sent: Outgoing, text: str, payload: str, number: int) -> int:
        is_whatsapp = sent.message.channel == "whatsapp"
        sender = self.contact.address
        sid = "SM" + hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        form = {"MessageSid": sid, "From": f"whatsapp:{sender}" if is_whatsapp else sender, "Body": text}
        if is_whatsapp and sent.provider_id:
            form["OriginalRepliedMessageSid"] = sent.provider_id
        if is_whatsapp and payload:
            form |= {"ButtonPayload": payload, "ButtonText": text}
        sign = signature_of(TWILIO_TOKEN, f"{PUBLIC_URL}/webhooks/twilio", list(form.items()))
        headers = {"X-Twilio-Signature": sign, "Content-Type": "application/x-www-form-urlencoded"}
        return self._post("/webhooks/twilio", urlencode(form).encode(), headers)

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        return self.day.mortal.ask("POST", path, content=body, headers=headers).status_code

    # tasks

    def has_to_do(self, task: Task) -> None:
        """Plans when it will say what of a task that it has got."""
        order = records.one(ORDERS, task.order, task.order)
        leg = order.leg(task.leg) if order else None
        if order is None or leg is None:
            return
        luck = self.day.dice(self.name, "does", task.order, task.leg)
        manner = drawn(luck, MANNERS)
        way = _way(order, leg)
        begins, ends = task.starts - minutes(luck, 0, 8), task.due - minutes(luck, 0, 8)
        if manner == "late":
            late = minutes(luck, 20, 180)
            begins, ends = begins + late, ends + late
        if manner == "gives up":
            self.day.at(begins, lambda: self._gives_up(task))
        elif manner == "says it in any order":
            disorder = [*way, *way, luck.choice(way)]
            luck.shuffle(disorder)
            for number, status in enumerate([*disorder, *way]):
                self.day.at(ends + timedelta(seconds=20 * number), partial(self._says, task, status))
        elif manner != "never does it":
            self._does(task, list(zip(way, _moments(begins, ends, len(way)), strict=True)))

    def _does(self, task: Task, steps: list[tuple[str, datetime]]) -> None:
        for status, moment in steps:
            self.day.at(moment, partial(self._says, task, status, AGAIN_MAX))

    def _says(self, task: Task, status: str, again: int = 0) -> None:
        path = f"/api/v1/orders/{task.order}/legs/{task.leg}/status"
        answer = self.day.mortal.ask("POST", path, who=self.who, json={"status": status})
        self.day.log(f"{self.name} says {task.order[-6:]} {task.leg} is {status}: {answer.status_code}")
        if answer.status_code == 409 and again:
            self.day.later(AGAIN, lambda: self._says(task, status, again - 1))

    def _gives_up(self, task: Task) -> None:
        luck = self.day.dice(self.name, "gives up", task.order, task.leg)
        path = f"/api/v1/orders/{task.order}/legs/{task.leg}/give-up"
        body = {"reason": luck.choice(["rejected", "unavailable", "damaged"]), "note": "It cannot be done."}
        for _ in range(luck.choice([1, 1, 2])):
            answer = self.day.mortal.ask("POST", path, who=self.who, json=body)
            self.day.log(f"{self.name} gives up {task.order[-6:]} {task.leg}: {answer.status_code}")


def parties(day: Day) -> Iterator[Party]:
    """All that there are."""
    for kind, container in (("partner", PARTNERS), ("hub", HUBS), ("worker", WORKERS)):
        for record in sorted(records.every(container), key=lambda one: str(one.id)):
            yield Party(day, kind, record.id, record.contact)


def _way(order: Order, leg: OrderLeg) -> list[str]:
    """The steps of a task, as its party is to tell them."""
    if is_courier(leg) or leg.role in {"delivery", "transport"}:
        return ["in_transit", "delivered"]
    if leg.role == "customization":
        return ["in_progress", "customization_started", "customization_complete", "ready_for_pickup"]
    is_fetched = any(leg.id in one.after for one in order.legs)
    return ["in_progress", "ready_for_pickup" if is_fetched else "delivered"]


def _moments(begins: datetime, ends: datetime, count: int) -> list[datetime]:
    return [begins + (ends - begins) * number / max(1, count - 1) for number in range(count)]
