"""Who reads sentences: the rules always, and a language model beside them where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from shared.discovery.intent import Intent
from shared.discovery.intents.clarify import question
from shared.discovery.intents.needs import needs_of
from shared.discovery.intents.resolver import Resolver
from shared.discovery.taxonomy import Taxonomy
from shared.logistics.geo import Point
from shared.ports import Language


class Understanding:
    """Reads sentences; the words of the catalog are learnt before the first one."""

    def __init__(self, language: Language, taxonomy: Taxonomy) -> None:
        self._language = language
        self._taxonomy = taxonomy
        self._resolver: Resolver | None = None

    @property
    def has_learnt(self) -> bool:
        """Whether it knows the words of the catalog."""
        return self._resolver is not None

    def learn(self, names: Iterable[str], neighbourhoods: Iterable[str] = ()) -> None:
        """Take in the words of the catalog; a second time changes nothing."""
        if self._resolver is None:
            self._resolver = Resolver(self._taxonomy, names, neighbourhoods)

    @property
    def rules(self) -> Resolver:
        """The rules by themselves."""
        if self._resolver is None:
            self.learn(())
        assert self._resolver is not None
        return self._resolver

    async def read(self, text: str, now: datetime, zone: ZoneInfo, near: Point | None) -> Intent:
        """What a sentence means."""
        by_rules = self.rules.resolve(text, now, zone, near)
        better = await self._language.understand(text, by_rules, f"now: {now.astimezone(zone).isoformat()}")
        return by_rules if better is None else self.complete(better, now)

    def complete(self, intent: Intent, now: datetime) -> Intent:
        """An intent whose entities were changed, with the needs and the question that go with them now."""
        deadline = intent.entities.deliver_by
        problem: Literal["past"] | None = "past" if deadline is not None and deadline < now else None
        has_condition = intent.conditions is not None
        asked = question(intent.kind, intent.entities, intent.confidences, problem, has_condition=has_condition)
        return intent.model_copy(update={"needs": needs_of(intent.entities, self._taxonomy), "clarification": asked})
