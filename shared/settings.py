"""Every setting of the app, read once from the environment; local.settings.json.example lists the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError


class SettingsError(Exception):
    """A setting is missing or cannot be; names the variable and what to write."""


class Settings(BaseModel):
    """What a deployment chooses. Each field is an environment variable of the same name in upper case."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True, defer_build=True)

    store: Literal["sqlite", "cosmos"] = Field("sqlite", description="Where records are kept.")
    data_dir: str = Field(".data", description="Folder of the embedded parts: records, blobs, keys.")
    cosmos_endpoint: str = Field("", description="Account URL, for STORE=cosmos.")
    cosmos_key: SecretStr = Field(SecretStr(""), description="Account key; empty: the app's managed identity.")
    cosmos_database: str = Field("orchestrator", description="Database of the records.")

    blobs: Literal["folder", "azure"] = Field("folder", description="Where images and files are kept.")
    blobs_connection: SecretStr = Field(SecretStr(""), description="Connection string, for BLOBS=azure.")
    blobs_url: str = Field("", description="Account URL with managed identity, in place of BLOBS_CONNECTION.")
    blobs_container: str = Field("blobs", description="Container of the blobs.")

    identity: Literal["own", "oidc"] = Field("own", description="Who issues tokens: the app itself, or OIDC / Clerk.")
    oidc_issuer: str = Field("", description="Issuer URL, for IDENTITY=oidc.")
    oidc_audience: str = Field("", description="Expected audience; empty where the issuer sets none (Clerk).")
    oidc_authorized_parties: str = Field("", description="Allowed `azp` values, separated by commas.")
    oidc_everyone_is_customer: bool = Field(default=False, description="Is a token without a known role a customer?")
    oidc_jwks_url: str = Field("", description="Key set URL; empty: found through the issuer.")

    payments: Literal["sandbox", "stripe"] = Field("sandbox", description="Who moves money: nobody, or Stripe Connect.")
    stripe_key: SecretStr = Field(SecretStr(""), description="Secret key, for PAYMENTS=stripe.")
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), description="Signing secret of its webhook endpoint.")
    stripe_url: str = Field("", description="Base URL; empty: Stripe's own.")

    search: Literal["embedded", "cosmos"] = Field("embedded", description="The search index: in process, or Cosmos DB.")
    embeddings: Literal["table", "openai"] = Field("table", description="Meaning of texts: the own table, or OpenAI.")
    language: Literal["rules", "openai"] = Field("rules", description="Who reads sentences: rules, or OpenAI too.")
    openai_key: SecretStr = Field(SecretStr(""), description="API key, for LANGUAGE=openai and EMBEDDINGS=openai.")
    openai_url: str = Field("", description="Base URL, such as Azure OpenAI's; empty: OpenAI's own.")
    openai_model: str = Field("gpt-5-mini", description="Model or deployment that reads sentences.")
    openai_embedding_model: str = Field("text-embedding-3-small", description="Model or deployment for embeddings.")
    openai_dimensions: int = Field(512, ge=64, le=3072, description="Length of its vectors.")
    city: str = Field("data/austin", description="Folder of the city that STORE=sqlite opens with; empty: none.")

    time_zone: str = Field("America/Chicago", description="Time zone of the city, an IANA name.")
    cors_origins: str = Field("", description="Web origins that may call, separated by commas; * for any.")
    calls_per_minute: int = Field(600, ge=1, le=1_000_000, description="Calls a minute with a token.")
    anonymous_calls_per_minute: int = Field(120, ge=1, le=1_000_000, description="The same for an address without one.")

    website_instance_id: str = Field("", description="Set by Azure on every instance; never set it yourself.")

    @property
    def is_in_azure(self) -> bool:
        """Whether this is a deployment, where nothing may be kept on the instance and no door may stand open."""
        return bool(self.website_instance_id)


_EMBEDDED = {
    "store": ("sqlite", "keeps records on one instance's disk and loses them; set STORE=cosmos"),
    "blobs": ("folder", "keeps files on one instance's disk and loses them; set BLOBS=azure"),
    "payments": ("sandbox", "moves no money; set PAYMENTS=stripe"),
    "identity": ("own", "gives a token to anybody who asks; set IDENTITY=oidc"),
}
_NEEDED = {
    ("store", "cosmos"): (("cosmos_endpoint",),),
    ("payments", "stripe"): (("stripe_key",), ("stripe_webhook_secret",)),
    ("search", "cosmos"): (("cosmos_endpoint",),),
    ("embeddings", "openai"): (("openai_key",),),
    ("language", "openai"): (("openai_key",),),
    ("blobs", "azure"): (("blobs_connection", "blobs_url"),),
    ("identity", "oidc"): (("oidc_issuer",), ("oidc_audience", "oidc_authorized_parties")),
}


def read(environment: Mapping[str, str]) -> Settings:
    """The settings, checked; raises SettingsError with every problem in a sentence."""
    given = {
        name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper(), "").strip()
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)]
        raise SettingsError("; ".join(problems)) from None
    problems = [*_unsafe(settings), *_missing(settings)]
    if problems:
        raise SettingsError("; ".join(problems))
    return settings


def _unsafe(settings: Settings) -> list[str]:
    """Embedded defaults that a deployment must not run on."""
    if not settings.is_in_azure:
        return []
    return [
        f"{name.upper()}={value} {why}" for name, (value, why) in _EMBEDDED.items() if getattr(settings, name) == value
    ]


def _missing(settings: Settings) -> list[str]:
    problems = []
    for (name, value), groups in _NEEDED.items():
        if getattr(settings, name) != value:
            continue
        for group in groups:
            if not any(_text(getattr(settings, field)) for field in group):
                wanted = " or ".join(field.upper() for field in group)
                problems.append(f"{wanted} is needed with {name.upper()}={value}")
    return problems


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
