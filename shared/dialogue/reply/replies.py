"""Who reads replies: the rules always, and a language model beside them where there is one and they are unsure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.reply.corroborate import corroborated
from shared.dialogue.reply.model import Asked, ReplyReading
from shared.dialogue.reply.reading import ReplyReader
from shared.ports import Language


class Replies:
    """Reads replies."""

    def __init__(self, rules: ReplyReader, language: Language) -> None:
        self.rules = rules
        self._language = language

    async def read_reply(self, text: str, asked: Asked, now: datetime, zone: ZoneInfo) -> ReplyReading:
        """What a reply says; what a model adds is borne out by the text."""
        by_rules = self.rules.read(text, asked, now, zone)
        if by_rules.is_sure or not by_rules.text:
            return by_rules
        claim = await self._language.read_reply(by_rules.text, asked, f"now: {now.astimezone(zone).isoformat()}")
        return by_rules if claim is None else corroborated(by_rules, claim, asked, now, zone, self.rules)
