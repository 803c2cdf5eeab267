"""Why an intent still waits, in words: from what was read and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from shared.dialogue.words import listed, money_words, time_words
from shared.discovery.conditions import AnyLeaf, Branch, CalendarLeaf, Condition, InventoryLeaf, PriceLeaf, WeatherLeaf
from shared.logistics.weather import FORECAST_DAYS_MAX
from shared.standing.frame import Frame
from shared.standing.leaves import Truth, Why, known_of
from shared.standing.polls import GOOD_POLLS, Polls
from shared.standing.skies import DayWeather, bounds_of, is_within
from shared.standing.truth import Verdict, leaf_truths
from shared.standing.wording import date_words, sentence
from shared.wire import Plain

TOLD_MAX = 3
"""More reasons than this nobody reads."""


class Turn(Plain):
    """How the forecast of a day has turned last, in a word, and when."""

    at: AwareDatetime
    day: date
    to: str


Blocker = tuple[AnyLeaf, Truth]


def reason(leaf: AnyLeaf, truth: Truth, now: datetime, frame: Frame) -> str:
    """Why a leaf is true, false or unknown: `Thursday: rain 80 %, cloud up to 90 %, 14 °C`."""
    match leaf:
        case WeatherLeaf():
            return _weather_reason(truth, now, frame)
        case CalendarLeaf():
            return _calendar_reason(truth, now, frame)
        case InventoryLeaf():
            return _unknown(truth, now, frame) or f"{_stock(truth)}{_wanted(leaf, truth)}"
        case PriceLeaf():
            return _unknown(truth, now, frame) or f"it costs {_money(truth)}{_asked(leaf)}"
        case _:
            assert_never(leaf)


def reasoning(
    condition: Condition,
    verdict: Verdict,
    now: datetime,
    frame: Frame,
    *,
    turn: Turn | None = None,
    polls: Polls | None = None,
    needed: int = GOOD_POLLS,
) -> str:
    """What is seen, why it waits, what comes next: two sentences at most.

    turn: how the forecast has turned last, told while it is about the day that is waited for. polls: so far.
    """
    if verdict.holds:
        count = polls.count if polls else 0
        if verdict.needs_forecast and count < needed:
            return f"{_good(condition, verdict, now, frame)} I wait for one more forecast that says so."
        return f"The moment has come: {sentence(condition)}."
    blockers = blocking(condition, verdict.truth)
    sky = next((one for one in blockers if isinstance(one[0], WeatherLeaf)), None)
    if sky:
        return f"Still waiting: {_sky_words(sky, turn, now, frame)}{_outlook(condition, verdict, now, frame)}"
    if verdict.next is not None:
        return _outlook(condition, verdict, now, frame).removeprefix(" — ")
    others = [one for one in blockers if not isinstance(one[0], CalendarLeaf)]
    if others:
        said = [reason(leaf, truth, now, frame) for leaf, truth in others[:TOLD_MAX]]
        return f"Still waiting: {listed(said)}."
    return f"Still waiting {sentence(condition)}."


def estimate(verdict: Verdict, now: datetime, frame: Frame) -> str:
    """When it may come to pass: `Thursday at the earliest`."""
    if verdict.holds:
        return "now"
    if verdict.possible is None:
        return f"nothing fits before {date_words(frame.day_of(frame.until), frame.day_of(now))}"
    return f"{_when(verdict.possible, now, frame)} at the earliest"


def blocking(condition: Condition, truth: Truth, *, wanted: bool = True) -> list[Blocker]:
    """The leaves on which it hangs that a condition is not as wanted, left to right."""
    if known_of(truth.value) is wanted:
        return []
    if not isinstance(condition, Branch):
        return [(condition, truth)]
    is_wanted = wanted is not (condition.op == "not")
    parts = zip(condition.of, truth.children, strict=True)
    return [one for child, told in parts for one in blocking(child, told, wanted=is_wanted)]


def sky_word(leaf: WeatherLeaf, day: DayWeather) -> str:
    """What a day's weather is, in the word that decides a leaf: `rain`, `clouds`, `snow`, `28 °C`, `fine`."""
    is_wet, is_white = (day.wet_max or 0) >= 50, (day.snow_max or 0) >= 50
    failing = [bound.figure for bound in bounds_of(leaf) if is_within(bound, day, is_complete=True) is False]
    figure = (failing or [bound.figure for bound in bounds_of(leaf)])[0]
    if figure == "high_c":
        return f"{day.high_c:g} °C" if day.high_c is not None else "no day"
    if figure == "wind_max":
        return f"wind of {day.wind_max:g} km/h" if day.wind_max is not None else "no day"
    if is_white or is_wet:
        return "snow" if is_white else "rain"
    if (day.light_rain_max or 0) > 20:
        return "showers"
    return "clouds" if (day.light_cloud_max or 0) > 30 else "sun" if day.light_hours else "a clear sky"


def day_words(day: date, now: datetime, zone: ZoneInfo) -> str:
    """`today`, `tomorrow`, `Thursday`, `Thursday, Dec 3`."""
    return time_words(datetime(day.year, day.month, day.day, tzinfo=zone), now)


def since_words(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """How long ago, as people say it: `this morning`, `this afternoon`, `yesterday`, `on Monday`."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    days = (here.date() - there.date()).days
    if days == 0:
        return "this morning" if there.hour < 12 else "this afternoon" if there.hour < 18 else "this evening"
    if days == 1:
        return "yesterday"
    return f"on {there:%A}" if days < 7 else f"on {there:%b} {there.day}"


def _sky_words(blocker: Blocker, turn: Turn | None, now: datetime, frame: Frame) -> str:
    leaf, truth = blocker
    day = truth.day
    if day is None or truth.value == "unknown" or not isinstance(leaf, WeatherLeaf) or truth.weather is None:
        return reason(leaf, truth, now, frame)
    whose = _whose(day_words(day, now, frame.zone))
    if turn is not None and turn.day == day:
        return f"{whose} turned to {turn.to} {since_words(turn.at, now, frame.zone)}"
    return f"{whose} says {sky_word(leaf, truth.weather)} ({_figures(truth.weather)})"


def _outlook(condition: Condition, verdict: Verdict, now: datetime, frame: Frame) -> str:
    """What comes next: the day that looks right by now, or that it goes on looking for one."""
    if verdict.next is None:
        return " — I keep watching for a clear window."
    when = _when(verdict.next, now, frame)
    if not verdict.needs_forecast:
        return f" — Waiting for its time: I order {when}."
    return f" — {_good(condition, verdict, now, frame)} I order {when} if it stays so."


def _good(condition: Condition, verdict: Verdict, now: datetime, frame: Frame) -> str:
    day = day_words(verdict.next_day or verdict.day, now, frame.zone)
    seen = [truth for _, truth in leaf_truths(condition, verdict.truth) if truth.weather and truth.day]
    told = next((truth.weather for truth in seen if truth.day == verdict.next_day), None)
    figures = f" ({_figures(told)})" if told else ""
    return f"{day[:1].upper()}{day[1:]} looks right{figures}."


def _weather_reason(truth: Truth, now: datetime, frame: Frame) -> str:
    day = day_words(truth.day, now, frame.zone) if truth.day else "the day"
    if truth.value == "unknown" or truth.weather is None:
        return _unknown(truth, now, frame) or f"nothing is known of {day}"
    return f"{day[:1].upper()}{day[1:]}: {_figures(truth.weather)}"


def _figures(day: DayWeather) -> str:
    """`rain 80 %, cloud up to 90 %, 14 °C, wind 12 km/h`."""
    cloud = day.light_cloud_max if day.light_hours else day.cloud_max
    said = [f"rain {day.rain_max:g} %"] if day.rain_max is not None else []
    said += [f"cloud up to {cloud:g} %"] if cloud is not None else []
    said += [f"{day.high_c:g} °C"] if day.high_c is not None else []
    said += [f"wind {day.wind_max:g} km/h"] if day.wind_max is not None else []
    return ", ".join(said)


def _calendar_reason(truth: Truth, now: datetime, frame: Frame) -> str:
    if truth.value == "unknown":
        return _unknown(truth, now, frame)
    if truth.day is None:
        return f"not again before {date_words(frame.day_of(frame.until), frame.day_of(now))}"
    day = day_words(truth.day, now, frame.zone)
    return f"it is so {day}" if truth.value == "true" else f"next {_on(day)}"


def _unknown(truth: Truth, now: datetime, frame: Frame) -> str:
    """Why something is unknown; empty if it is known."""
    if truth.why is None:
        return ""
    day = day_words(truth.day, now, frame.zone) if truth.day else "that day"
    told: dict[Why, str] = {
        "unread": "it has not been looked at yet",
        "stale": f"it was last read {_read(truth, now, frame)}, too long ago to go by",
        "too_far": f"{day} is still beyond the forecast, which reaches {FORECAST_DAYS_MAX} days",
        "in_part": f"the forecast does not cover all of {day} yet",
        "no_place": "there is no place whose weather could be looked up",
        "no_product": "what it is about has not been found yet",
        "no_reference": "there is no earlier price to measure a drop from",
        "other_currency": f"it costs {_money(truth)}, in another currency than was asked for",
        "no_date": "the date of that holiday is not known here",
    }
    return told[truth.why]


def _read(truth: Truth, now: datetime, frame: Frame) -> str:
    return since_words(truth.at, now, frame.zone) if truth.at else "long ago"


def _stock(truth: Truth) -> str:
    if truth.made_to_order:
        return "it is made as ordered"
    return f"{truth.units} in stock" if truth.units else "it is sold out"


def _wanted(leaf: InventoryLeaf, truth: Truth) -> str:
    return f", {leaf.at_least} wanted" if truth.value == "false" and truth.units else ""


def _money(truth: Truth) -> str:
    return money_words(truth.price.minor, truth.price.currency) if truth.price else "nothing that is known"


def _asked(leaf: PriceLeaf) -> str:
    said = []
    if leaf.below is not None:
        how = "at most" if leaf.at_most else "less than"
        said.append(f"{how} {money_words(leaf.below.minor, leaf.below.currency)}")
    if leaf.drop_percent is not None and leaf.reference is not None:
        said.append(f"{leaf.drop_percent} % off {money_words(leaf.reference.minor, leaf.reference.currency)}")
    return f", you asked for {listed(said)}"


def _whose(day: str) -> str:
    return f"the forecast for {day}" if "," in day else f"{day[:1].upper()}{day[1:]}'s forecast"


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"


def _when(moment: datetime, now: datetime, frame: Frame) -> str:
    return _on(time_words(moment.astimezone(frame.zone), now))
