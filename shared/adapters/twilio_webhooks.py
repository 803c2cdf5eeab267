"""Twilio's webhooks: whether one is Twilio's, and what it tells: a message to us, or what became of one of ours.

Parameters: https://www.twilio.com/docs/messaging/guides/webhook-request, signatures:
https://www.twilio.com/docs/usage/webhooks/webhooks-security. A signature covers the address as Twilio knows it, so that
stands in the settings; and every field, blank ones too. It covers no time: what comes again is known by its id.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha1
from urllib.parse import parse_qsl

from shared.adapters.messages_twilio import STATUSES, WEBHOOK_PATH
from shared.dialogue.delivery import StatusNews
from shared.dialogue.inbound import MEDIA_MAX, TEXT_LENGTH_MAX, URL_LENGTH_MAX, Inbound, Media
from shared.dialogue.messages import Channel
from shared.dialogue.signed import BadSignature

FIELDS_MAX = 200
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_SENDER_LENGTH_MAX = 254
_WHATSAPP = "whatsapp:"


class TwilioWebhooks:
    """Reads the webhooks of one account."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._token = auth_token
        self._url = public_url.rstrip("/") + WEBHOOK_PATH

    def read(self, body: bytes, signature: str, now: datetime) -> Inbound | StatusNews | None:
        """What a form tells, None where that is nothing to us; raises BadSignature."""
        form = self._checked(body, signature)
        if "MessageStatus" in form:
            return _status(form, now)
        return _message(form, now)

    def _checked(self, body: bytes, signature: str) -> dict[str, str]:
        if not self._token:
            raise BadSignature("no account is set up: nothing can be signed with it")
        try:
            pairs = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
            )
        except ValueError:
            raise BadSignature("the body is no form") from None
        expected = signature_of(self._token, self._url, pairs)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise BadSignature("the signature does not fit the address and the fields")
        return {name: value.replace("\0", "") for name, value in pairs}  # no store needs to keep a NUL


def signature_of(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """`X-Twilio-Signature`: of the address with every field's name and value behind it, in order, each once."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()


def _status(form: Mapping[str, str], now: datetime) -> StatusNews | None:
    sid, status = form.get("MessageSid", ""), STATUSES.get(form["MessageStatus"])
    if status is None or not _SID.fullmatch(sid):
        return None
    code = form.get("ErrorCode", "")
    return StatusNews(provider_id=sid, status=status, at=now, error=code if code.isdecimal() else "")


def _message(form: Mapping[str, str], now: datetime) -> Inbound | None:
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    channel: Channel = "whatsapp" if sender.startswith(_WHATSAPP) else "sms"
    sender = sender.removeprefix(_WHATSAPP)[:_SENDER_LENGTH_MAX]
    if not _SID.fullmatch(sid) or not sender:
        return None
    return Inbound(
        channel=channel,
        sender=sender,
        provider_id=sid,
        in_reply_to=form.get("OriginalRepliedMessageSid", "")[:100],
        payload=form.get("ButtonPayload", "")[:200],
        text=(form.get("Body") or form.get("ButtonText", ""))[:TEXT_LENGTH_MAX],
        media=tuple(_media(form)),
        at=now,
    )


def _media(form: Mapping[str, str]) -> Iterable[Media]:
    count = form.get("NumMedia", "")
    for number in range(min(int(count), MEDIA_MAX) if count.isascii() and count.isdecimal() else 0):
        url, media_type = form.get(f"MediaUrl{number}", ""), form.get(f"MediaContentType{number}", "")[:100]
        if 0 < len(url) <= URL_LENGTH_MAX:
            yield Media(url=url, media_type=media_type)
        else:
            yield Media(media_type=media_type, problem="it came without an address")
