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
from shared.rooms import DATA, Rooms
from shared.settings import SettingsError

if TYPE_CHECKING:
    from shared.adapters.messages_inbox import InboxMessages
    from shared.adapters.partner_secrets import PartnerSecrets
    from shared.adapters.payments_sandbox_bank import SandboxBank
    from shared.adapters.stripe_webhooks import StripeWebhooks
    from shared.adapters.twilio_webhooks import TwilioWebhooks
    from shared.ports import (
        Blobs,
        Clock,
        Embeddings,
        Fleet,
        Identity,
        Language,
        MediaSource,
        Messages,
        Payments,
        PlayedWeather,
        SearchIndex,
        Signer,
        Spans,
        Store,
        Travel,
        Vision,
        Weather,
    )
    from shared.settings import Settings

PORTS = (
    "clock", "store", "blobs", "identity", "signer", "payments", "messages", "weather", "travel",
    "fleet", "index", "embeddings", "language", "vision", "spans",
)  # fmt: skip


class Deps(Rooms):
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
    def signer(self) -> Signer:
        """The app's signature."""
        from shared.adapters.signer_own import OwnSigner  # noqa: PLC0415

        chosen = self.settings
        if chosen.signer == "key":
            try:
                return OwnSigner.with_key(chosen.signer_key.get_secret_value())
            except ValueError as no:
                raise SettingsError(f"SIGNER_KEY: {no}") from None
        return OwnSigner.in_folder(self._folder / "signer")

    @cached_property
    def payments(self) -> Payments:
        """Charging and paying out."""
        chosen = self.settings
        if chosen.payments == "stripe":
            from shared.adapters.payments_stripe import StripePayments  # noqa: PLC0415

            key, back = chosen.stripe_key.get_secret_value(), chosen.stripe_return_url or None
            return StripePayments(key, chosen.stripe_url or None, self.store, return_url=back)
        from shared.adapters.payments_sandbox import SandboxPayments  # noqa: PLC0415

        return SandboxPayments(self.store, self.clock)

    @cached_property
    def bank(self) -> SandboxBank | None:
        """The customers' bank of the embedded provider; None where payments are real."""
        if self.settings.payments != "sandbox":
            return None
        from shared.adapters.payments_sandbox_bank import SandboxBank  # noqa: PLC0415

        return SandboxBank(self.store, self.clock)

    @cached_property
    def stripe_webhooks(self) -> StripeWebhooks | None:
        """What reads Stripe's webhooks; None where payments are not Stripe's."""
        if self.settings.payments != "stripe":
            return None
        from shared.adapters.stripe_webhooks import StripeWebhooks  # noqa: PLC0415

        return StripeWebhooks(self.settings.stripe_webhook_secret.get_secret_value(), self.clock)

    @cached_property
    def messages(self) -> Messages:
        """The Omnichannel Broker: messages to people and partners."""
        from shared.adapters.messages_broker import BrokerMessages  # noqa: PLC0415
        from shared.adapters.messages_setup import Carriers  # noqa: PLC0415
        from shared.adapters.messages_simulator import played_first  # noqa: PLC0415

        carriers = Carriers(self.settings, self.store, self.blobs, self.clock)
        by_channel = carriers.by_channel(self.message_inbox, self.partner_secrets)
        return BrokerMessages(self.store, self.clock, played_first(by_channel, self.store, self.clock))

    @cached_property
    def message_inbox(self) -> InboxMessages:
        """Messages that are kept here: those of the web chat, and of every channel that is not sent."""
        from shared.adapters.messages_inbox import InboxMessages  # noqa: PLC0415

        return InboxMessages(self.store, self.clock)

    @cached_property
    def media(self) -> MediaSource | None:
        """Where the files are that come with messages; None where no message comes from outside with an address."""
        if self.settings.messages != "twilio":
            return None
        from shared.adapters.messages_setup import twilio_client  # noqa: PLC0415

        return twilio_client(self.settings)

    @cached_property
    def partner_secrets(self) -> PartnerSecrets:
        """What partners' systems and this app sign with."""
        from shared.adapters.partner_secrets import PartnerSecrets  # noqa: PLC0415

        given = self.settings.partner_secret.get_secret_value()
        if given or self.settings.is_in_azure:
            return PartnerSecrets(given)
        return PartnerSecrets.in_folder(self._folder / "partners")

    @cached_property
    def twilio_webhooks(self) -> TwilioWebhooks:
        """What reads Twilio's webhooks; without an account it believes none."""
        from shared.adapters.twilio_webhooks import TwilioWebhooks  # noqa: PLC0415

        return TwilioWebhooks(self.settings.twilio_auth_token.get_secret_value(), self.settings.public_url)

    @cached_property
    def weather(self) -> Weather:
        """Forecasts."""
        chosen = self.settings
        if chosen.weather == "open_meteo":
            from shared.adapters.weather_open_meteo import OpenMeteoWeather  # noqa: PLC0415

            key = chosen.open_meteo_key.get_secret_value()
            return OpenMeteoWeather(self.clock, chosen.open_meteo_url, key, chosen.open_meteo_calls_per_day)
        from shared.adapters.weather_file import FileWeather  # noqa: PLC0415

        return FileWeather(self.store, self.clock)

    @property
    def played_weather(self) -> PlayedWeather | None:
        """The weather where it can be set by hand; None where the forecast is a real one."""
        from shared.adapters.weather_file import FileWeather  # noqa: PLC0415

        return self.weather if isinstance(self.weather, FileWeather) else None

    @cached_property
    def travel(self) -> Travel:
        """How long ways take."""
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        from shared.adapters.travel_great_circle import GreatCircleTravel  # noqa: PLC0415

        reckoned = GreatCircleTravel(ZoneInfo(self.settings.time_zone))
        if self.settings.travel == "osrm":
            from shared.adapters.travel_osrm import OsrmTravel  # noqa: PLC0415

            return OsrmTravel(self.clock, self.settings.osrm_url, otherwise=reckoned)
        return reckoned

    @cached_property
    def fleet(self) -> Fleet:
        """Who takes which stops."""
        if self.settings.fleet == "pyvrp":
            from importlib.util import find_spec  # noqa: PLC0415

            from shared.adapters.fleet_pyvrp import PyVrpFleet  # noqa: PLC0415

            if find_spec("pyvrp") is None:
                raise SettingsError("FLEET=pyvrp needs pyvrp: install the extra `solver` of pyproject.toml")
            return PyVrpFleet()
        from shared.adapters.fleet_heuristic import HeuristicFleet  # noqa: PLC0415

        return HeuristicFleet()

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
        """What a photo shows: as far as it can be measured, and what a model sees, where it is configured."""
        chosen = self.settings
        if chosen.vision == "openai":
            from shared.adapters.vision_openai import OpenAiVision  # noqa: PLC0415

            return OpenAiVision(chosen.openai_key.get_secret_value(), chosen.openai_url, chosen.openai_model)
        from shared.adapters.vision_measures import PillowVision  # noqa: PLC0415

        return PillowVision()

    @cached_property
    def spans(self) -> Spans:
        """Who watches how long things take."""
        chosen = self.settings
        if chosen.traces == "off":
            from shared.adapters.spans_off import SpansOff  # noqa: PLC0415

            return SpansOff()
        try:
            from shared.adapters import spans_otel  # noqa: PLC0415

            if chosen.traces == "otlp":
                return spans_otel.to_collector(chosen.otlp_endpoint)
            return spans_otel.to_application_insights(chosen.applicationinsights_connection_string.get_secret_value())
        except ImportError as error:
            missing = f"TRACES={chosen.traces} needs {error.name}: install the extra `telemetry` of pyproject.toml"
            raise SettingsError(missing) from None

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
    """The parts of this process; from now on its log lines are masked."""
    from shared import logs  # noqa: PLC0415  with the first call, not with the app

    chosen = settings()
    logs.install(is_structured=chosen.logs == "json" or chosen.is_in_azure)
    return Deps(chosen)


def adapters(house: Deps) -> dict[str, str]:
    """Which adapter stands behind each port, or why there is none."""
    return {port: _adapter(house, port) for port in PORTS}


def _adapter(house: Deps, port: str) -> str:
    try:
        return type(getattr(house, port)).__name__
    except SettingsError as error:
        return f"none: {error}"
