"""Adaptive Cards 1.5 of what was found and what is asked (https://adaptivecards.io/explorer/), for chat windows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from shared.dialogue.words import duration_words, each_words, money_words
from shared.discovery.conditions import Condition, leaves
from shared.discovery.views import BundleView, ProductView
from shared.money.amounts import Money

SHOWN_MAX = 6
"""More offers than this make a card that nobody reads to its end."""
ACTIONS_MAX = 5
TEXT_LENGTH_MAX = 240
LINES_MAX = 12
_MARKDOWN = re.compile(r"([\\`*_\[\]])")


def card(body: Sequence[dict[str, Any]], actions: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A whole card."""
    made: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": list(body),
    }
    if actions:
        made["actions"] = list(actions[:ACTIONS_MAX])
    return made


def offers_card(
    summary: str, offers: Sequence[ProductView | BundleView], suggestions: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """What was found, one container an offer with a button to choose it; suggestions: (label, what it says)."""
    shown = [_offer(offer, is_first=number == 0) for number, offer in enumerate(offers[:SHOWN_MAX])]
    more = len(offers) - len(shown)
    rest = [text(f"{more} more", is_subtle=True)] if more > 0 else []
    return card([text(summary), *shown, *rest], [_say(label, words) for label, words in suggestions])


def question_card(question: str, suggestions: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """A question, with a field for the answer."""
    field = {"type": "Input.Text", "id": "text", "placeholder": "Your answer", "isMultiline": False, "maxLength": 400}
    send = {"type": "Action.Execute", "title": "Send", "verb": "say", "data": {}}
    return card([text(question, weight="Bolder"), field], [send, *(_say(*one) for one in suggestions)])


def plain_card(summary: str, suggestions: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """A few words and what could be said next."""
    return card([text(summary)], [_say(*one) for one in suggestions])


def watch_card(summary: str, logic: str, conditions: Condition | None) -> dict[str, Any]:
    """A standing intent: what is being watched, as the logic map and one line a condition."""
    facts = [{"title": leaf.type.capitalize(), "value": _escaped(leaf.text)} for leaf in leaves(conditions)]
    body = [text(summary, weight="Bolder"), text(logic, is_subtle=True)]
    return card([*body, {"type": "FactSet", "facts": facts}] if facts else body)


def approval_card(
    title: str, question: str, facts: Mapping[str, JsonValue], approval: str, *, yes: str, no: str
) -> dict[str, Any]:
    """A question of a flow: what it is about, the times before and after, and a button for each answer.

    facts: words, amounts as `{"minor", "currency"}`, lists of lines (`before`, `after`), `image` as a URL.
    """
    told = [(name, value) for name, value in facts.items() if _is_fact(name, value)]
    shown = [{"title": _title(name), "value": _escaped(_value(value))} for name, value in told]
    body = [text(title, weight="Bolder", size="Medium"), text(question)]
    if isinstance(image := facts.get("image"), str):
        body.append({"type": "Image", "url": image, "altText": title, "size": "Medium"})
    body += [{"type": "FactSet", "facts": shown}] if shown else []
    body += [_lines(_title(name), value) for name, value in facts.items() if isinstance(value, list) and value]
    decide = {"type": "Action.Execute", "verb": "decide"}
    return card(
        body,
        [
            {**decide, "title": yes, "style": "positive", "data": {"approval": approval, "decision": "approve"}},
            {**decide, "title": no, "data": {"approval": approval, "decision": "reject"}},
        ],
    )


def text(words: str, *, weight: str = "Default", is_subtle: bool = False, size: str = "Default") -> dict[str, Any]:
    """A paragraph; nothing in it is read as Markdown."""
    return {
        "type": "TextBlock",
        "text": _escaped(words),
        "wrap": True,
        "weight": weight,
        "isSubtle": is_subtle,
        "size": size,
    }


def fact_set(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Facts in two columns; nothing in them is read as Markdown."""
    facts = [{"title": _escaped(title), "value": _escaped(value)} for title, value in pairs]
    return {"type": "FactSet", "facts": facts}


def _is_fact(name: str, value: JsonValue) -> bool:
    return name != "image" and value is not None and not isinstance(value, list)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _value(value: JsonValue) -> str:
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return str(Money.model_validate(value))
    return str(value)


def _lines(title: str, lines: Sequence[JsonValue]) -> dict[str, Any]:
    """Lines under a heading, such as the times of an order's legs."""
    items = [text(title, weight="Bolder"), *(text(str(line), size="Small") for line in lines[:LINES_MAX])]
    return {"type": "Container", "separator": True, "items": items}


def _offer(offer: ProductView | BundleView, *, is_first: bool) -> dict[str, Any]:
    head = {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": "stretch", "items": [text(offer.title, weight="Bolder")]},
            {
                "type": "Column",
                "width": "auto",
                "items": [text(_price(offer), weight="Bolder")],
            },
        ],
    }
    verb = "choose_bundle" if isinstance(offer, BundleView) else "choose_product"
    choose = {"type": "Action.Execute", "title": "Choose", "verb": verb, "data": {"id": offer.id}}
    details = {"type": "Action.OpenUrl", "title": "Details", "url": offer.url}
    image = [{"type": "Image", "url": url, "altText": offer.title, "size": "Medium"} for url in offer.images[:1]]
    return {
        "type": "Container",
        "style": "emphasis" if is_first else "default",
        "separator": True,
        "spacing": "Medium",
        "items": [
            *image,
            head,
            text(" · ".join(_facts(offer)), is_subtle=True, size="Small"),
            text(_short(offer.description)),
            {"type": "ActionSet", "actions": [choose, details]},
        ],
    }


def _facts(offer: ProductView | BundleView) -> list[str]:
    facts = [offer.label.capitalize()] if offer.label else []
    if isinstance(offer, ProductView):
        facts.append(offer.partner.name)
        facts += [f"{offer.distance_km:g} km away"] if offer.distance_km is not None else []
        facts += [f"★ {offer.rating:.1f} ({offer.ratings})"] if offer.rating is not None else []
    elif offer.parts:
        facts.append(f"{len(offer.parts)} parts")
    facts.append(f"ready in {duration_words(offer.lead_minutes)}" if offer.lead_minutes else "ready at once")
    return facts if offer.in_stock else [*facts, "sold out"]


def _price(offer: ProductView | BundleView) -> str:
    amount = money_words(offer.price.minor, offer.price.currency)
    is_each = isinstance(offer, ProductView) and offer.unit not in {"item", "set"}
    return f"{amount} {each_words(offer.unit)}" if is_each and isinstance(offer, ProductView) else amount


def _say(label: str, words: str) -> dict[str, Any]:
    return {"type": "Action.Execute", "title": label, "verb": "say", "data": {"text": words}}


def _short(words: str) -> str:
    return words if len(words) <= TEXT_LENGTH_MAX else f"{words[: TEXT_LENGTH_MAX - 1].rstrip()}…"


def _escaped(words: str) -> str:
    """Text of partners and customers is shown as it is, never as links or markup."""
    return _MARKDOWN.sub(r"\\\1", words)
