"""Standing intents as they are kept: every change by etag; and who waits for what, so that the watcher finds them.

An intent that waits is a member of its group; a group stands once under each thing it depends on, and each of these is
a subject. They are written in this order, and taken away by the etag that was read before it was seen that nobody needs
them any more: whoever joins meanwhile writes anew, so the taking away is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from shared.changing import changed, kept
from shared.records import AlreadyThere, ChangedMeanwhile, NotThere, Query, Stored, Write
from shared.standing.changes import groups_of
from shared.standing.cost import TALLIES, TALLIES_MAX, Tally
from shared.standing.intent import GROUPS, MEMBERS, STANDING_INTENTS, SUBJECTS, Group, Member, StandingIntent, Subject
from shared.standing.readings import Watch, watch_of

if TYPE_CHECKING:
    from shared.ports import Store

Rule = Callable[[StandingIntent], StandingIntent]


async def find(store: Store, intent_id: str) -> Stored[StandingIntent] | None:
    """The intent of this id."""
    return await store.get(STANDING_INTENTS, intent_id, intent_id)


async def change(store: Store, intent_id: str, rule: Rule) -> StandingIntent:
    """The intent after a change, as it stands then; what does not change is not written.

    Raises what the rule raises, NotThere and Unavailable.
    """
    after = await changed(store, STANDING_INTENTS, intent_id, intent_id, rule)
    if after is None:
        raise NotThere(f"there is no standing intent {intent_id}")
    return after


async def join(store: Store, intent: StandingIntent, now: datetime) -> None:
    """Let the watcher find an intent from now on; again changes nothing."""
    groups = groups_of(intent)
    if not groups:
        return
    member = Member(id=intent.id, group=intent.group)
    await store.apply(MEMBERS, intent.group, [Write("put", member)])
    for group in groups:
        await store.apply(GROUPS, group.watch, [Write("put", group)])
    for group in groups:
        await open_subject(store, watch_of(group.watch), now)


async def open_subject(store: Store, watch: Watch, now: datetime) -> None:
    """Let a thing be read from now on; one that is read already stays as it is."""
    if await store.get(SUBJECTS, watch.key, watch.key) is None:
        partner = watch.what.partition(".")[0] if watch.kind in {"stock", "price"} else ""
        subject = Subject(id=watch.key, kind=watch.kind, partner=partner, due_at=now, updated_at=now)
        with suppress(AlreadyThere):
            await store.apply(SUBJECTS, watch.key, [Write("create", subject)])


async def leave(store: Store, group_id: str, intent_id: str, watch_keys: Sequence[str]) -> None:
    """Take an intent out of its group, and the group away if it was the last."""
    with suppress(NotThere):
        await store.apply(MEMBERS, group_id, [Write("delete", Member(id=intent_id, group=group_id))])
    for key in watch_keys:
        stored = await store.get(GROUPS, key, group_id)
        if stored is not None:
            await close_group(store, stored)


async def drop(store: Store, member: Stored[Member]) -> None:
    """Take out a member that was found not to wait there, unless it has joined anew meanwhile."""
    with suppress(ChangedMeanwhile, NotThere):
        await store.apply(MEMBERS, member.value.group, [Write("delete", member.value, member.etag)])


async def close_group(store: Store, stored: Stored[Group]) -> None:
    """Take a group away from a thing, if nobody is in it."""
    group = stored.value
    if not (await store.query(MEMBERS, Query({}, group.id, None, 1))).items:
        with suppress(ChangedMeanwhile, NotThere):
            await store.apply(GROUPS, group.watch, [Write("delete", group, stored.etag)])


async def close_subject(store: Store, stored: Stored[Subject], now: datetime) -> bool:
    """Read a thing no more if nobody waits for it; whether that is so."""
    subject = stored.value
    if await _is_awaited(store, subject.id):
        return False
    with suppress(ChangedMeanwhile, NotThere):
        await store.apply(SUBJECTS, subject.id, [Write("delete", subject, stored.etag)])
    if not await _is_awaited(store, subject.id):
        return True
    await open_subject(store, watch_of(subject.id), now)  # somebody came while it was being taken away
    return False


async def find_subject(store: Store, key: str, now: datetime) -> Stored[Subject] | None:
    """A thing that is read; one that is gone though somebody waits for it, as after a fall, is there again."""
    stored = await store.get(SUBJECTS, key, key)
    if stored is None and await _is_awaited(store, key):
        await open_subject(store, watch_of(key), now)
        stored = await store.get(SUBJECTS, key, key)
    return stored


async def count(store: Store, intent_id: str, step: int) -> None:
    """Count an intent that begins to wait (1), or has ended (-1)."""
    name = f"tally-{int(hashlib.sha256(intent_id.encode()).hexdigest(), 16) % TALLIES_MAX}"

    def stepped(known: Tally | None) -> Tally:
        before = known or Tally(id=name)
        return before.model_copy(update={"count": max(0, before.count + step)})

    await kept(store, TALLIES, name, name, stepped)


async def counted(store: Store) -> int:
    """How many intents wait."""
    page = await store.query(TALLIES, Query({}, limit=TALLIES_MAX))
    return sum(stored.value.count for stored in page.items)


async def _is_awaited(store: Store, key: str) -> bool:
    return bool((await store.query(GROUPS, Query({}, key, None, 1))).items)
