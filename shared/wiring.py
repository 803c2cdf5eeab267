"""The one place where ports meet adapters, chosen by settings.

Each adapter is made at its first use, and imported there: an SDK that is not used is not loaded.
"""

from __future__ import annotations

import os
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shared import settings as reading
from shared.clock import SystemClock
from shared.settings import SettingsError

if TYPE_CHECKING:
    from shared.catalog.feed import Follower
    from shared.catalog.opening import Opening
    from shared.dialogue.chat import Chat
    from shared.discovery.scout import Scout
    from shared.discovery.taxonomy import Taxonomy
    from shared.discovery.understanding import Understanding
    from shared.ports import (
        Blobs,
        Clock,
        Embeddings,
        Identity,
        Language,
        Messages,
        Payments,
        SearchIndex,
        Store,
        Travel,
        Vision,
        Weather,
    )
    from shared.settings import Settings

PORTS = (
    "clock", "store", "blobs", "identity", "payments", "messages", "weather", "travel",
    "index", "embeddings", "language", "vision",
)  # fmt: skip
DATA = Path(__file__).parents[1] / "data"
"""What the app knows of the world: words, meanings, the demo city."""


class Deps:
    """Everything that activities and triggers reach the outside by."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: Clock = SystemClock()

    @cached_property
    def store(self) -> Store:
        """Records."""
        chosen = self.settings
        if chosen.store == "cosmos":
            from shared.adapters.store_cosmos import CosmosStore  # noqa: PLC0415

            key = chosen.cosmos_key.get_secret_value()
            return CosmosStore(chosen.cosmos_endpoint, chosen.cosmos_database, key or None)
        from shared.adapters.store_sqlite import SqliteStore  # noqa: PLC0415

        return SqliteStore(self._folder / "records.db", self.clock)

    @cached_property
    def blobs(self) -> Blobs:
        """Images and files."""
        chosen = self.settings
        if chosen.blobs == "azure":
            from shared.adapters.blobs_azure import AzureBlobs  # noqa: PLC0415

            connection = chosen.blobs_connection.get_secret_value()
            return AzureBlobs(connection or chosen.blobs_url, chosen.blobs_container)
        from shared.adapters.blobs_folder import FolderBlobs  # noqa: PLC0415

        return FolderBlobs(self._folder / "blobs")

    @cached_property
    def identity(self) -> Identity:
        """Who stands behind a token."""
        chosen = self.settings
        if chosen.identity == "oidc":
            from shared.adapters.identity_oidc import OidcIdentity  # noqa: PLC0415

            return OidcIdentity(
                issuer=chosen.oidc_issuer,
                audience=chosen.oidc_audience or None,
                authorized_parties=[one.strip() for one in chosen.oidc_authorized_parties.split(",") if one.strip()],
                jwks_url=chosen.oidc_jwks_url or None,
                is_customer_by_default=chosen.oidc_everyone_is_customer,
                clock=self.clock,
            )
        from shared.adapters.identity_own import OwnIdentity  # noqa: PLC0415

        return OwnIdentity(self._folder / "identity", self.clock)

    @cached_property
    def payments(self) -> Payments:
        """Charging and paying out."""
        chosen = self.settings
        if chosen.payments == "stripe":
            from shared.adapters.payments_stripe import StripePayments  # noqa: PLC0415

            return StripePayments(chosen.stripe_key.get_secret_value(), chosen.stripe_url or None, self.store)
        from shared.adapters.payments_sandbox import SandboxPayments  # noqa: PLC0415

        return SandboxPayments(self.store, self.clock)

    @cached_property
    def messages(self) -> Messages:
        """Messages to people and partners."""
        self._only_embedded("messages", "the inbox sends nothing")
        from shared.adapters.messages_inbox import InboxMessages  # noqa: PLC0415

        return InboxMessages(self.store, self.clock)

    @cached_property
    def weather(self) -> Weather:
        """Forecasts."""
        self._only_embedded("weather", "the forecast is made up where nobody has set it")
        from shared.adapters.weather_file import FileWeather  # noqa: PLC0415

        return FileWeather(self.store, self.clock)

    @cached_property
    def travel(self) -> Travel:
        """How long ways take."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        from shared.adapters.travel_great_circle import GreatCircleTravel  # noqa: PLC0415

        return GreatCircleTravel(ZoneInfo(self.settings.time_zone))

    @cached_property
    def embeddings(self) -> Embeddings:
        """Meaning as numbers."""
        chosen = self.settings
        if chosen.embeddings == "openai":
            from shared.adapters.embeddings_openai import OpenAiEmbeddings  # noqa: PLC0415

            key = chosen.openai_key.get_secret_value()
            return OpenAiEmbeddings(key, chosen.openai_url, chosen.openai_embedding_model, chosen.openai_dimensions)
        from shared.adapters.embeddings_table import TableEmbeddings  # noqa: PLC0415

        return TableEmbeddings(DATA / "embeddings")

    @cached_property
    def index(self) -> SearchIndex:
        """The search index: a copy of what the store has, so the embedded one may serve anywhere."""
        from shared.discovery.listings import FORMAT  # noqa: PLC0415

        chosen, meaning = self.settings, self.embeddings
        model = f"{meaning.name}/{FORMAT}"
        if chosen.search == "cosmos":
            from shared.adapters.search_cosmos import CosmosIndex  # noqa: PLC0415

            key = chosen.cosmos_key.get_secret_value() or None
            return CosmosIndex(chosen.cosmos_endpoint, chosen.cosmos_database, key, meaning.dims, model)
        from shared.adapters.search_embedded import EmbeddedIndex  # noqa: PLC0415

        return EmbeddedIndex(self._folder / "search", meaning.dims, model)

    @cached_property
    def language(self) -> Language:
        """What understands sentences better than rules, where it is configured; else the rules stand."""
        chosen = self.settings
        if chosen.language == "openai":
            from shared.adapters.language_openai import OpenAiLanguage  # noqa: PLC0415

            return OpenAiLanguage(chosen.openai_key.get_secret_value(), chosen.openai_url, chosen.openai_model)
        from shared.adapters.language_rules import RulesOnly  # noqa: PLC0415

        return RulesOnly()

    @cached_property
    def vision(self) -> Vision:
        """What a photo shows, as far as it can be measured."""
        from shared.adapters.vision_measures import PillowVision  # noqa: PLC0415

        return PillowVision()

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The words of the trade."""
        import tomllib  # noqa: PLC0415

        from shared.discovery.taxonomy import Taxonomy  # noqa: PLC0415

        files = sorted((DATA / "taxonomy").glob("*.toml"))
        return Taxonomy.model_validate({file.stem: tomllib.loads(file.read_text("utf-8")) for file in files})

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
    def opening(self) -> Opening:
        """What is to be there before anybody is served: the catalog, and the words learnt from it."""
        from shared.catalog.opening import Opening  # noqa: PLC0415

        city = DATA.parent / self.settings.city if self.settings.city and self.settings.store == "sqlite" else None
        return Opening(city, self.store, self.taxonomy, self.follower, self.clock)

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

    def _only_embedded(self, port: str, why: str) -> None:
        """Refuse, in a deployment, a stand-in for a part that has no real adapter yet."""
        if self.settings.is_in_azure:
            raise SettingsError(f"{port}: {why}, and nothing else is to be had yet")

    @cached_property
    def _folder(self) -> Path:
        folder = Path(self.settings.data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def settings() -> Settings:
    """The settings of this process; raises settings.SettingsError."""
    return reading.read(os.environ)


@cache
def deps() -> Deps:
    """The parts of this process."""
    return Deps(settings())


def adapters(house: Deps) -> dict[str, str]:
    """Which adapter stands behind each port, or why there is none."""
    return {port: _adapter(house, port) for port in PORTS}


def _adapter(house: Deps, port: str) -> str:
    try:
        return type(getattr(house, port)).__name__
    except SettingsError as error:
        return f"none: {error}"
