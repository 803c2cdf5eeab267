"""Discovery to door: a sentence, a bundle, one payment, four parties at work, delivered, everybody paid."""

from __future__ import annotations

from typing import Any

from demo.stage import AUSTIN, DOWNTOWN, Stage
from demo.terminal import Voice, dim, dollars

TITLE = "Discovery to door"
WISH = "something fancy for a baby shower by Saturday, monogrammed, under $150"


def play(stage: Stage, voice: Voice) -> dict[str, Any]:
    """From the wish to the payout; ok: everybody has done their part and is paid, and the ledger sums to zero."""
    bundle, by = _chosen(stage, voice)
    order = stage.place("demo-door", {"bundle_id": bundle["id"], "deliver_by": by})
    held = stage.money(order["id"])
    parties = {leg["partner"]["name"] for leg in order["legs"]}
    is_placed = voice.done(
        f"Ordered: one payment of {dollars(order['total']['minor'])} over {len(parties)} parties, all of it held.",
        is_good=order["status"] == "placed",
    )
    voice.times(order["legs"], AUSTIN)
    _worked(stage, voice, order)
    stage.ann.post(f"/api/v1/orders/{order['id']}/delivery-confirmation")
    stage.host.settle()
    done, paid = stage.order(order["id"]), stage.money(order["id"])
    is_paid = voice.done(
        "Ann says that it has arrived. Escrow lets go, everybody is paid:", is_good=done["status"] == "completed"
    )
    voice.money(held, paid)
    out = held["provider:clearing"] - paid["provider:clearing"]
    voice.say(f"{'paid out to the four':<34}{dollars(0):>12}  →  {dollars(-out):>10}", 4)
    total = sum(paid.values())
    is_zero = voice.done(f"The sealed ledger sums to {dollars(total)}.", is_good=total == 0)
    return {
        "ok": is_placed and is_paid and is_zero, "order": order["id"], "total": order["total"], "parties": len(parties),
        "status": done["status"], "promised": order["promised"], "ledger_sum": total,
    }  # fmt: skip


def _chosen(stage: Stage, voice: Voice) -> tuple[dict[str, Any], str]:
    """The bundle that shows its parts, and by when it is wanted."""
    voice.asks("Ann, to her assistant", WISH)
    answer = stage.http.post("/api/v1/chat", json={"text": WISH, "location": DOWNTOWN}).json()["data"]
    voice.answers(answer["summary"])
    for bundle in answer["bundles"][:3]:
        parts = " + ".join(part["title"] for part in bundle.get("parts", ())) or "everything arranged for you"
        voice.say(f"{dollars(bundle['price']['minor']):>9}  {bundle['title'][:52]}", 4)
        voice.say(dim(parts[:84]), 15)
    chosen = next(bundle for bundle in answer["bundles"] if bundle.get("parts"))
    voice.asks("Ann", f"The one at {dollars(chosen['price']['minor'])}.")
    return chosen, answer["intent"]["entities"]["deliver_by"]


def _worked(stage: Stage, voice: Voice, order: dict[str, Any]) -> None:
    """Each party does its task when it is its turn."""
    for leg in order["legs"]:
        now = next(one for one in stage.order(order["id"])["legs"] if one["id"] == leg["id"])
        doer = stage.person(now["party"], now["partner"]["id"])
        path = f"/api/v1/orders/{order['id']}/legs/{leg['id']}/status"
        is_courier = leg["role"] == "delivery"
        stage.go_to(now["starts"])
        doer.post(path, {"status": "in_transit" if is_courier else "in_progress"})
        stage.go_to(now["ends"])
        doer.post(path, {"status": "delivered" if is_courier else "ready_for_pickup"})
        what = "has brought it" if is_courier else "is done with its part"
        voice.done(f"{stage.now:%a %H:%M}  {now['partner']['name']} {what}: {leg['title'][:48]}.")
