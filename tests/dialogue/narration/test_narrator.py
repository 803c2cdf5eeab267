"""Every event told in every language, from the record alone: no number in it that the record does not have."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.narration.event import Event, EventKind, Narration
from shared.dialogue.narration.narrator import PARTS, Narrator
from shared.money.amounts import Money
from shared.orders.order import Order
from tests.dialogue.orders import NOW, ZONE, hour, order, usd

DATA = Path(__file__).parents[3] / "data" / "dialogue"
KINDS: tuple[EventKind, ...] = get_args(EventKind)
LANGUAGES = ("en", "es")
TEMPLATES = {code: tomllib.loads((DATA / f"narration_{code}.toml").read_text("utf-8")) for code in LANGUAGES}
NARRATOR = Narrator(tomllib.loads((DATA / "tongues.toml").read_text("utf-8")), TEMPLATES)
WATCHES = {kind for kind in KINDS if kind.startswith("watch")}


def event(kind: EventKind, **more: object) -> Event:
    told = {
        "leg": "leg-1", "minutes": 5, "reason": "we found a scratch on the cap", "offer": "Pink Flowers",
        "new_partner": "Flower Shop B", "difference": usd(500), "amount": usd(4250), "decision": "half is given back",
        "watch": "the flowers", "waits": "it is sunny and a Thursday", "forecast": "Rainy",
        "day": NOW + timedelta(days=6), "check": NOW + timedelta(hours=1), "until": NOW + timedelta(hours=7),
    }  # fmt: skip
    return Event.model_validate({"kind": kind, "at": NOW, **told, **more})


def bare(kind: EventKind) -> Event:
    return Event(kind=kind, at=NOW)


def all_words(narration: Narration) -> str:
    return " ".join([narration.headline, narration.text, narration.reasoning, *narration.before, *narration.after])


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,:]\d+)*", text))


def known_numbers(moments: list[datetime], amounts: list[Money], minutes: list[int], words: str) -> set[str]:
    """All ways in which the record's moments, amounts and minutes can be written."""
    known = numbers(words)
    for moment in moments:
        local = moment.astimezone(ZONE)
        hours = {str(local.hour), str(local.hour % 12 or 12)}
        known |= {str(local.day), str(local.year), *hours, *(f"{one}:{local.minute:02}" for one in hours)}
    for amount in amounts:
        known |= {f"{abs(amount.minor) / 100:,.2f}", f"{abs(amount.minor) // 100:,}"}
    for count in minutes:
        days, rest = divmod(abs(count), 1_440)
        known |= {str(days), str(rest // 60), str(rest % 60)}
    return known


def told_of(said: Event, before: Order | None, after: Order | None) -> set[str]:
    orders = [one for one in (before, after) if one]
    moments = [said.at, *(one for one in (said.day, said.check, said.until) if one)]
    moments += [one for record in orders for one in (record.arrives, record.expected, record.deliver_by) if one]
    moments += [one for record in orders for leg in record.legs for one in (leg.starts, leg.ends)]
    moments += [record.delivered_at for record in orders if record.delivered_at]
    amounts = [one for one in (said.amount, said.difference) if one] + [record.total for record in orders]
    minutes = [said.minutes or 0]
    if before and after:
        shift = (after.expected or after.arrives) - (before.expected or before.arrives)
        minutes.append(round(shift.total_seconds() / 60))
    words = " ".join([said.reason or "", said.offer or "", *(leg.title for one in orders for leg in one.legs)])
    return known_numbers(moments, amounts, minutes, words)


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_every_event_is_told_with_and_without_details(kind: EventKind, language: str) -> None:
    after = None if kind in WATCHES else order(expected=hour("15:05"))
    before = None if kind in WATCHES else order()
    for said in (event(kind), event(kind, asks=True), bare(kind)):
        found = NARRATOR.narrate(said, before, after, ZONE, language)
        assert found.headline
        assert found.what
        assert found.doing
        assert found.reasoning
        assert "{" not in all_words(found)
        assert "[" not in all_words(found)
        assert numbers(all_words(found)) <= told_of(said, before, after)


def test_the_live_demo_reads_as_the_spec_has_it() -> None:
    found = NARRATOR.narrate(event("recovery_proposed", reason=None), order(), order(expected=hour("15:05")), ZONE)
    assert found.what == "I've found Pink Flowers from a different vendor, Flower Shop B."
    assert found.means == "It would be $5 more, and your timeline would be 5 minutes later."
    assert found.doing.endswith("Should I proceed?")
    assert found.before[-1] == "With you: today 3 PM"
    assert found.after[-1] == "With you: today 3:05 PM"


def test_a_scratch_and_the_forecast_read_as_the_spec_has_them() -> None:
    scratch = NARRATOR.narrate(event("replaced", offer="a fresh one", new_partner=None), order(), order(), ZONE)
    assert scratch.what == "we found a scratch on the cap — so we're getting you a fresh one from elsewhere."
    assert scratch.means == "It still arrives in time!"
    forecast = NARRATOR.narrate(event("watch_changed"), None, None, ZONE)
    assert forecast.reasoning == (
        "I'm still waiting to buy the flowers because the forecast for Thursday, Nov 26 just changed to “Rainy”"
        "—monitoring for a clear window."
    )


def test_who_is_hidden_is_never_named() -> None:
    after = order()
    for kind, language in product(KINDS, LANGUAGES):
        said = event(kind, leg="leg-2", reason=None, new_partner=None)
        words = all_words(NARRATOR.narrate(said, after, after, ZONE, language))
        assert "Secret" not in words
        assert "Oscuro" not in words


def test_late_is_told_as_late_and_in_time_as_in_time() -> None:
    in_time = NARRATOR.narrate(event("late"), None, order(expected=hour("16:00")), ZONE)
    assert "still enough time" in in_time.means
    late = NARRATOR.narrate(event("late"), None, order(expected=hour("17:30")), ZONE)
    assert late.means == "It would be there today 5:30 PM instead of today 3 PM. I'm sorry."


def test_a_language_that_is_not_spoken_is_told_in_english_and_a_dialect_as_its_language() -> None:
    assert NARRATOR.narrate(event("placed"), None, order(), ZONE, "fr").language == "en"
    found = NARRATOR.narrate(event("placed"), None, order(), ZONE, "es-MX")
    assert found.language == "es"
    assert "hoy a las 15:00" in found.when


def test_times_are_told_by_the_customers_clock() -> None:
    found = NARRATOR.narrate(event("placed"), None, order(), ZoneInfo("America/New_York"))
    assert found.when == "It should be with you today 4 PM."


def test_both_languages_have_every_part_of_every_event() -> None:
    for events in TEMPLATES.values():
        assert set(events) == set(KINDS)
        assert all(set(parts) == set(PARTS) for parts in events.values())


def test_no_template_has_a_number() -> None:
    for events in TEMPLATES.values():
        for alternatives in (one for parts in events.values() for one in parts.values()):
            assert not any(re.search(r"\d", text) for text in alternatives)


@given(
    st.sampled_from(KINDS), st.sampled_from(LANGUAGES), st.integers(-3_000, 3_000), st.integers(0, 3_000),
    st.integers(-10**6, 10**6), st.sampled_from(["leg-1", "leg-2", "leg-4", "leg-9", None]),
)  # fmt: skip
def test_whatever_the_facts_no_number_is_made_up(
    kind: EventKind, language: str, shift: int, late: int, minor: int, leg_id: str | None
) -> None:
    before = order()
    after = order(expected=before.arrives + timedelta(minutes=shift), delivered_at=hour("15:07"))
    said = event(kind, minutes=late, difference=usd(minor), amount=usd(abs(minor)), leg=leg_id)
    found = NARRATOR.narrate(said, before, after, ZONE, language)
    assert numbers(all_words(found)) <= told_of(said, before, after)
