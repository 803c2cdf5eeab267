"""The Status Narrator: an event becomes a message, in the customer's language, from facts and templates alone.

Templates are data (data/dialogue/narration_<language>.toml). A template is used if all its facts are known and its
flags hold, so nothing is ever said that the record does not have. A language model may put it in other words
(retelling.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from shared.dialogue.narration.event import Event, Narration
from shared.dialogue.narration.facts import facts_of, flags_of, timeline_lines
from shared.dialogue.narration.retelling import Guard, borne_out
from shared.dialogue.narration.templates import said, template
from shared.dialogue.tongues import Tongues
from shared.orders.order import Order

PARTS = ("headline", "what", "means", "doing", "when", "reasoning")
Templates = Mapping[str, Mapping[str, Sequence[str]]]
"""Event → part → alternatives."""


class Narrator:
    """Tells events; made once."""

    def __init__(self, tongues: Mapping[str, Mapping[str, object]], templates: Mapping[str, Templates]) -> None:
        """tongues: of data/dialogue/tongues.toml; templates: by language."""
        self._tongues = Tongues(tongues)
        self._templates = {
            (language, event, part): tuple(map(template, alternatives))
            for language, events in templates.items()
            for event, parts in events.items()
            for part, alternatives in parts.items()
        }

    def narrate(
        self, event: Event, before: Order | None, after: Order | None, zone: ZoneInfo, language: str = "en"
    ) -> Narration:
        """What the customer is told of an event.

        before: the order as it stood, None where its times did not change; after: as it stands, None for a standing
        intent without one. A language that is not spoken is told in English.
        """
        spoken = self._tongues.speaks(language)
        tongue = self._tongues.tongue(spoken, zone)
        facts, flags = facts_of(event, before, after, tongue), flags_of(event, after)
        parts = {part: said(self._templates.get((spoken, event.kind, part), ()), facts, flags) for part in PARTS}
        return Narration(
            **parts,
            before=timeline_lines(before, event, tongue) if before else (),
            after=timeline_lines(after, event, tongue) if after else (),
            language=spoken,
        )

    def retold(
        self, told: Narration, other: Narration, event: Event, before: Order | None, after: Order | None, zone: ZoneInfo
    ) -> Narration:
        """A narration of an event in other words, wherever they say what it says."""
        tongue = self._tongues.tongue(told.language, zone)
        facts = facts_of(event, before, after, tongue).values()
        return borne_out(told, other, facts, Guard(tongue.guarded, tongue.denials))

