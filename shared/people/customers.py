"""A customer's own settings: how to be reached, in which language, and what may happen without asking."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from shared.people.access import APPROVAL_OVER_MINOR, ORDER_MAX_MINOR, Limits
from shared.records import Container, Record
from shared.wire import Plain

DELAY_MINUTES_MAX = 7 * 24 * 60

Phone = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]
Email = Annotated[str, Field(pattern=r"^[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,190}$")]
NewsChannel = Literal["web", "whatsapp", "email"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone: write an IANA name, such as America/Chicago") from error
    return name


class Consent(Plain):
    """What may happen without the customer's word.

    recovers_alone: a replacement at the same or a lower price, at most delay_minutes later, is taken without asking.
    approval_over_minor, order_max_minor: how far an agent may go, in US cents; never more than the platform's limits.
    """

    recovers_alone: bool = False
    delay_minutes: int = Field(default=0, ge=0, le=DELAY_MINUTES_MAX)
    approval_over_minor: int = Field(default=APPROVAL_OVER_MINOR, ge=0, le=APPROVAL_OVER_MINOR)
    order_max_minor: int = Field(default=ORDER_MAX_MINOR, ge=0, le=ORDER_MAX_MINOR)

    @property
    def limits(self) -> Limits:
        """The same as access reckons with."""
        return Limits(self.approval_over_minor, self.order_max_minor)


class Customer(Record):
    """One customer; news: the channels that updates are sent to beside the web, where there is an address for them."""

    name: Annotated[str, Field(max_length=100)] = ""
    email: Email | None = None
    phone: Phone | None = None
    has_whatsapp: bool = False
    language: Literal["en", "es"] = "en"
    time_zone: Annotated[str, Field(max_length=60), AfterValidator(_known_zone)] = "America/Chicago"
    news: Annotated[tuple[NewsChannel, ...], Field(max_length=3)] = ("web",)
    consent: Consent = Field(default_factory=Consent)

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock they live."""
        return ZoneInfo(self.time_zone)


CUSTOMERS = Container("customers", Customer, "id")


def newcomer(customer_id: str) -> Customer:
    """Somebody who has set nothing yet."""
    return Customer(id=customer_id)


def reached_by(customer: Customer) -> dict[NewsChannel, str]:
    """Channel → address, for every channel that news are wanted on and can be sent to; the web always."""
    found: dict[NewsChannel, str] = {"web": f"customer:{customer.id}"}
    if "whatsapp" in customer.news and customer.has_whatsapp and customer.phone:
        found["whatsapp"] = customer.phone
    if "email" in customer.news and customer.email:
        found["email"] = customer.email
    return found
