"""Autonomous recovery: red flowers are ordered, pink ones are wanted, the shop says no, another takes over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo.stage import AUSTIN, Stage
from demo.terminal import Voice, dim, dollars

TITLE = "Autonomous recovery: red to pink"
CHANGE = "I want pink flowers instead of red"


def play(stage: Stage, voice: Voice) -> dict[str, Any]:
    """The live demo; ok: only the difference was paid, both shops agree with the order, no staff touched it."""
    shops = stage.ops.post("/api/v1/simulator/live-demo")
    red, pink = shops["shop_a"]["name"], shops["shop_b"]["name"]
    voice.say(f"{red} has only red flowers; {pink} has pink ones. Both are played by the simulator.")
    by = (stage.host.now + timedelta(days=2)).isoformat()
    lines = [{"product_id": shops["shop_a"]["product_id"]}]
    order = stage.place("demo-pink", {"lines": lines, "deliver_by": by})
    voice.done(f"Ann has ordered red flowers for {dollars(order['total']['minor'])}, courier included.")
    before = stage.money(order["id"])
    voice.asks("Ann", CHANGE)
    talk = stage.ann.post(f"/api/v1/orders/{order['id']}/changes", {"text": CHANGE}, "demo-pink-change")
    voice.answers(talk["summary"])
    stage.host.settle()
    (round_, *_) = stage.ann.get(f"/api/v1/negotiations/{talk['negotiation_id']}")["rounds"]
    voice.say(dim(f"to the shop: {round_['asked']}"), 4)
    voice.say(dim(f"the shop:    {round_['said']}"), 4)
    question = stage.waiting(order["id"])
    voice.answers(question["text"])
    _before_and_after(voice, question["facts"])
    voice.asks("Ann", "Yes, proceed.")
    stage.ann.post(f"/api/v1/approvals/{question['id']}", {"decision": "approve"})
    stage.host.settle()
    return _told(stage, voice, order, before)


def _before_and_after(voice: Voice, facts: dict[str, Any]) -> None:
    for name in ("before", "after"):
        for number, line in enumerate(facts.get(name, ())):
            voice.say(dim(f"{name if number == 0 else '':<8}{line}"), 4)


def _told(stage: Stage, voice: Voice, order: dict[str, Any], before: dict[str, int]) -> dict[str, Any]:
    after, now = stage.money(order["id"]), stage.order(order["id"])
    paid = before["provider:clearing"] - after["provider:clearing"]
    pink = next(leg for leg in now["legs"] if leg["title"] == "Pink Flowers")
    staff = stage.ops.get("/api/v1/escalations", about=f"order:{order['id']}")["items"]
    is_only_difference = voice.done(f"Ann pays {dollars(paid)} more, and nothing twice.", is_good=paid == 500)
    is_held = voice.done(
        f"{pink['partner']['name']} has it now, the money is {pink['escrow_status']}; the red ones are called off.",
        is_good=pink["escrow_status"] == "held",
    )
    voice.times(now["legs"], AUSTIN)
    voice.money(before, after)
    is_alone = voice.done("No staff was needed.", is_good=not staff)
    return {
        "ok": is_only_difference and is_held and is_alone and sum(after.values()) == 0, "order": order["id"],
        "difference_minor": paid, "by": pink["partner"]["name"], "ledger_sum": sum(after.values()),
    }  # fmt: skip
