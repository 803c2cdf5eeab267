"""The moment at which an intent is bought: by when it is to be there, how long an answer may take, what is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from shared.dialogue.words import listed, time_words
from shared.discovery.conditions import Branch, CalendarLeaf, WeatherLeaf, leaves
from shared.logistics.weather import HOUR, hour_of
from shared.money.amounts import Money
from shared.standing.changes import next_rest
from shared.standing.frame import DAY_MINUTES, WAKING, part_span
from shared.standing.intent import StandingIntent
from shared.standing.moves import ON_SILENCE, Fact
from shared.standing.offer import Offered
from shared.standing.wording import leaf_words, sentence

ARRIVES_DAYS_MAX = 7
"""How long something may take to arrive that is bought for no day in particular."""
SPARE = timedelta(minutes=30)
"""Kept of the time to answer, so that what is bought without a word can still be there in time."""
SLACK_PERCENT = 5
"""So much more than was told it may cost when it is bought, and never more than the budget."""
SILENCE_WORDS: dict[Fact, str] = {
    "approve": "Without a word from you by {time} I order it.",
    "cancel": "Without a word from you by {time} I call it off.",
    "miss": "Without a word from you by {time} I wait for the next chance.",
}


def is_for_a_day(intent: StandingIntent) -> bool:
    """Whether it is bought for a day, by the calendar or the weather, and not just once it can be had."""
    return any(isinstance(leaf, CalendarLeaf | WeatherLeaf) for leaf in leaves(intent.conditions))


def deliver_by(intent: StandingIntent, now: datetime) -> datetime:
    """By when what is bought now is to be there: within its day, or the part of the day that was named."""
    if not is_for_a_day(intent):
        return now + timedelta(days=ARRIVES_DAYS_MAX)
    frame = intent.frame
    arrives = frame.arrives(now)
    day = frame.day_of(arrives)
    end = frame.moment(day, part_span(intent.daypart, WAKING)[1])
    return end if arrives < end else frame.moment(day, DAY_MINUTES - 1)


def try_again_at(intent: StandingIntent, now: datetime) -> datetime:
    """What could not be had may be had in an hour: until then nothing is bought; a moment of arrival."""
    return intent.frame.arrives(hour_of(now) + HOUR)


def rest_after(intent: StandingIntent, now: datetime, *, is_soon: bool) -> datetime:
    """Until when nothing may arrive after a try that came to nothing: is_soon, and the same day counts again."""
    later = next_rest(intent, now)
    return min(later, try_again_at(intent, now)) if is_soon else later


def on_silence(intent: StandingIntent, *, in_person: bool) -> Fact:
    """What an unanswered question comes to; what only the customer may allow is never taken for allowed."""
    fact = ON_SILENCE[intent.asking.trust]
    return "miss" if in_person and fact == "approve" else fact


def answer_until(intent: StandingIntent, now: datetime, arrives: datetime, by: datetime) -> datetime:
    """Until when an answer is waited for: as long as was chosen, unless it could not be there in time any more."""
    spare = max(by - arrives, timedelta(0))
    return now + min(timedelta(hours=intent.asking.timeout_hours), max(spare - SPARE, spare / 2))


class Terms(NamedTuple):
    """What would be bought, when it would be with the customer, until when an answer counts."""

    titles: tuple[str, ...]
    arrives: datetime
    until: datetime


def most_of(intent: StandingIntent, total: Money) -> Money:
    """What a purchase that was told to cost so much may cost in the end."""
    most = Money(minor=-(-total.minor * (100 + SLACK_PERCENT) // 100), currency=total.currency)
    return min(most, intent.budget) if intent.budget and intent.budget.currency == total.currency else most


def question_words(intent: StandingIntent, offered: Offered, terms: Terms, now: datetime) -> str:
    """What the customer is asked: why now, what for how much, when it would be there, and what silence means."""
    zone = intent.frame.zone
    why = sentence(intent.conditions, intent.purchase.thing or None).removeprefix("when ")
    last = SILENCE_WORDS[offered.silence].format(time=time_words(terms.until.astimezone(zone), now))
    there = time_words(terms.arrives.astimezone(zone), now)
    cost = f"{offered.total} (at most {offered.most})" if offered.most > offered.total else str(offered.total)
    return f"The moment has come: {why}. Shall I order {listed(terms.titles)} for {cost}, with you {there}? {last}"


def found_words(intent: StandingIntent) -> str:
    """What is said once it is known what will be bought: `Found your flowers! Waiting for sunny Thursday.`"""
    found = f"Found your {intent.purchase.thing}!" if intent.purchase.thing else "Found what you asked for!"
    skies = [leaf for leaf in leaves(intent.conditions) if isinstance(leaf, WeatherLeaf)]
    days = [leaf for leaf in leaves(intent.conditions) if isinstance(leaf, CalendarLeaf) and leaf.weekdays]
    root = intent.conditions
    is_plain = isinstance(root, Branch) and root.op == "and" and {*root.of} == {*skies, *days}
    if is_plain and len(skies) == len(days) == 1 and not days[0].recurrence:
        return f"{found} Waiting for {leaf_words(skies[0])} {leaf_words(days[0])}."
    return f"{found} I order {sentence(intent.conditions, intent.purchase.thing or None)}."
