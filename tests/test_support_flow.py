"""The Support Hub over HTTP: one conversation an order, routed, answered, given to people, told to all."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.dialogue.delivery import sent_to
from shared.dialogue.inbound import Inbound
from shared.dialogue.media import File, keep
from shared.dialogue.receiving import take
from tests.conftest import ROOT
from tests.talking import tell
from tests.test_running_order_flow import HOME, Running, data

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0f01f0005000"
    "1ff5fd3d5c20000000049454e44ae426082"
)


class Hub(Running):
    """A running order, and what is said about it; each has its own day, so that nobody's day is full."""

    days = itertools.count(5)

    def __init__(self, town: Any, name: str) -> None:
        super().__init__(town, name, next(Hub.days))

    def write(self, who: Any, text: str, **more: Any) -> dict[str, Any]:
        answer = who.post(f"/api/v1/orders/{self.id}/messages", json={"text": text, **more})
        assert answer.status_code == 202, answer.text
        self.town.host.settle()
        self.town.host.advance(timedelta(seconds=1))
        written: dict[str, Any] = answer.json()["data"]
        return written

    def read(self, who: Any, **query: Any) -> list[dict[str, Any]]:
        page = data(who.get(f"/api/v1/orders/{self.id}/messages", params=query))
        items: list[dict[str, Any]] = page["items"]
        return items

    def answers(self, who: Any, written: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in self.read(who) if one["answers"] == written["id"]]

    def matters(self) -> list[dict[str, Any]]:
        ops = self.town.as_("ops", "olga")
        page = data(ops.get("/api/v1/escalations", params={"about": f"order:{self.id}"}))
        found: list[dict[str, Any]] = page["items"]
        return found


def sent(box: str) -> list[str]:
    return [one.message.text for one in asyncio.run(sent_to(wiring.deps().store, box, 200)) if one.refused is None]


def inbox_of(hub: Hub, number: int) -> list[str]:
    """What the party of a leg was told, on whichever of its ways."""
    from shared.discovery.partners import PARTNERS

    name = hub.leg(number)["partner"]["id"]
    stored = asyncio.run(wiring.deps().store.get(PARTNERS, name, name))
    ways = [stored.value.contact, stored.value.contact.fallback] if stored and stored.value.contact else []
    boxes = [f"{way.channel}:{way.address if way.channel not in {'api', 'web'} else name}" for way in ways if way]
    return [text for box in {*boxes, f"web:{name}"} for text in sent(box)]


# --- routine


def test_everybody_sees_and_hears_what_is_said(town: Any) -> None:
    hub = Hub(town, "all")
    florist = hub.doer(1)
    asked = hub.write(hub.ann, "What flowers are in the bouquet, and do they smell?", mentions=["leg-2"])
    assert hub.read(florist)[0]["text"] == asked["text"]
    assert any(asked["text"] in text for text in inbox_of(hub, 1)), "told on its own channel"
    told = hub.write(florist, "Pink roses, and they smell wonderful.")
    assert told["is_mine"]
    assert any("they smell wonderful" in text for text in sent("web:customer:ann"))
    (newest, *_) = hub.read(hub.ann)
    assert (newest["by"], newest["name"]) == ("partner", hub.leg(1)["partner"]["name"])
    assert {one["ref"] for one in newest["delivery"]} >= {"customer", "leg-1"}
    assert hub.matters() == [], "nobody needed a person"


def test_where_is_answered_from_the_record(town: Any) -> None:
    hub = Hub(town, "where")
    written = hub.write(hub.ann, "Where is my order?")
    (answer,) = hub.answers(hub.ann, written)
    assert answer["by"] == "ai"
    assert "expected" in answer["text"]
    assert hub.answers(hub.doer(0), written), "all messages are seen by all"


@pytest.mark.parametrize("text", ["How much did I pay?", "Which address is it going to?"])
def test_money_and_address_are_the_customers_alone(town: Any, text: str) -> None:
    hub = Hub(town, f"private-{text[:3]}")
    written = hub.write(hub.ann, text)
    (answer,) = hub.answers(hub.ann, written)
    assert answer["private"]
    for number in (0, 1, 2):
        seen = json.dumps(hub.read(hub.doer(number)))
        assert answer["text"] not in seen
        assert all(answer["text"] not in told for told in inbox_of_all(hub, number))
    assert hub.read(hub.doer(1), q=answer["text"]) == []


def inbox_of_all(hub: Hub, number: int) -> list[str]:
    return inbox_of(hub, number) if hub.leg(number)["party"] == "partner" else []


def test_the_answer_to_a_question_about_a_change_completes_it(town: Any) -> None:
    hub = Hub(town, "joined")
    asked = hub.write(hub.ann, "I'd like something else instead")
    (question,) = hub.answers(hub.ann, asked)
    assert question["text"].startswith("Which one do you mean: ")
    hub.write(hub.doer(1), "What do you mean?")  # others may speak in between
    which = hub.write(hub.ann, "the second one")
    (question,) = hub.answers(hub.ann, which)
    assert question["text"].startswith("What would you like instead of ")
    told = hub.write(hub.ann, "white lilies")
    (answer,) = hub.answers(hub.ann, told)
    assert "for white lilies instead of" in answer["text"]
    assert hub.matters() == []
    other = hub.write(hub.ann, "white lilies")
    assert not any("instead of" in one["text"] for one in hub.answers(hub.ann, other)), "it was answered before"


def test_a_search_finds_words_in_the_conversation(town: Any) -> None:
    hub = Hub(town, "search")
    for text in ("Thanks so much!", "Please ring the bell on arrival", "Thank you"):
        hub.write(hub.ann, text)
    assert [one["text"] for one in hub.read(hub.ann, q="BELL")] == ["Please ring the bell on arrival"]
    assert hub.read(hub.ann, q="nothing like it") == []
    first = data(hub.ann.get(f"/api/v1/orders/{hub.id}/messages", params={"limit": 1}))
    assert first["items"][0]["text"] == "Thank you"
    second = data(hub.ann.get(f"/api/v1/orders/{hub.id}/messages", params={"limit": 1, "after": first["next"]}))
    assert second["items"][0]["id"] != first["items"][0]["id"]


def test_a_change_is_begun_from_the_conversation(town: Any) -> None:
    hub = Hub(town, "change")
    written = hub.write(hub.ann, "I want white roses instead of pink")
    (answer,) = hub.answers(hub.ann, written)
    assert answer["text"].startswith("I am asking")
    ops = town.as_("ops", "olga")
    talks = data(ops.get("/api/v1/negotiations", params={"order": hub.id}))["items"]
    assert [talk["wanted"] for talk in talks] == ["white roses"]


# --- people


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Can I talk to a human?", "human_asked"),
        ("I never received my order", "complaint"),
        ("the vase is cracked", "complaint"),
    ],
)
def test_what_needs_a_person_gets_one_and_the_assistant_is_silent(town: Any, text: str, reason: str) -> None:
    hub = Hub(town, f"person-{text[:5]}")
    written = hub.write(hub.ann, text)
    (matter,) = hub.matters()
    assert matter["reason"] == reason
    assert text in matter["text"]
    (last,) = hub.answers(hub.ann, written)
    assert "a member of our team" in last["text"]
    silent = hub.write(hub.ann, "Where is my order?")
    assert hub.answers(hub.ann, silent) == []
    assert len(hub.matters()) == 1, "one matter, not one a message"
    assert any("Where is my order?" in told for told in sent("web:staff"))


def test_staff_take_over_speak_and_hand_back(town: Any) -> None:
    hub = Hub(town, "staff")
    ops = town.as_("ops", "olga")
    path = f"/api/v1/orders/{hub.id}/support"
    assert hub.ann.post(f"{path}/take-over").status_code == 403
    assert data(ops.post(f"{path}/take-over"))["taken_by"] == "olga"
    written = hub.write(hub.ann, "Where is my order?")
    assert hub.answers(hub.ann, written) == []
    hub.write(ops, "I am looking into it.")
    assert any("Support: I am looking into it." in told for told in sent("web:customer:ann"))
    assert hub.id in {one["order"] for one in data(ops.get("/api/v1/support/threads?with_person=true"))["items"]}
    assert data(ops.post(f"{path}/hand-back")) == {
        "order": hub.id, "with_person": False, "taken_by": None, "escalation": None,
    }  # fmt: skip
    assert hub.answers(hub.ann, hub.write(hub.ann, "Where is my order?"))


def test_a_matter_that_is_handed_back_is_settled(town: Any) -> None:
    hub = Hub(town, "settled")
    hub.write(hub.ann, "Can I talk to a human?")
    ops = town.as_("ops", "olga")
    ops.post(f"/api/v1/orders/{hub.id}/support/hand-back")
    assert [one["status"] for one in hub.matters()] == ["resolved"]
    hub.write(hub.ann, "the vase is cracked")
    assert sorted(one["status"] for one in hub.matters()) == ["open", "resolved"]


def test_damage_that_a_party_reports_goes_to_a_person(town: Any) -> None:
    hub = Hub(town, "damage")
    hub.write(hub.doer(1), "They will be ready at noon.")
    assert hub.matters() == []
    hub.write(hub.doer(1), "The vase arrived broken, I am sorry")
    assert [one["reason"] for one in hub.matters()] == ["complaint"]


def test_a_private_word_is_between_customer_and_staff(town: Any) -> None:
    hub = Hub(town, "between")
    hub.write(town.as_("ops", "olga"), "We would add $10 for you.", private=True)
    assert hub.read(hub.ann)[0]["private"]
    assert "We would add" not in json.dumps(hub.read(hub.doer(1)))
    answer = hub.doer(1).post(f"/api/v1/orders/{hub.id}/messages", json={"text": "psst", "private": True})
    assert answer.status_code == 422


# --- who has read what


def test_how_far_a_message_has_come_is_seen(town: Any) -> None:
    hub = Hub(town, "state")
    florist = hub.doer(1)
    written = hub.write(hub.ann, "Hello everybody, this one is for my sister")
    state = {one["ref"]: one["state"] for one in hub.read(hub.ann)[-1]["delivery"]}
    assert state["leg-2"] == "delivered"
    lines = data(florist.get("/api/v1/support/threads"))["items"]
    assert [line["unread"] for line in lines if line["order"] == hub.id] == [True]
    read = data(florist.post(f"/api/v1/orders/{hub.id}/messages/read", json={"message_id": written["id"]}))
    assert read["order"] == hub.id
    assert not data(florist.post(f"/api/v1/orders/{hub.id}/messages/read", json={}))["unread"]
    state = {one["ref"]: one["state"] for one in hub.read(hub.ann)[-1]["delivery"]}
    assert state["leg-2"] == "read"
    others = data(town.as_("partner", "nobody").get("/api/v1/support/threads"))["items"]
    assert hub.id not in {one["order"] for one in others}


def test_the_same_key_says_it_once(town: Any) -> None:
    hub = Hub(town, "twice")
    path, headers = f"/api/v1/orders/{hub.id}/messages", {"Idempotency-Key": "once"}
    for _ in range(3):
        assert hub.ann.post(path, json={"text": "Thank you"}, headers=headers).status_code == 202
    town.host.settle()
    assert [one["text"] for one in hub.read(hub.ann)].count("Thank you") == 1
    assert inbox_of(hub, 1).count(f"Order {hub.id}. Customer: Thank you") == 1


# --- whose it is


def test_it_is_for_those_in_the_order_alone(town: Any) -> None:
    hub = Hub(town, "whose")
    path = f"/api/v1/orders/{hub.id}/messages"
    strangers = [
        town.as_("customer", "bob"), town.as_("partner", "someone-else"), town.as_("hub", "rosie-and-thorn"),
        town.as_("worker", "w-none"), town.as_("agent", "a", acting_for="bob", scopes=["orders:read", "orders:write"]),
    ]  # fmt: skip
    for who in strangers:
        assert who.get(path).status_code == 404
        assert who.post(path, json={"text": "hello"}).status_code == 404
        assert who.post(f"{path}/read", json={}).status_code == 404
    assert town.http.get(path).status_code == 401
    assert town.http.get("/api/v1/support/threads").status_code == 401
    reader = town.as_("agent", "a", acting_for="ann", scopes=["orders:read"])
    assert reader.get(path).status_code == 200
    assert reader.post(path, json={"text": "hello"}).status_code == 403


@pytest.fixture(scope="module")
def refused_hub(town: Any) -> Hub:
    return Hub(town, "refused")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": ""}, {"text": "x" * 2_001}, {"text": "x", "mentions": ["leg-99"]}, {"text": "x", "other": 1},
        {"text": "x", "mentions": ["partner:x"]}, {"text": "x", "mentions": ["ai"] * 11},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_by_field(town: Any, refused_hub: Hub, body: dict[str, Any]) -> None:
    hub = refused_hub
    answer = town.as_("customer", "ann").post(f"/api/v1/orders/{hub.id}/messages", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("body.")


def test_a_concierge_bundle_hides_who_does_it_everywhere(town: Any) -> None:
    hub = Concierge(town)
    seen = hub.everything()
    assert hub.hidden, "the bundle hides somebody"
    for name in hub.hidden:
        assert name.casefold() not in seen.casefold(), name


class Concierge(Hub):
    """An order of a bundle whose partners its customer does not learn, and what is said about it."""

    def __init__(self, town: Any) -> None:
        from shared.orders.order import ORDERS

        self.town = town
        town.host.advance(timedelta(seconds=1))
        by = (town.host.now + timedelta(days=6)).isoformat()
        body = {
            "bundle_id": bundle_of(), "deliver_to": HOME, "deliver_by": by, "payment": {"method": "card_ok"},
        }  # fmt: skip
        placed = data(self.ann.post("/api/v1/orders", json=body, headers={"Idempotency-Key": "concierge"}))
        self.id = placed["id"]
        town.host.result(self.id)
        town.host.settle()
        assert self.order()["status"] == "placed", self.order()["reason"]
        stored = asyncio.run(wiring.deps().store.get(ORDERS, self.id, self.id))
        assert stored is not None
        self.legs = [leg for leg in stored.value.legs if not leg.shows_partner]
        self.hidden = {leg.partner_name for leg in self.legs} | {leg.partner for leg in self.legs}

    def everything(self) -> str:
        """All that the customer is told after a hidden partner has named itself, and the customer has asked."""
        leg = self.legs[0]
        partner = self.town.as_(leg.party, leg.partner)
        self.write(partner, f"This is {leg.partner_name.upper()} ({leg.partner}): your {leg.title} is well under way.")
        self.write(self.ann, "Who makes it?")
        self.write(self.ann, "Who brings it?")
        self.write(self.ann, "the vase is cracked", mentions=[leg.id])
        said = data(self.ann.get(f"/api/v1/orders/{self.id}/messages"))
        threads = data(self.ann.get("/api/v1/support/threads"))
        chat = data(self.ann.post("/api/v1/chat", json={"text": "where is my order?"}))
        assert chat["order"]["id"] == self.id, "the newest one is meant"
        return json.dumps([said, threads, self.order(), chat, self.told()], ensure_ascii=False)


def bundle_of() -> str:
    import tomllib

    bundles = tomllib.loads((ROOT / "data" / "austin" / "bundles.toml").read_text("utf-8"))["bundle"]
    return str(next(one["id"] for one in bundles if one.get("visibility") == "concierge"))


def test_a_picture_that_came_with_a_message_is_seen_by_those_in_the_order_alone(town: Any) -> None:
    hub = Hub(town, "picture")
    shot = asyncio.run(keep(wiring.deps().blobs, File(PNG, "image/png")))
    thread = f"order:{hub.id}"
    tell(town, "picture-1", "the cup", channel="web", sender="customer:ann", thread=thread, media=(shot,))
    (said,) = [one for one in hub.read(hub.ann) if one["by"] == "customer"]
    (file,) = said["files"]
    assert file["media_type"] == "image/png"
    for who in (hub.ann, hub.doer(0), town.as_("ops", "olga")):
        seen = who.get(file["url"])
        assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")
    for stranger in (town.as_("customer", "bob"), town.as_("partner", "south-congress-blooms")):
        assert stranger.get(file["url"]).status_code == 404
    assert town.http.get(file["url"]).status_code == 401
    for number in ("0", "2", "x", "-1", "1e0"):
        assert hub.ann.get(f"{file['url'].removesuffix('1')}{number}").status_code == 404


def test_what_a_stranger_writes_is_in_no_conversation(town: Any) -> None:
    hub = Hub(town, "stranger")

    class Client:
        """Begins flows on the town's host."""

        async def get_status(self, instance_id: str) -> Any:
            found = await asyncio.to_thread(town.host.status, instance_id)

            class Status:
                runtime_status = found and found["runtimeStatus"]

            return Status()

        async def raise_event(self, *_: Any) -> None:
            raise AssertionError("nobody waits")

        async def start_new(self, name: str, instance_id: str, given: Any) -> str:
            return await asyncio.to_thread(town.host.start, name, given, instance_id=instance_id)

    told = Inbound(
        channel="web", sender="customer:bob", provider_id="web-1", thread=f"order:{hub.id}", text="It is mine",
        at=town.host.now,
    )  # fmt: skip
    asyncio.run(take(wiring.deps().store, Client(), told, town.host.now))
    town.host.settle()
    assert hub.read(hub.ann) == []
