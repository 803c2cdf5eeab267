"""Scouting for a standing intent: what it would buy, found once, before it is waited for."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import azure.durable_functions as df

from activities import Client, activity
from activities.costs import EXECUTIONS
from activities.speaking import say_to_customer
from activities.standing import watch_over
from shared.flows import PATIENT, Call, Refusal
from shared.metering import Stopwatch
from shared.records import ChangedMeanwhile, Write
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.standing.intent import StandingIntent
    from shared.standing.progress import Entry
    from shared.standing.scouting import Scouting

blueprint = df.Blueprint()
TRIES_MAX = 20


@activity(blueprint, retry=PATIENT)
async def scout_for(deps: Deps, intent_id: str, call: Call, client: Client) -> datetime | Refusal:
    """Find what an intent is about, say so, and let the watcher look out for it; until when it waits.

    Refused where it does not wait then: there is nothing that it could wait for, or it was changed meanwhile.
    """
    from shared.standing import intent_book  # noqa: PLC0415  with the first intent, not with the app
    from shared.standing.intent import STANDING_INTENTS  # noqa: PLC0415
    from shared.standing.moment import found_words  # noqa: PLC0415

    watch = Stopwatch()
    scouting = await scouting_of(deps, client, call)
    for _ in range(TRIES_MAX):
        stored = await intent_book.find(deps.store, intent_id)
        if stored is None:
            return Refusal("no_such_intent")
        if stored.value.status != "scouting":
            break
        after = await _scouted(scouting, stored.value, call)
        metered = after.model_copy(update={"own": watch.added(after.own, EXECUTIONS)})
        with suppress(ChangedMeanwhile):
            await deps.store.apply(STANDING_INTENTS, intent_id, [Write("replace", metered, stored.etag)])
            break
    waiting = await watch_over(deps, intent_id, call, client, 0)
    if isinstance(waiting, Refusal):
        return waiting
    await say_to_customer(deps, waiting.customer, f"intent:{intent_id}", found_words(waiting), call)
    return waiting.expires_at


async def scouting_of(deps: Deps, client: Client, call: Call) -> Scouting:
    """What finds things as of a step's moment."""
    from shared.quoting import quoter_of  # noqa: PLC0415
    from shared.standing.scouting import Scouting  # noqa: PLC0415

    await deps.catalog_ready()
    await deps.scout.refresh()
    return Scouting(deps.scout, deps.taxonomy, deps.understanding, quoter_of(deps, client, call.at))


def entry_of(call: Call, words: str) -> Entry:
    """A line of the ledger, one for a step."""
    from shared.standing.progress import WORDS_LENGTH_MAX, Entry  # noqa: PLC0415

    return Entry(id=call.key[-120:], at=call.at, kind="status", words=words[:WORDS_LENGTH_MAX])


async def _scouted(scouting: Scouting, intent: StandingIntent, call: Call) -> StandingIntent:
    from shared.standing.changes import moved, watched  # noqa: PLC0415
    from shared.standing.moment import found_words  # noqa: PLC0415
    from shared.standing.scouting import NothingFound  # noqa: PLC0415

    try:
        found = await scouting.scouted(intent, call.at)
    except NothingFound as no:
        return moved(intent, "fail", entry_of(call, str(no)), reason=str(no))
    return watched(moved(found, "find", entry_of(call, found_words(found))), call.at)
