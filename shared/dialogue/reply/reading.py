"""A reply read by rules: yes, no, a counter-offer with its terms, a question back, or nothing that decides.

The reply is cut into clauses, each clause into signs (data/dialogue/replies.toml), things and terms; what was asked
tells which things are other ones and which terms are worse. Recognisers of money, time, numbers and things are those of
discovery.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.dialogue.phrasebook import ReplyWords
from shared.dialogue.reply.cleaning import Cleaner
from shared.dialogue.reply.evidence import is_refusal, weigh
from shared.dialogue.reply.mentions import Both, MentionReader
from shared.dialogue.reply.model import Asked, Offered, ReplyReading
from shared.dialogue.reply.own_text import own_text
from shared.dialogue.reply.prices import PriceReader
from shared.dialogue.reply.signs import SignReader
from shared.dialogue.reply.telling import told, wordless
from shared.dialogue.reply.terms import TermReader
from shared.dialogue.reply.verdict import checked, verdict
from shared.dialogue.reply.when import WhenReader, minutes_in, moment_in
from shared.discovery.intents.money import MoneyReader
from shared.discovery.intents.vocabulary import Vocabulary, keys_of


class ReplyReader:
    """Reads replies; made once, a reply then takes well under a millisecond."""

    def __init__(self, vocabulary: Vocabulary, words: ReplyWords) -> None:
        taxonomy = vocabulary.taxonomy
        late = {key for phrase in words.signs["late"] for key in keys_of(phrase) if " " not in phrase}
        self._signs = SignReader(words, taxonomy, Cleaner(words, taxonomy))
        self._mentions = MentionReader(words, vocabulary)
        self._terms = TermReader(PriceReader(MoneyReader(vocabulary)), WhenReader(frozenset({*late, "another"})))

    def read(self, text: str, asked: Asked, now: datetime, zone: ZoneInfo) -> ReplyReading:
        """What a reply says; now: aware. Never raises for what is written."""
        own = own_text(text)
        read = self._signs.read(own)
        if not read.clauses:
            return wordless(own, asked)
        both = Both(self._mentions.known(asked.wanted), self._mentions.known(asked.ordered))
        first = self._mentions.read(read, [False] * read.sentence.length, both)
        named = {mention.name.start for group in first for mention in group}
        terms = [
            self._terms.read(read, at, asked, now, zone, named, refuses=is_refusal(read.clauses[at], group))
            for at, group in enumerate(first)
        ]
        mentions = self._mentions.read(read, read.sentence.taken, both)
        found = [
            weigh(clause, group, said, asked, both.wanted)
            for clause, group, said in zip(read.clauses, mentions, terms, strict=True)
        ]
        decided = checked(verdict(found), found, self._mentions.unread(read, mentions))
        offered = decided.named if decided.kind == "counter" else None
        return told(read, found, decided, asked, self._mentions.offered(read, offered) if offered else None)

    def thing(self, words: str) -> Offered:
        """Words as the name of a thing that is offered."""
        return self._mentions.thing(words)

    def moment(self, words: str, asked: Asked, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The moment that words name."""
        return moment_in(words, asked, now, zone)

    def minutes(self, words: str, now: datetime, zone: ZoneInfo) -> int | None:
        """The minutes that words name."""
        return minutes_in(words, now, zone)
