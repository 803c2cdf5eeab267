"""Routine questions about an order, answered from its record; what the record does not say is not answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.narration.facts import everything, is_late, thing_words
from shared.dialogue.narration.templates import Template, said, template
from shared.dialogue.tongues import Tongue, Tongues
from shared.orders.legs import is_all_delivered, is_courier, live
from shared.orders.order import Order, OrderLeg

_OVER = frozenset({"failed", "cancelled"})
_WORKING = frozenset({"in_progress", "customization_started", "customization_complete"})


class Answers:
    """Answers questions; made once. templates: language → question → alternatives."""

    def __init__(self, tongues: Tongues, templates: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._tongues = tongues
        self._templates: dict[tuple[str, str], tuple[Template, ...]] = {
            (language, question): tuple(map(template, alternatives))
            for language, questions in templates.items()
            for question, alternatives in questions.items()
        }

    def answer(
        self, question: str, order: Order, leg: OrderLeg | None, now: datetime, zone: ZoneInfo, language: str
    ) -> str | None:
        """The answer to a question of data/dialogue/support.toml; None for one that the record does not answer.

        leg: the part of the order that is asked about, None for all of it.
        """
        spoken = self._tongues.speaks(language)
        tongue = self._tongues.tongue(spoken, zone)
        alternatives = self._templates.get((spoken, question), ())
        return said(alternatives, _facts(order, leg, now, tongue), _flags(order)) or None


def _facts(order: Order, leg: OrderLeg | None, now: datetime, tongue: Tongue) -> dict[str, str]:
    legs = live(order)
    told = {
        "everything": everything(order, tongue),
        "arrives": tongue.time(order.expected or order.arrives, now),
        "promised": tongue.time(order.arrives, now),
        "by": tongue.time(order.deliver_by, now),
        "address": order.deliver_to.address,
        "total": tongue.money(order.total),
        "order": order.id,
        "status": order.status,
        "hidden": tongue.word("hidden_partner"),
        "contents": tongue.listed([thing_words(one, tongue) for one in legs if one.lines]) or everything(order, tongue),
        **_under_way(legs, now, tongue),
        **_people(legs, leg, tongue),
    }
    told |= {"delivered": tongue.time(order.delivered_at, now)} if order.delivered_at else {}
    told |= {"price": tongue.money(leg.price)} if leg and leg.shows_partner else {}
    big = ("everything", "thing", "working", "moving", "courier", "maker")
    return {**told, **{name.capitalize(): _big(told[name]) for name in big if name in told}}


def _under_way(legs: Sequence[OrderLeg], now: datetime, tongue: Tongue) -> dict[str, str]:
    """What is being made, what is on the way, and when the first of what has not begun starts."""
    working = [thing_words(one, tongue) for one in legs if one.status in _WORKING and not is_courier(one)]
    moving = [thing_words(one, tongue) for one in legs if one.status == "in_transit" and not is_courier(one)]
    starts = min((one.starts for one in legs), default=None)
    told = {"working": tongue.listed(working)} if working else {}
    told |= {"moving": tongue.listed(moving)} if moving else {}
    return told | ({"starts": tongue.time(starts, now)} if starts else {})


def _people(legs: Sequence[OrderLeg], leg: OrderLeg | None, tongue: Tongue) -> dict[str, str]:
    """Who makes and who brings it, as far as that is to be told."""
    couriers = [one for one in legs if is_courier(one) or one.role == "delivery"]
    makers = [one for one in legs if one.role == "product" and one.lines]
    maker = leg or (makers[0] if len(makers) == 1 else None)
    told = {"courier": couriers[-1].partner_name} if couriers and couriers[-1].shows_partner else {}
    if maker is not None:
        told["thing"] = thing_words(maker, tongue)
        told |= {"maker": maker.partner_name} if maker.shows_partner else {}
    return told


def _flags(order: Order) -> frozenset[str]:
    legs = live(order)
    escrow = {leg.escrow for leg in order.legs}
    is_there = order.delivered_at is not None or is_all_delivered(order)
    held = {
        "arrived": is_there and order.status not in _OVER,
        "over": order.status in _OVER,
        "moving": any(one.status == "in_transit" for one in legs),
        "working": any(one.status in _WORKING and not is_courier(one) for one in legs),
        "open": all(one.status in {"planned", "accepted"} for one in legs),
        "late": is_late(order),
        "in_time": not is_late(order),
        "unpaid": escrow <= {"none"},
        "refunded": escrow == {"refunded"},
        "released": escrow == {"released"},
        "held": "held" in escrow,
    }
    return frozenset(name for name, holds in held.items() if holds)


def _big(words: str) -> str:
    return words[:1].upper() + words[1:]
