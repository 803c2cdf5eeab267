"""The routes of standing intents: whose they are, what is asked back, what is refused, agents, the chat, costs."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from shared.people.mandates import MANDATES
from tests.waiting import ALONE, HOME, PAID, PATH, SHOP, Waiting, below, data, on, record, sky, tree, usd

SENTENCE = "send my mom flowers on the next sunny Thursday, about $60"
BOTH = ["intents:read", "intents:write", "orders:read", "approvals:read"]
KEYS = (f"mandate-{number}" for number in count())
CANDLE = [{"product_id": f"{SHOP}.CANDLE-CEDAR"}]


@pytest.fixture(scope="module")
def ann(town: Any) -> Waiting:
    return Waiting(town, "ann")


def agent(town: Any, name: str = "gemini", of: str = "ann", scopes: list[str] = BOTH, **more: Any) -> Any:
    return town.as_("agent", name, acting_for=of, scopes=scopes, **more)


# --- what is asked back


@pytest.mark.parametrize(
    ("body", "field", "missing"),
    [
        ({"text": SENTENCE, "deliver_to": None}, "deliver_to", ["deliver_to"]),
        ({"text": SENTENCE, "payment": None}, "payment", ["payment"]),
        ({"text": SENTENCE, "deliver_to": None, "payment": None}, "deliver_to", ["deliver_to", "payment"]),
        ({"text": "let me know when it is sunny"}, "items", ["items"]),
        ({"wanted": "pink roses"}, "conditions", ["conditions"]),
        ({"conditions": on("thu")}, "items", ["items"]),
        ({"text": "pink roses by Saturday"}, "conditions", ["conditions"]),
        ({"text": "order roses when it is dry and rainy on Thursday"}, "conditions", []),
    ],
)
def test_what_is_missing_comes_back_as_a_question(
    ann: Waiting, body: dict[str, Any], field: str, missing: list[str]
) -> None:
    answer = ann.ask(**body)
    assert answer.status_code == 202
    told = answer.json()
    view = told["data"]
    assert (view["id"], view["status"]) == (None, "needs_clarification")
    assert view["clarification"]["field"] == field
    assert view["summary"] == view["clarification"]["question"]
    assert view["missing"] == missing
    assert told["adaptive_card"]["type"] == "AdaptiveCard"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"conditions": {"type": "moon", "text": ""}}, "body.conditions.type"),
        ({"conditions": {"op": "and", "of": [on("thu"), on("fri")]}}, "body.conditions"),
        ({"conditions": {"type": "calendar", "date": "2020-01-01"}}, "body.conditions"),
        ({"conditions": tree("and", sky("sunny"), {"type": "weather", "is": "sun"})}, "body.conditions.of[1].is"),
        ({"conditions": below(0)}, "body.conditions.below"),
        ({"conditions": on("thu"), "wanted": "roses", "bundle_id": "x"}, "body.bundle_id"),
        ({"conditions": on("thu"), "max_wait_days": 366}, "body.max_wait_days"),
        ({"conditions": on("thu"), "approval": {"when": "over"}}, "body.approval"),
        ({"conditions": on("thu"), "approval": {"timeout_hours": 169}}, "body.approval.timeout_hours"),
        ({"conditions": on("thu"), "surprise": 1}, "body.surprise"),
        ({"conditions": on("thu"), "deliver_to": {**HOME, "lat": 91}}, "body.deliver_to.lat"),
    ],
)
def test_what_cannot_be_is_refused_by_field(ann: Waiting, body: dict[str, Any], field: str) -> None:
    answer = ann.ask(**{"lines": CANDLE if "wanted" not in body else None, **body})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"wanted": "a blue whale", "conditions": on("thu")}, "couldn't find"),
        ({"lines": [{"product_id": "no.body"}], "conditions": on("thu")}, "no such product"),
        ({"lines": CANDLE, "conditions": {"type": "inventory", "item": "zeppelin", "at_least": 1}}, "zeppelin"),
        ({"wanted": "a dozen roses", "conditions": on("thu"), "budget": usd(100)}, "$1"),
    ],
)
def test_what_nobody_sells_ends_with_the_reason(ann: Waiting, body: dict[str, Any], words: str) -> None:
    intent = ann.begin(**body)
    one = ann.see(intent)
    assert one["status"] == "failed", one["progress"]
    assert words in one["reasoning"]


def test_both_faces_of_an_answer(town: Any, ann: Waiting) -> None:
    town.host.advance(timedelta(seconds=1))
    intent = ann.begin(wanted="pink roses", conditions=tree("and", sky("sunny"), on("thu")), budget=usd(9_000))
    told = ann.http.get(f"{PATH}/{intent}").json()
    assert told["machine_readable"]["@type"] == "BuyAction"
    assert told["machine_readable"]["priceSpecification"]["maxPrice"] == "90.00"
    card = told["adaptive_card"]
    assert card["version"] == "1.5"
    assert "IF (Weather == Sunny) AND (Day == Thursday) → THEN (Order pink roses)" in card["body"][1]["text"]
    assert {action["verb"] for action in card["actions"]} == {"pause_standing_intent", "cancel_standing_intent"}
    listed = data(ann.http.get(PATH, params={"limit": 1}))
    assert listed["items"][0]["id"] == intent
    assert listed["next"]
    ann.cancel(intent)
    assert "actions" not in ann.http.get(f"{PATH}/{intent}").json()["adaptive_card"]


# --- whose they are


def test_nobody_sees_or_touches_anothers(town: Any, ann: Waiting) -> None:
    intent = ann.begin(lines=CANDLE, conditions=below(100))
    for stranger in (town.as_("customer", "bob"), agent(town, of="bob"), town.as_("partner", SHOP)):
        assert stranger.get(f"{PATH}/{intent}").status_code in {403, 404}
        assert stranger.post(f"{PATH}/{intent}/cancel", json={}).status_code in {403, 404}
        assert stranger.patch(f"{PATH}/{intent}", json={"is_paused": True}).status_code in {403, 404}
    assert town.as_("customer", "bob").get(f"{PATH}/{intent}").status_code == 404
    assert town.http.get(f"{PATH}/{intent}").status_code == 401
    assert town.http.post(PATH, json={}).status_code == 401
    staff = town.as_("ops", "olga")
    assert data(staff.get(f"{PATH}/{intent}"))["id"] == intent
    assert staff.post(f"{PATH}/{intent}/cancel", json={}).status_code == 403
    assert staff.get(PATH).status_code == 403
    reader = agent(town, scopes=["intents:read"])
    assert data(reader.get(f"{PATH}/{intent}"))["id"] == intent
    assert reader.post(f"{PATH}/{intent}/cancel", json={}).status_code == 403
    assert data(agent(town).post(f"{PATH}/{intent}/cancel", json={"reason": "No more."}))["status"] == "cancelled"
    assert ann.http.get(f"{PATH}/{'x' * 300}").status_code == 404


def test_costs_are_for_staff(town: Any, ann: Waiting) -> None:
    intent = ann.begin(lines=CANDLE, conditions=below(100))
    ann.hours(2)
    costs = data(town.as_("ops", "olga").get(f"{PATH}/costs"))
    assert costs["waiting"] >= 1
    assert costs["each"]["billed_seconds"] > 0
    assert costs["items"][0]["cost"]["executions"] >= 1
    assert {plan["plan"] for plan in costs["each"]["plans"]} == {"consumption", "flex"}
    assert ann.http.get(f"{PATH}/costs").status_code == 403
    ann.cancel(intent)


# --- agents


def granted(town: Any, customer: str, **more: Any) -> dict[str, Any]:
    """A mandate that a customer gives to gemini."""
    until = (town.host.now + timedelta(days=60)).isoformat()
    usual = {
        "agent": "gemini", "scopes": ["intents:write"], "per_order_max": usd(8_000), "total_max": usd(20_000),
        "expires_at": until, "payment": PAID,
    }  # fmt: skip
    client = town.as_("customer", customer)
    body = {**usual, **more}
    mandate: dict[str, Any] = data(
        client.post("/api/v1/mandates", json=body, headers={"Idempotency-Key": next(KEYS)})
    )
    return mandate


def test_an_agent_buys_by_its_mandate(town: Any) -> None:
    bob = Waiting(town, "bob")
    mandate = granted(town, "bob")
    pays = {"mandate": mandate["token"]}
    intent = bob.begin(
        agent(town, of="bob"), lines=CANDLE, conditions=below(9_000), payment=pays, approval=ALONE
    )
    assert bob.status(intent) == "done"
    kept = record(MANDATES, mandate["id"], mandate["id"]).body
    assert (kept.orders, kept.spent.minor) == (1, bob.orders()[0]["total"]["minor"])
    assert bob.see(intent)["mandate_id"] == mandate["id"]
    assert bob.see(intent)["agent"] == "gemini"


def test_what_a_mandate_does_not_pay_for_the_customer_is_asked(town: Any) -> None:
    cat = Waiting(town, "cat")
    mandate = granted(town, "cat", per_order_max=usd(1_000))
    pays, silent = {"mandate": mandate["id"]}, {"when": "none", "timeout_hours": 1, "trust": "high"}
    intent = cat.begin(agent(town, of="cat"), lines=CANDLE, conditions=below(9_000), payment=pays, approval=silent)
    assert cat.status(intent) == "awaiting_approval"
    cat.hours(2)
    assert cat.status(intent) == "waiting", "silence never allows what only a person may allow"
    for _ in range(30):
        if cat.questions(intent):
            break
        cat.hours(1)
    cat.answer(intent, "approve")
    assert cat.status(intent) == "done"
    kept = record(MANDATES, mandate["id"], mandate["id"]).body
    assert (kept.orders, kept.spent.minor) == (0, 0), "it is the customer's own order then"


@pytest.mark.parametrize(
    ("more", "by", "status"),
    [
        ({"scopes": ["orders:write"]}, "gemini", 403),
        ({}, "another", 404),
        ({"per_order_max": usd(100), "total_max": usd(100)}, "gemini", 202),
    ],
)
def test_a_mandate_that_could_never_pay(town: Any, more: dict[str, Any], by: str, status: int) -> None:
    dee = Waiting(town, "dee")
    mandate = granted(town, "dee", **more)
    answer = dee.ask(
        agent(town, by, of="dee"), lines=CANDLE, conditions=below(100), payment={"mandate": mandate["id"]}
    )
    assert answer.status_code == status, answer.text


def test_a_dear_purchase_of_an_agent_asks_in_person(town: Any) -> None:
    eli = Waiting(town, "eli")
    lines = [{"product_id": f"{SHOP}.CANDLE-CEDAR", "quantity": 8}]
    intent = eli.begin(agent(town, of="eli"), lines=lines, conditions=below(9_000), approval=ALONE)
    assert eli.status(intent) == "awaiting_approval", "over $200 no agent buys alone"
    gemini = agent(town, of="eli")
    (question,) = eli.questions(intent)
    refused = gemini.post(f"/api/v1/approvals/{question['id']}", json={"decision": "approve"})
    assert refused.status_code == 403
    eli.answer(intent, "approve")
    assert eli.status(intent) == "done"


def test_an_agent_that_changes_anothers_wish_is_bound_by_its_own_limits(town: Any) -> None:
    flo = Waiting(town, "flo")
    lines = [{"product_id": f"{SHOP}.CANDLE-CEDAR", "quantity": 8}]
    intent = flo.begin(lines=lines, conditions=below(100), approval={"when": "always"})
    changed = agent(town, of="flo").patch(
        f"{PATH}/{intent}", json={"conditions": below(9_000), "approval": {"when": "none"}}
    )
    assert data(changed)["agent"] == "gemini"
    town.host.settle()
    assert flo.status(intent) == "awaiting_approval"


# --- the chat


def say(client: Any, text: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = data(client.post("/api/v1/chat", json={"text": text, **more}))
    return answer


def test_a_standing_sentence_begins_once_enough_is_known(town: Any) -> None:
    gil = Waiting(town, "gil")
    first = say(gil.http, SENTENCE)
    assert first["standing_intent"]["id"] is None
    assert first["standing_intent"]["missing"] == ["deliver_to", "payment"]
    assert first["summary"] == "Where shall it go? Send the address as deliver_to."
    assert first["standing_intent"]["proposal"]["text"] == SENTENCE
    known = {"thread_id": first["thread_id"], "deliver_to": HOME, "payment": PAID}
    second = say(gil.http, SENTENCE, **known)
    assert second["summary"] == "We'll watch for the perfect moment!"
    intent = second["standing_intent"]["id"]
    again = say(gil.http, SENTENCE, thread_id=first["thread_id"])
    assert again["standing_intent"]["id"] == intent, "the conversation knows where to, and does not begin it twice"
    town.host.settle()
    assert gil.status(intent) == "waiting"
    other = say(gil.http, "order chocolates when it rains", thread_id=first["thread_id"])
    assert other["standing_intent"]["id"] not in {None, intent}
    gil.cancel(intent)
    anew = say(gil.http, SENTENCE, thread_id=first["thread_id"])
    assert anew["standing_intent"]["id"] not in {None, intent}


def test_nobody_known_is_told_to_sign_in(town: Any) -> None:
    told = say(town.http, SENTENCE, deliver_to=HOME, payment=PAID)
    assert told["summary"] == "We'll watch for the perfect moment!"
    assert told["standing_intent"]["id"] is None
    assert told["standing_intent"]["missing"] == ["sign_in", "payment"]
    assert told["standing_intent"]["proposal"]["deliver_to"] == HOME
    partner = say(town.as_("partner", SHOP), SENTENCE)
    assert partner["standing_intent"]["missing"][0] == "sign_in"
