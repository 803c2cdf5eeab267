"""The watcher: each distinct thing is read once, and those who wait for it are looked at where it has turned for them.

    read → keep the reading → for each aspect that turns: look at the members of its groups → note that all were told

The work grows with what there is to look at, not with how many wait: of a thing that turns for nobody only its aspects
are asked. What was told last is kept beside the reading, so a run that dies anywhere is made up for by the next; one
that would take too long says where to go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import AwareDatetime

from shared.logistics.weather import HOUR, hour_of
from shared.records import PAGE_MAX, ChangedMeanwhile, NotThere, Query, Stored, Unavailable, Write
from shared.standing.intent import GROUPS, MEMBERS, STANDING_INTENTS, SUBJECTS, Group, Member, Subject
from shared.standing.intent_book import close_group, close_subject, drop, find_subject
from shared.standing.moves import WATCHED
from shared.standing.readings import Reading, is_same, is_stale, watch_of
from shared.standing.watching import Told, turns
from shared.wire import Plain

if TYPE_CHECKING:
    from shared.ports import Store
    from shared.standing.lookout import Lookout
    from shared.standing.sources import Sources

GROUPS_PAGE = 100
TRIES_MAX = 20

_log = logging.getLogger(__name__)


class Cursor(Plain):
    """Where to go on with a thing: the aspect, the page of its groups, the group on it, the page of its members.

    at: of the reading that was told so far; where there is another meanwhile, all begins anew.
    """

    at: AwareDatetime
    aspect: str = ""
    groups: str | None = None
    group: str = ""
    members: str | None = None


class Watcher:
    """Watches for one run. is_over: whether the time is up; asked after each page."""

    def __init__(
        self, store: Store, sources: Sources, lookout: Lookout, now: datetime, is_over: Callable[[], bool]
    ) -> None:
        self._store = store
        self._sources = sources
        self._lookout = lookout
        self._now = now
        self._is_over = is_over

    async def watch(
        self, key: str, cursor: Cursor | None = None, known: Stored[Subject] | None = None
    ) -> Cursor | None:
        """Read a thing and look at whom it has turned for; where to go on if there is no time for all of them.

        known: how it stood a moment ago; what has changed since is seen by its etag. A source that does not answer is
        noted with the thing. Raises ChangedMeanwhile, and Unavailable of the store.
        """
        stored = await (self._read(key, known) if cursor is None else self._store.get(SUBJECTS, key, key))
        if stored is None or stored.value.reading is None or _is_told(stored.value, self._now):
            return None
        reading = stored.value.reading
        begin = cursor if cursor is not None and cursor.at == reading.at else Cursor(at=reading.at)
        left = await self._tell(stored.value, reading, begin)
        if left is None:
            await self._note_told(stored, reading)
        return left

    async def look_at_due(self, after: str | None) -> str | None:
        """Look at the intents whose time has come, page by page; the token of the page to go on with."""
        due = {"due_at": {"le": self._now}}
        while True:
            page = await self._store.query(STANDING_INTENTS, Query(due, None, "due_at", PAGE_MAX, after))
            await self._lookout.look(page.items)
            after = page.next
            if after is None or self._is_over():
                return after

    async def _read(self, key: str, known: Stored[Subject] | None) -> Stored[Subject] | None:
        """The thing with what it is now, kept; None where nobody waits for it."""
        for _ in range(TRIES_MAX):
            stored, known = known or await find_subject(self._store, key, self._now), None
            if stored is None or await close_subject(self._store, stored, self._now):
                return None
            try:
                after = _read_well(stored.value, await self._sources.read(watch_of(key), self._now), self._now)
            except Unavailable as fault:
                after = _read_badly(stored.value, str(fault), self._now)
            try:
                (kept,) = await self._store.apply(SUBJECTS, key, [Write("replace", after, stored.etag)])
            except (ChangedMeanwhile, NotThere):
                continue
            return kept
        raise ChangedMeanwhile(f"{key} changes all the time")

    async def _tell(self, subject: Subject, reading: Reading, cursor: Cursor) -> Cursor | None:
        """Look at the members of all groups that the reading turns for; where to go on, None once all were."""
        told = Told(subject.told or reading, subject.is_told_stale) if subject.told_at else None
        watch, before = watch_of(subject.id), cursor.aspect
        if before:
            left = await self._look_at_groups(subject.id, cursor)
            if left is not None:
                return left
        while True:
            following = Query({"aspect": {"gt": before}}, subject.id, "aspect", 1)
            page = await self._store.query(GROUPS, following)
            if not page.items:
                return None
            group = page.items[0].value
            before = group.aspect
            if turns(group.conditions, watch, told, reading, self._now, group.frame(self._now)):
                left = await self._look_at_groups(subject.id, Cursor(at=cursor.at, aspect=before))
                if left is not None:
                    return left

    async def _look_at_groups(self, key: str, cursor: Cursor) -> Cursor | None:
        """Look at the members of all groups of an aspect."""
        while True:
            wanted = Query({"aspect": cursor.aspect}, key, None, GROUPS_PAGE, cursor.groups)
            page = await self._store.query(GROUPS, wanted)
            for stored in page.items:
                group = stored.value.id
                if group < cursor.group:
                    continue
                members = await self._look_at_members(stored, cursor.members if group == cursor.group else None)
                if members is not None:
                    return cursor.model_copy(update={"group": group, "members": members})
            if page.next is None:
                return None
            cursor = cursor.model_copy(update={"groups": page.next, "group": "", "members": None})
            if self._is_over():
                return cursor

    async def _look_at_members(self, group: Stored[Group], after: str | None) -> str | None:
        """Look at all of a group; the page to go on with."""
        is_empty = after is None
        while True:
            page = await self._store.query(MEMBERS, Query({}, group.value.id, None, PAGE_MAX, after))
            waiting = await self._look_at_page(page.items)
            is_empty, after = is_empty and not waiting, page.next
            if after is None:
                break
            if self._is_over():
                return after
        if is_empty:
            await close_group(self._store, group)
        return None

    async def _look_at_page(self, members: list[Stored[Member]]) -> int:
        """Look at those who wait, and take out the others; how many wait."""
        intents = {one.value.id: one for one in await self._lookout.intents(member.value.id for member in members)}
        for member in members:
            intent = intents.get(member.value.id)
            waits = intent is not None and intent.value.status in WATCHED and intent.value.group == member.value.group
            if not waits:
                await drop(self._store, member)
                intents.pop(member.value.id, None)
        await self._lookout.look(list(intents.values()))
        return len(intents)

    async def _note_told(self, stored: Stored[Subject], reading: Reading) -> None:
        """Note that all were looked at by a reading; where somebody has read it anew meanwhile, they see to that."""
        told = {"told": None, "told_at": self._now, "is_told_stale": is_stale(reading, self._now)}
        after = stored.value.model_copy(update=told)
        with suppress(ChangedMeanwhile, NotThere):
            await self._store.apply(SUBJECTS, after.id, [Write("replace", after, stored.etag)])


def _read_well(subject: Subject, reading: Reading, now: datetime) -> Subject:
    if subject.failures:
        _log.info("watcher: %s answers again after %s failures", subject.id, subject.failures)
    fine = {"reading": reading, "failures": 0, "failing_since": None, "fault": "", "updated_at": now}
    after = subject.model_copy(update={**fine, "due_at": hour_of(now) + HOUR})
    if subject.reading is None or subject.told_at is None:
        return after
    is_new = not is_same(reading, subject.reading)
    if subject.told is not None:
        # Some may have been told of a reading that has gone by: then all are looked at again, whatever turned.
        return _untold(after) if is_new else after
    if is_new:
        return after.model_copy(update={"told": subject.reading})
    return after.model_copy(update={"told_at": now}) if _is_told(after, now) else after


def _read_badly(subject: Subject, fault: str, now: datetime) -> Subject:
    if not subject.failures:
        _log.warning("watcher: %s does not answer: %s", subject.id, fault)
    after = subject.model_copy(
        update={
            "failures": subject.failures + 1,
            "failing_since": subject.failing_since or now,
            "fault": fault[:500],
            "due_at": hour_of(now) + HOUR,
            "updated_at": now,
        }
    )
    return after if _is_told(after, now) else _untold(after)


def _untold(subject: Subject) -> Subject:
    return subject.model_copy(update={"told": None, "told_at": None})


def _is_told(subject: Subject, now: datetime) -> bool:
    """Whether all know the reading, and it has not become too old to go by since they were told, nor fresh again."""
    if subject.told_at is None or subject.told is not None or subject.reading is None:
        return False
    return subject.is_told_stale == is_stale(subject.reading, now)
