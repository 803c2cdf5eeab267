"""Which carrier each channel has, as the settings name them; a library is loaded where a carrier needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.messages_broker import Carrier, InboxCarrier
from shared.adapters.messages_inbox import InboxMessages
from shared.adapters.partner_secrets import PartnerSecrets
from shared.dialogue.messages import Channel
from shared.ports import Blobs, Clock, Store

if TYPE_CHECKING:
    from shared.adapters.twilio_client import TwilioClient
    from shared.settings import Settings


class Carriers:
    """What wiring.py hands to the broker."""

    def __init__(self, settings: Settings, store: Store, blobs: Blobs, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._blobs = blobs
        self._clock = clock

    def by_channel(self, inbox: InboxMessages, secrets: PartnerSecrets) -> dict[Channel, Carrier]:
        """A carrier for each channel that is offered; the web's messages are always kept in the inbox."""
        chosen, kept = self._settings, InboxCarrier(inbox)
        carriers: dict[Channel, Carrier] = {"web": kept}
        if chosen.messages != "none":
            phones = self._phones() if chosen.messages == "twilio" else kept
            carriers |= {"whatsapp": phones, "sms": phones}
        if chosen.email != "none":
            carriers["email"] = self._email() if chosen.email == "smtp" else kept
        if chosen.partner_api != "none":
            carriers["api"] = self._partners(secrets) if chosen.partner_api == "https" else kept
        return carriers

    def _phones(self) -> Carrier:
        from shared.adapters.messages_twilio import TwilioCarrier, TwilioSetup  # noqa: PLC0415

        chosen = self._settings
        pairs = [pair.strip().partition("=") for pair in chosen.twilio_templates.split(",") if pair.strip()]
        setup = TwilioSetup(
            public_url=chosen.public_url.rstrip("/"),
            whatsapp_from=chosen.twilio_whatsapp_from,
            sms_from=chosen.twilio_sms_from,
            templates={name: sid for name, _, sid in pairs},
        )
        return TwilioCarrier(twilio_client(chosen), setup, self._store, self._clock)

    def _email(self) -> Carrier:
        from shared.adapters.messages_email import EmailCarrier, Mailbox  # noqa: PLC0415

        chosen = self._settings
        mailbox = Mailbox(
            host=chosen.smtp_host,
            port=chosen.smtp_port,
            security=chosen.smtp_security,
            sender=chosen.smtp_from,
            secret=chosen.email_secret.get_secret_value(),
            user=chosen.smtp_user,
            password=chosen.smtp_password.get_secret_value(),
            sender_name=chosen.smtp_name,
        )
        return EmailCarrier(mailbox, self._blobs, self._clock)

    def _partners(self, secrets: PartnerSecrets) -> Carrier:
        from shared.adapters.messages_partners import PartnersCarrier  # noqa: PLC0415

        return PartnersCarrier(
            self._store,
            self._clock,
            secrets.of,
            self._settings.public_url.rstrip("/"),
            allows_private=self._settings.partner_private,
        )


def twilio_client(settings: Settings) -> TwilioClient:
    """The account, to send with and to fetch files from."""
    from shared.adapters.twilio_client import TwilioClient  # noqa: PLC0415

    return TwilioClient(
        settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value(), settings.twilio_url
    )
