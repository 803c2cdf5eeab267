"""Routes: one's own settings: how to be reached, in which language, and what may happen without asking."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from shared.errors import INVALID, AppError, FieldError
from shared.people.access import Caller, Need, Role
from shared.people.customers import CUSTOMERS, Consent, Customer, Email, NewsChannel, Phone, newcomer
from shared.records import Write
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Answer, Routes
from triggers.parse import Input, Output

routes = Routes("me")
CUSTOMER = Need(roles=frozenset({Role.CUSTOMER}))


class Settings(Input):
    """All of one's settings; what is left out goes back to its default."""

    name: str = Field(default="", max_length=100)
    email: Email | None = None
    phone: Phone | None = None
    has_whatsapp: bool = Field(default=False, description="Whether the phone takes WhatsApp, and you want it used.")
    language: Literal["en", "es"] = "en"
    time_zone: str = Field(default="America/Chicago", max_length=60, description="An IANA name.")
    news: Annotated[tuple[NewsChannel, ...], Field(max_length=3)] = ("web",)
    consent: Consent = Field(default_factory=Consent)


class SettingsView(Output):
    """One's settings as they are kept."""

    id: str
    name: str
    email: str | None
    phone: str | None
    has_whatsapp: bool
    language: str
    time_zone: str
    news: list[NewsChannel]
    consent: Consent


@routes.get("/api/v1/me", need=CUSTOMER)
async def get_me(caller: Caller, deps: Deps) -> Answer[SettingsView]:
    """One's own settings."""
    stored = await deps.store.get(CUSTOMERS, caller.subject, caller.subject)
    kept = stored.value if stored else newcomer(caller.subject)
    return Answer(_view(kept), etag=stored.etag if stored else None)


@routes.put("/api/v1/me", need=CUSTOMER)
async def put_me(body: Settings, caller: Caller, deps: Deps, about: About) -> Answer[SettingsView]:
    """Set them; with If-Match only if nobody has changed them since."""
    try:
        wanted = Customer.model_validate({"id": caller.subject, **body.model_dump()})
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        field = f"body.{'.'.join(map(str, problem['loc']))}"
        raise AppError(INVALID, f"{field}: {problem['msg']}", [FieldError(field, problem["msg"])]) from None
    write = Write("replace", wanted, about.if_match) if about.if_match else Write("put", wanted)
    (stored,) = await deps.store.apply(CUSTOMERS, caller.subject, [write])
    assert stored is not None
    return Answer(_view(stored.value), etag=stored.etag)


def _view(customer: Customer) -> SettingsView:
    return SettingsView.model_validate(customer.model_dump(include=set(SettingsView.model_fields)))
