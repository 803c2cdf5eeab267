"""Chat knows the orders of whoever is signed in: where they are, changing them, bringing a person in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.test_live_demo_flow import Demo, data


@pytest.fixture(autouse=True)
def later(town: Any) -> None:
    """No two orders of a second: the newest one is meant."""
    town.host.advance(timedelta(seconds=1))


def say(who: Any, text: str, **more: Any) -> dict[str, Any]:
    whole: dict[str, Any] = data(who.post("/api/v1/chat", json={"text": text, **more}))
    return whole


def test_red_to_pink_is_begun_in_chat_and_decided_on_there(town: Any) -> None:
    demo = Demo(town, "chat")
    made = say(demo.ann, "I want pink flowers instead of red")
    assert made["summary"].startswith("I am asking Flower Shop A for pink flowers instead of")
    assert (made["order"]["id"], made["order"]["begun"]["kind"]) == (demo.id, "change")
    town.host.settle()
    talk = data(demo.ann.get(made["order"]["begun"]["path"]))
    assert talk["status"] == "declined"
    seen = data(demo.ann.get(f"/api/v1/threads/{made['thread_id']}"))
    (approval,) = seen["order"]["approvals"]
    assert "Should I proceed?" in approval["text"]
    assert [action["title"] for action in approval["card"]["actions"]] == [approval["yes"], approval["no"]]
    assert seen["order"]["narration"][-1]["headline"] == "I found another way"
    asked = demo.ann.post("/api/v1/chat", json={"text": "where is my order?", "thread_id": made["thread_id"]}).json()
    assert asked["data"]["order"]["approvals"][0]["id"] == approval["id"]
    assert asked["adaptive_card"]["actions"] == approval["card"]["actions"], "the question comes with its card"
    demo.decide("approve")
    after = say(demo.ann, "where is my order?", thread_id=made["thread_id"])
    assert after["order"]["approvals"] == []
    assert "expected" in after["summary"]


def test_the_answer_to_a_question_about_a_change_completes_it(town: Any) -> None:
    demo = Demo(town, "chat-joined")
    asked = say(demo.ann, "I want something else instead")
    assert asked["summary"].startswith("What would you like instead of")
    assert asked["clarification"]["question"] == asked["summary"]
    made = say(demo.ann, "pink flowers", thread_id=asked["thread_id"])
    assert made["summary"].startswith("I am asking Flower Shop A for pink flowers instead of")
    town.host.settle()
    assert demo.waiting()["facts"]["price_difference"] == {"minor": 500, "currency": "USD"}


def test_something_else_said_then_is_something_else(town: Any) -> None:
    demo = Demo(town, "chat-other")
    asked = say(demo.ann, "I want something else instead")
    thread = {"thread_id": asked["thread_id"]}
    assert "expected" in say(demo.ann, "where is my order?", **thread)["summary"]
    shopping = say(demo.ann, "pink flowers for my mom tomorrow", **thread)
    assert shopping["order"] is None, "the question was left behind"
    assert shopping["products"]


@pytest.mark.parametrize(("word", "decision"), [("yes, please", "approved"), ("no thanks", "rejected")])
def test_a_yes_or_no_in_chat_decides_what_the_order_asks(town: Any, word: str, decision: str) -> None:
    demo = Demo(town, f"chat-{decision}")
    made = say(demo.ann, "I want pink flowers instead of red")
    town.host.settle()
    approval = demo.waiting()
    said = say(demo.ann, word, thread_id=made["thread_id"])
    assert said["summary"].startswith("Thank you, I've taken that as your answer")
    assert said["order"]["begun"]["kind"] == "support"
    town.host.settle()
    assert data(demo.ann.get(f"/api/v1/approvals/{approval['id']}"))["status"] == decision


def test_a_yes_that_follows_other_talk_or_comes_from_an_agent_decides_nothing(town: Any) -> None:
    demo = Demo(town, "chat-undecided")
    made = say(demo.ann, "I want pink flowers instead of red")
    town.host.settle()
    thread = {"thread_id": made["thread_id"]}
    gpt = town.as_("agent", "gpt", acting_for="ann", scopes=["orders:read", "orders:write", "approvals:read"])
    blind = town.as_("agent", "gpt", acting_for="ann", scopes=["orders:read"])
    say(blind, f"where is my order {demo.id}?", thread_id="blind")
    assert say(blind, "yes", thread_id="blind")["order"] is None, "it may not know that something is asked"
    its = say(gpt, f"where is my order {demo.id}?", thread_id="gpts")
    assert its["order"]["approvals"]
    assert "Neither an email nor an assistant" in say(gpt, "yes", thread_id="gpts")["summary"]
    say(demo.ann, "where is my order?", **thread)
    for nod in ("ok thanks", "great", "good to know"):
        assert not say(demo.ann, nod, **thread)["summary"].startswith("Thank you, I've taken that")
        say(demo.ann, "where is my order?", **thread)
    shopping = say(demo.ann, "a chocolate cake for tomorrow", **thread)
    assert shopping["products"]
    assert say(demo.ann, "yes", **thread)["order"] is None
    town.host.settle()
    assert demo.waiting()["status"] == "pending"


def test_said_twice_with_one_key_it_is_one_change(town: Any) -> None:
    demo = Demo(town, "chat-twice")
    headers = {"Idempotency-Key": "pink"}
    body = {"text": "I want pink flowers instead of red"}
    begun = [data(demo.ann.post("/api/v1/chat", json=body, headers=headers))["order"]["begun"] for _ in range(2)]
    assert begun[0] == begun[1]
    town.host.settle()
    assert demo.waiting()


@pytest.mark.parametrize(
    "text", ["Can I talk to a human?", "I never received my order", "the vase is cracked"]
)  # fmt: skip
def test_what_needs_a_person_goes_into_the_orders_conversation(town: Any, text: str) -> None:
    demo = Demo(town, f"chat-{text[:5]}")
    made = say(demo.ann, text)
    assert "a member of our team" in made["summary"]
    assert made["order"]["begun"]["kind"] == "support"
    town.host.settle()
    said = data(demo.ann.get(made["order"]["begun"]["path"]))
    assert said["with_person"]
    assert said["items"][-1]["text"] == text
    ops = town.as_("ops", "olga")
    (matter,) = data(ops.get("/api/v1/escalations", params={"about": f"order:{demo.id}"}))["items"]
    assert text in matter["text"]


def test_an_order_that_is_named_is_meant(town: Any) -> None:
    first, second = Demo(town, "named"), Demo(town, "newest")
    assert say(first.ann, "where is my order?")["order"]["id"] in {first.id, second.id}
    assert say(first.ann, f"where is my order {first.id}?")["order"]["id"] == first.id
    bob = town.as_("customer", "bob")
    assert say(bob, f"where is my order {first.id}?")["order"] is None, "another's is nobody's"


def test_who_is_not_signed_in_is_asked_to(town: Any) -> None:
    for who in (town.http, town.as_("partner", "rosie-and-thorn")):
        for text in ("where is my order?", "Can I talk to a human?"):
            assert say(who, text)["order"] is None


def test_an_agent_acts_within_its_scopes(town: Any) -> None:
    demo = Demo(town, "agents")
    reader = town.as_("agent", "gpt", acting_for="ann", scopes=["orders:read"])
    assert "expected" in say(reader, "where is my order?")["summary"]
    for text in ("I want pink flowers instead of red", "the vase is cracked"):
        refused = say(reader, f"{text} {demo.id}")
        assert refused["order"]["begun"] is None
        assert "permission" in refused["summary"]
    blind = town.as_("agent", "gpt", acting_for="ann", scopes=["intents:read"])
    assert say(blind, "where is my order?")["order"] is None
    writer = town.as_("agent", "gpt", acting_for="ann", scopes=["orders:read", "orders:write"])
    assert say(writer, f"I want pink flowers instead of red {demo.id}")["order"]["begun"]["kind"] == "change"


def test_shopping_for_something_else_stays_shopping(town: Any) -> None:
    demo = Demo(town, "shopping")
    shown = say(demo.ann, "red roses for my mom")
    assert shown["products"]
    refined = say(demo.ann, "make it pink instead", thread_id=shown["thread_id"])
    assert refined["order"] is None
    assert refined["products"]
