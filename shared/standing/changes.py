"""What happens to a standing intent, as changes of its record that do no harm when told twice."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from shared.discovery.conditions import CalendarLeaf, WeatherLeaf
from shared.standing.frame import DAY
from shared.standing.intent import Group, StandingIntent
from shared.standing.leaves import Truth
from shared.standing.moves import MOVES, WATCHED, Fact
from shared.standing.polls import is_due, look_again_at, polled
from shared.standing.progress import Entry, entered, news
from shared.standing.readings import watch_of
from shared.standing.reasons import estimate, reasoning
from shared.standing.truth import Verdict, leaf_truths
from shared.standing.watching import aspect_of, group_of, watches


class ImpossibleMove(Exception):
    """An intent does not go there from where it stands; the message says from where to where."""


def moved(intent: StandingIntent, fact: Fact, entry: Entry, **more: Any) -> StandingIntent:
    """The intent after a fact; the same entry again changes nothing. Raises ImpossibleMove."""
    if any(one.id == entry.id for one in intent.progress):
        return intent
    status = MOVES.get((intent.status, fact))
    if status is None:
        raise ImpossibleMove(f"Standing intent {intent.id} is {intent.status}: it cannot {fact}.")
    stays = intent.due_at if status in WATCHED else None
    return noted(intent, entry, status=status, **{"due_at": stays, **more})


def noted(intent: StandingIntent, entry: Entry, **more: Any) -> StandingIntent:
    """The intent with a line in its ledger; one that is there already, or said last, is not written again."""
    progress = entered(intent.progress, entry)
    return intent.model_copy(update={"progress": progress, "updated_at": entry.at, **more})


def watched(intent: StandingIntent, now: datetime) -> StandingIntent:
    """The intent with what it depends on, as its conditions and place now are; to be looked at at once."""
    frame = intent.frame
    keys = tuple(sorted(watch.key for watch in watches(intent.conditions, frame)))
    return intent.model_copy(
        update={"watches": keys, "group": group_of(intent.conditions, frame), "due_at": now, "updated_at": now}
    )


def groups_of(intent: StandingIntent) -> tuple[Group, ...]:
    """What the intent waits for, once for each thing that has to be read; the calendar needs no reading."""
    frame = intent.frame
    return tuple(
        Group(
            id=intent.group,
            watch=key,
            aspect=aspect_of(intent.conditions, watch_of(key), frame),
            conditions=intent.conditions,
            zone=intent.zone,
            cell=frame.cell,
            lead_minutes=intent.lead_minutes,
            daypart=intent.daypart,
            after=intent.rests_until,
            since=intent.created_at,
        )
        for key in intent.watches
        if watch_of(key).kind != "calendar"
    )


def looked(intent: StandingIntent, verdict: Verdict, key: str, now: datetime) -> StandingIntent:
    """The intent after a look: what has turned is written down; where nothing has, the very same record.

    key: of the look: a line that it has told already is not told again.
    """
    before: Truth | None = intent.verdict.truth if intent.verdict else None
    polls = polled(intent.polls, verdict, intent.good_polls)
    again_at = look_again_at(verdict, polls, intent.expires_at, intent.good_polls)
    due_at = min(again_at, _day_goes_by(intent, verdict, now))
    turned = news(intent.conditions, before, verdict.truth, now, intent.frame)
    is_same = intent.verdict is not None and _matters(verdict) == _matters(intent.verdict)
    if is_same and not turned and polls == intent.polls and due_at == intent.due_at:
        return intent
    progress = intent.progress
    for one in turned:
        name = hashlib.sha256(one.words.encode()).hexdigest()[:8]
        progress = entered(progress, Entry(id=f"{key}-{name}", at=now, kind=one.kind, words=one.words))
    turns = [one.turn for one in turned if one.turn]
    return intent.model_copy(
        update={
            "verdict": verdict,
            "polls": polls,
            "turn": turns[-1] if turns else intent.turn,
            "progress": progress,
            "checked_at": now,
            "due_at": due_at,
            "updated_at": now if turned else intent.updated_at,
        }
    )


def is_ready(intent: StandingIntent) -> bool:
    """Whether by the last look it is to be bought now."""
    return (
        intent.status in WATCHED
        and intent.verdict is not None
        and is_due(intent.verdict, intent.polls, intent.good_polls)
    )


def next_rest(intent: StandingIntent, now: datetime) -> datetime:
    """The end of the day that a purchase, made or declined, was for: nothing more may arrive before."""
    frame = intent.frame
    return frame.moment(frame.day_of(frame.arrives(now)) + DAY)


def reasoning_of(intent: StandingIntent, verdict: Verdict, now: datetime) -> str:
    """Why it stands as it does, in a sentence or two; verdict: of now."""
    match intent.status:
        case "waiting":
            return reasoning(
                intent.conditions,
                verdict,
                now,
                intent.frame,
                turn=intent.turn,
                polls=intent.polls,
                needed=intent.good_polls,
            )
        case "scouting":
            return "I am looking for what you asked for."
        case "awaiting_approval":
            return "The moment has come; I wait for your yes."
        case "buying":
            return "The moment has come; I am buying it now."
        case "paused":
            return "It is paused: I look at nothing until you resume it."
        case _:
            return intent.reason or f"It is {intent.status}."


def estimate_of(intent: StandingIntent, verdict: Verdict, now: datetime) -> str | None:
    """When it may come to pass; None once that is no question any more."""
    return estimate(verdict, now, intent.frame) if intent.status in WATCHED else None


def _day_goes_by(intent: StandingIntent, verdict: Verdict, now: datetime) -> datetime:
    """When the day is over that was looked at in vain, which is told where the calendar has named it; else the end."""
    pairs = list(leaf_truths(intent.conditions, verdict.truth))
    if not any(isinstance(leaf, CalendarLeaf) for leaf, _ in pairs):
        return intent.expires_at
    days = [told.day for leaf, told in pairs if isinstance(leaf, WeatherLeaf) and told.value != "true" and told.day]
    ends = [intent.frame.moment(day + DAY) for day in days]
    return min((end for end in ends if end > now), default=intent.expires_at)


def _matters(verdict: Verdict) -> tuple[object, ...]:
    """What of a verdict is worth a write: not the last digits of a forecast, nor when it was read."""
    days = (verdict.next_day, verdict.possible_day)
    return verdict.holds, verdict.needs_forecast, days, _values(verdict.truth)


def _values(truth: Truth) -> tuple[object, ...]:
    return truth.value, truth.why, truth.day, tuple(map(_values, truth.children))
