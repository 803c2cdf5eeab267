"""What is made of the ports alone, each at its first use: who scouts, understands, reads replies, narrates."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.catalog.feed import Follower
    from shared.catalog.opening import Opening
    from shared.dialogue.chat import Chat
    from shared.dialogue.hybrid_response import HybridResponse
    from shared.dialogue.narration.narrator import Narrator
    from shared.dialogue.phrasebook import Phrasebook
    from shared.dialogue.reply.replies import Replies
    from shared.dialogue.reply.sentiment import SentimentReader
    from shared.discovery.intents.vocabulary import Vocabulary
    from shared.discovery.scout import Scout
    from shared.discovery.taxonomy import Taxonomy
    from shared.discovery.understanding import Understanding
    from shared.orders.roster import Roster
    from shared.ports import Clock, Embeddings, Language, SearchIndex, Store
    from shared.settings import Settings

DATA = Path(__file__).parents[1] / "data"
"""What the app knows of the world: words, meanings, the demo city."""


class Rooms:
    """The rooms of the house that know ports and no adapter."""

    settings: Settings
    clock: Clock
    if TYPE_CHECKING:  # wiring has them

        @cached_property
        def store(self) -> Store: ...
        @cached_property
        def index(self) -> SearchIndex: ...
        @cached_property
        def embeddings(self) -> Embeddings: ...
        @cached_property
        def language(self) -> Language: ...

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The words of the trade."""
        from shared.discovery.taxonomy import Taxonomy  # noqa: PLC0415

        return Taxonomy.model_validate(_words("taxonomy"))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the trade ready to be looked up, for what people write back."""
        from shared.discovery.intents.vocabulary import Vocabulary  # noqa: PLC0415

        return Vocabulary(self.taxonomy)

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """The words of the dialogue."""
        from shared.dialogue.phrasebook import Phrasebook  # noqa: PLC0415

        return Phrasebook.model_validate(_words("dialogue"))

    @cached_property
    def replies(self) -> Replies:
        """What reads partners' replies: rules, and a language model where one is configured."""
        from shared.dialogue.reply.reading import ReplyReader  # noqa: PLC0415
        from shared.dialogue.reply.replies import Replies  # noqa: PLC0415

        return Replies(ReplyReader(self.vocabulary, self.phrasebook.replies), self.language)

    @cached_property
    def moods(self) -> SentimentReader:
        """What tells how somebody sounds."""
        from shared.dialogue.reply.sentiment import SentimentReader  # noqa: PLC0415

        return SentimentReader(self.phrasebook.moods, self.taxonomy)

    @cached_property
    def narrator(self) -> Narrator:
        """The Status Narrator."""
        from shared.dialogue.narration.narrator import Narrator  # noqa: PLC0415

        return Narrator(self.phrasebook.tongues, self.phrasebook.narration)

    @cached_property
    def hybrid(self) -> HybridResponse:
        """Who answers a customer's message about an order, and what, where the record answers it."""
        from shared.dialogue.hybrid_response import HybridResponse  # noqa: PLC0415

        return HybridResponse(self.vocabulary, self.phrasebook)

    @cached_property
    def follower(self) -> Follower:
        """What keeps the search index in step with the store."""
        from shared.catalog.feed import Follower  # noqa: PLC0415

        return Follower(self.store, self.index, self.embeddings, self.taxonomy)

    @cached_property
    def scout(self) -> Scout:
        """The Scout Engine."""
        from shared.discovery.scout import Scout  # noqa: PLC0415

        return Scout(self.store, self.index, self.embeddings, self.taxonomy, self.follower.catch_up)

    @cached_property
    def roster(self) -> Roster:
        """Gig workers and hubs."""
        from shared.orders.roster import Roster  # noqa: PLC0415

        return Roster(self.store)

    @cached_property
    def opening(self) -> Opening:
        """What is to be there before anybody is served: the catalog, and the words learnt from it."""
        from shared.catalog.opening import Opening  # noqa: PLC0415

        city = DATA.parent / self.settings.city if self.settings.city and self.settings.store == "sqlite" else None
        return Opening(city, self.store, self.taxonomy, self.follower, self.clock)

    async def catalog_open(self) -> None:
        """Wait until what is for sale can be found and ordered by its id; raises Unavailable."""
        await self.opening.names()

    async def catalog_ready(self) -> None:
        """Wait until the catalog is open and its words are learnt; raises Unavailable."""
        if self.understanding.has_learnt:
            return
        names = await self.opening.names()
        partners = (await self.scout.partners.refresh()).values()
        self.understanding.learn(names, {partner.place.neighbourhood for partner in partners} - {""})

    @cached_property
    def understanding(self) -> Understanding:
        """What reads sentences: rules, and a language model where one is configured."""
        from shared.discovery.understanding import Understanding  # noqa: PLC0415

        return Understanding(self.language, self.taxonomy)

    @cached_property
    def chat(self) -> Chat:
        """The chat entry."""
        from shared.dialogue.chat import Chat  # noqa: PLC0415

        return Chat(self.store, self.understanding, self.scout, self.taxonomy)


def _words(folder: str) -> dict[str, Any]:
    """All of a folder of words, one entry a file."""
    import tomllib  # noqa: PLC0415

    files = sorted((DATA / folder).glob("*.toml"))
    return {file.stem: tomllib.loads(file.read_text("utf-8")) for file in files}
