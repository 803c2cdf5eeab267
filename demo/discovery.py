"""A conversation with the demo city: wishes understood, bundles found and made, refined, and a standing one watched."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from demo.terminal import bold, colour, dim, dollars, mark, say
from devhost.testing import DevHost

DOWNTOWN = {"lat": 30.2672, "lng": -97.7431}
SHOWN, WIDTH = 3, 90

# Conversations: each sentence with what must be true of its answer.
TALKS: list[list[tuple[str, str]]] = [
    [
        ("something fancy for a baby shower by Saturday, monogrammed, under $150", "bundles"),
        ("cheaper", "bundles"),
        ("the second one", "chosen"),
    ],
    [("pink flowers near me tomorrow morning", "products"), ("no lilies, and make it Sunday", "products")],
    [("VIP wine tour for 12 people next Friday, no beer", "products")],
    [("flowers to my mom on the next sunny Thursday", "standing_intent")],
]


def play(host: DevHost) -> bool:
    """Hold the conversations; whether each answer has what it must."""
    good = True
    for talk in TALKS:
        thread: str | None = None
        for text, must in talk:
            answer = _ask(host, text, thread)
            thread = answer["thread_id"]
            good = _show(text, answer, must) and good
    return good


def _ask(host: DevHost, text: str, thread: str | None) -> dict[str, Any]:
    body = {"text": text, "location": DOWNTOWN, **({"thread_id": thread} if thread else {})}
    answer = host.http.post("/api/v1/chat", json=body)
    answer.raise_for_status()
    data: dict[str, Any] = answer.json()["data"]
    return data


def _show(text: str, answer: dict[str, Any], must: str) -> bool:
    is_good = bool(answer[must])
    say(f"\n  {colour('>', 36)} {bold(text)}")
    say(f"  {mark(is_good=is_good)} {answer['summary']}")
    if answer["chosen"]:
        return is_good
    offers = {offer["id"]: offer for offer in (*answer["bundles"], *answer["products"])}
    for name in answer["shown"][:SHOWN]:
        offer = offers[name]
        say(f"      {dollars(offer['price']['minor']):>10}  {offer['title']}  {dim(_details(offer))}")
    if answer["standing_intent"]:
        say(f"      {dim(answer['standing_intent']['logic'])}")
    return is_good


def _details(offer: dict[str, Any]) -> str:
    """What a bundle is made of, or who has a product and how far away."""
    if "parts" in offer:
        parts = " + ".join(part["title"] for part in offer["parts"])
        return shorten(parts, WIDTH, placeholder=" …") if parts else "all of it arranged for you"
    away = f", {offer['distance_km']:g} km" if offer["distance_km"] is not None else ""
    return f"{offer['partner']['name']}{away}"
