"""Every setting of the app, read once from the environment; local.settings.json.example lists the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

_TEMPLATES = r"^([a-z][a-z0-9_]*=HX[0-9a-fA-F]{32}(\s*,\s*|$))*$"
_MAILBOX = r"^([A-Za-z0-9._-]{1,20}@[A-Za-z0-9.-]{1,190})?$"
"""The part before the @ leaves room for what is put behind it, so that answers name what they answer."""


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

    signer: Literal["own", "key"] = Field("own", description="What signs consent tokens: an own key, or a given one.")
    signer_key: SecretStr = Field(SecretStr(""), description="P-256 key (PKCS #8, DER, base64), for SIGNER=key.")

    payments: Literal["sandbox", "stripe"] = Field("sandbox", description="Who moves money: nobody, or Stripe Connect.")
    stripe_key: SecretStr = Field(SecretStr(""), description="Secret key, for PAYMENTS=stripe.")
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), description="Its webhooks' signing secrets, by commas.")
    stripe_url: str = Field("", description="Base URL; empty: Stripe's own.")
    stripe_return_url: str = Field("", description="Where banks send customers back to; empty: they show no page.")

    search: Literal["embedded", "cosmos"] = Field("embedded", description="The search index: in process, or Cosmos DB.")
    embeddings: Literal["table", "openai"] = Field("table", description="Meaning of texts: the own table, or OpenAI.")
    language: Literal["rules", "openai"] = Field("rules", description="Who reads sentences: rules, or OpenAI too.")
    vision: Literal["measures", "openai"] = Field("measures", description="Who looks at photos: nobody, or OpenAI.")
    openai_key: SecretStr = Field(SecretStr(""), description="API key, for LANGUAGE, VISION or EMBEDDINGS=openai.")
    openai_url: str = Field("", description="Base URL, such as Azure OpenAI's; empty: OpenAI's own.")
    openai_model: str = Field("gpt-5-mini", description="Model or deployment that reads and looks.")
    openai_embedding_model: str = Field("text-embedding-3-small", description="Model or deployment for embeddings.")
    openai_dimensions: int = Field(512, ge=64, le=3072, description="Length of its vectors.")
    city: str = Field("data/austin", description="Folder of the city that STORE=sqlite opens with; empty: none.")

    weather: Literal["file", "open_meteo"] = Field("file", description="Forecasts: set by hand, or of Open-Meteo.")
    open_meteo_url: str = Field("", description="Base URL; empty: Open-Meteo's own.")
    open_meteo_key: SecretStr = Field(SecretStr(""), description="API key; without one its use must not be commercial.")
    open_meteo_calls_per_day: int = Field(8_000, ge=1, le=100_000_000, description="Most calls a day of one instance.")
    travel: Literal["great_circle", "osrm"] = Field("great_circle", description="Ways: reckoned, or of an OSRM router.")
    osrm_url: str = Field("", description="Base URL of the router, for TRAVEL=osrm.")
    fleet: Literal["heuristic", "pyvrp"] = Field("heuristic", description="Couriers' rounds: a heuristic, or PyVRP.")

    public_url: str = Field("", description="Where others reach this app: https, and no path behind the host.")
    messages: Literal["inbox", "twilio", "none"] = Field("inbox", description="WhatsApp and SMS: kept here, or sent.")
    twilio_account_sid: str = Field("", description="Account, for MESSAGES=twilio.")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Its token, which also signs its webhooks.")
    twilio_whatsapp_from: str = Field("", description="Number (E.164) or Messaging Service (MG...) for WhatsApp.")
    twilio_sms_from: str = Field("", description="The same for SMS.")
    twilio_templates: str = Field("", pattern=_TEMPLATES, description="Templates: name=HX..., separated by commas.")
    twilio_url: str = Field("", description="Base URL of its API; empty: Twilio's own.")
    email: Literal["inbox", "smtp", "none"] = Field("inbox", description="Email: kept here, or sent.")
    email_secret: SecretStr = Field(SecretStr(""), description="Signs /webhooks/email, and makes the ids of mails.")
    smtp_host: str = Field("", description="Mail server, for EMAIL=smtp.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the way to it is kept.")
    smtp_user: str = Field("", description="Who signs in there; empty: nobody.")
    smtp_password: SecretStr = Field(SecretStr(""), description="The password of SMTP_USER.")
    smtp_from: str = Field("", pattern=_MAILBOX, description="Address that mails are from, and come back to.")
    smtp_name: str = Field("", max_length=80, description="Name beside that address.")
    partner_api: Literal["inbox", "https", "none"] = Field("inbox", description="Partners' systems: kept, or sent.")
    partner_secret: SecretStr = Field(SecretStr(""), description="What the secrets of partners' webhooks follow from.")
    partner_private: bool = Field(default=False, description="May partners' systems be in this network, on http?")

    time_zone: str = Field("America/Chicago", description="Time zone of the city, an IANA name.")
    cors_origins: str = Field("", description="Web origins that may call, separated by commas; * for any.")
    calls_per_minute: int = Field(600, ge=1, le=1_000_000, description="Calls a minute with a token.")
    anonymous_calls_per_minute: int = Field(120, ge=1, le=1_000_000, description="The same for an address without one.")

    logs: Literal["text", "json"] = Field("text", description="Log lines: as the host prints them, or JSON with ids.")
    traces: Literal["off", "otlp", "azure"] = Field("off", description="Spans: none, OTLP, or Application Insights.")
    otlp_endpoint: str = Field("", description="Collector, such as http://localhost:4318/v1/traces, for TRACES=otlp.")
    applicationinsights_connection_string: SecretStr = Field(SecretStr(""), description="For TRACES=azure.")

    website_instance_id: str = Field("", description="Set by Azure on every instance; never set it yourself.")

    @property
    def is_in_azure(self) -> bool:
        """Whether this is a deployment, where nothing may be kept on the instance and no door may stand open."""
        return bool(self.website_instance_id)


_EMBEDDED: dict[str, tuple[object, str]] = {
    "store": ("sqlite", "keeps records on one instance's disk and loses them; set STORE=cosmos"),
    "blobs": ("folder", "keeps files on one instance's disk and loses them; set BLOBS=azure"),
    "payments": ("sandbox", "moves no money; set PAYMENTS=stripe"),
    "identity": ("own", "gives a token to anybody who asks; set IDENTITY=oidc"),
    "signer": ("own", "keeps its key on one instance's disk, where no other finds it; set SIGNER=key"),
    "messages": ("inbox", "sends nothing; set MESSAGES=twilio, or none"),
    "email": ("inbox", "sends nothing; set EMAIL=smtp, or none"),
    "partner_api": ("inbox", "sends nothing; set PARTNER_API=https, or none"),
    "smtp_security": ("none", "shows mail and password to everybody on the way; set SMTP_SECURITY=starttls or tls"),
    "partner_private": (True, "opens this network to partners; leave it out"),
    "weather": ("file", "makes up what nobody has set; set WEATHER=open_meteo"),
}
_BLANK_SAYS_NONE = frozenset({"city"})
"""Everywhere else an empty value stands for the default, as in a template that was not filled in."""
_NEEDED = {
    ("store", "cosmos"): (("cosmos_endpoint",),),
    ("signer", "key"): (("signer_key",),),
    ("payments", "stripe"): (("stripe_key",), ("stripe_webhook_secret",)),
    ("messages", "twilio"): (
        ("twilio_account_sid",), ("twilio_auth_token",), ("twilio_whatsapp_from", "twilio_sms_from"), ("public_url",),
    ),
    ("email", "smtp"): (("smtp_host",), ("smtp_from",), ("email_secret",)),
    ("partner_api", "https"): (("partner_secret",), ("public_url",)),
    ("search", "cosmos"): (("cosmos_endpoint",),),
    ("embeddings", "openai"): (("openai_key",),),
    ("travel", "osrm"): (("osrm_url",),),
    ("traces", "otlp"): (("otlp_endpoint",),),
    ("traces", "azure"): (("applicationinsights_connection_string",),),
    ("language", "openai"): (("openai_key",),),
    ("vision", "openai"): (("openai_key",),),
    ("blobs", "azure"): (("blobs_connection", "blobs_url"),),
    ("identity", "oidc"): (("oidc_issuer",), ("oidc_audience", "oidc_authorized_parties")),
}


def read(environment: Mapping[str, str]) -> Settings:
    """The settings, checked; raises SettingsError with every problem in a sentence."""
    given = {
        name: environment[name.upper()]
        for name in Settings.model_fields
        if environment.get(name.upper(), "").strip() or (name in _BLANK_SAYS_NONE and name.upper() in environment)
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
    found = [
        f"{name.upper()}={value} {why}" for name, (value, why) in _EMBEDDED.items() if getattr(settings, name) == value
    ]
    if settings.public_url and not settings.public_url.startswith("https://"):
        found.append("PUBLIC_URL is an https URL")
    return found


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
