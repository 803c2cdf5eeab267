"""A loopback server in Twilio's wire format: messages by form, content templates, files, signed webhooks, faults.

Formats: https://www.twilio.com/docs/messaging/api/message-resource, …/content/content-api-resources and
…/usage/webhooks/webhooks-security. Like the service it refuses what is not authorised, numbers that are none, templates
and variables that do not fit, texts that are too long; and lets free text out of WhatsApp's session window fail later.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlencode

import httpx
from aiohttp import web
from twilio.request_validator import RequestValidator

SID, TOKEN = "AC" + "0" * 32, "auth-token-of-the-loopback"
WHATSAPP, SMS, SERVICE = "+15125550100", "+15125550101", "MG" + "5" * 32
BODY_LENGTH_MAX = 1_600
CONTENT_LENGTH_MAX = 1_024
SESSION = timedelta(hours=24)
_NUMBER = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}")
_PLACE = re.compile(r"{{(\w+)}}")
_FORM = "application/x-www-form-urlencoded"

Form = dict[str, str]


class Fault(NamedTuple):
    """What happens to one post in place of the usual. is_after: the message is made first; is_cut: no answer at all."""

    status: int = 0
    code: int = 20_500
    is_after: bool = False
    is_cut: bool = False
    seconds: float = 0.0
    headers: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):
    """An answer of 4xx."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class TwilioPeer:
    """messages: all that were made; faults: of the next posts, in turn; contents: templates by sid; blocked: numbers
    that have said STOP; files: path → bytes and type, or another address; public: where the app thinks it is."""

    def __init__(self) -> None:
        self.url = ""
        self.public = "https://app.example"
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.messages: list[dict[str, Any]] = []
        self.forms: list[list[tuple[str, str]]] = []
        self.faults: list[Fault] = []
        self.contents: dict[str, dict[str, Any]] = {}
        self.blocked: set[str] = set()
        self.files: dict[str, tuple[bytes, str] | str] = {}
        self.asked: list[tuple[str, bool]] = []
        self._heard: dict[str, datetime] = {}

    # --- its API

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        is_known = request.headers.get("Authorization") == KNOWN
        self.asked.append((request.path, is_known))
        if request.path in self.files:
            return self._file(request.path, is_known=is_known)
        if not is_known:
            return refusal(Refused(20_003, "Authenticate", 401))
        if request.path != f"/2010-04-01/Accounts/{SID}/Messages.json":
            return refusal(Refused(20_404, f"The requested resource {request.path} was not found", 404))
        if request.method == "GET":
            return web.json_response(self._listed(dict(request.query)))
        return await self._posted(request)

    async def _posted(self, request: web.Request) -> web.StreamResponse:
        pairs = parse_qsl(await request.text(), keep_blank_values=True)
        self.forms.append(pairs)
        fault = self.faults.pop(0) if self.faults else Fault()
        try:
            made = self._made(pairs) if fault == Fault() or fault.is_after else None
        except Refused as no:
            return refusal(no)
        await asyncio.sleep(fault.seconds)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
        if fault.status:
            told = Refused(fault.code, "for +15125550123", fault.status)
            return refusal(told, fault.headers)
        return web.json_response(made, status=201)

    def _made(self, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        form = dict(pairs)
        to, sender = form.get("To", ""), form.get("From") or form.get("MessagingServiceSid", "")
        if not _NUMBER.fullmatch(to):
            raise Refused(21_211, f"Invalid 'To' Phone Number: {to}")
        if sender not in {SMS, f"whatsapp:{WHATSAPP}", SERVICE}:
            raise Refused(21_606, f"The 'From' phone number {sender} is not valid")
        if to in self.blocked:
            raise Refused(21_610, f"Attempt to send to unsubscribed recipient {to}")
        if not form.get("StatusCallback", "").startswith("http"):
            raise Refused(21_609, "The StatusCallback URL is not a valid URL.")
        body = self._content(form) if "ContentSid" in form else form.get("Body", "")
        media = [value for name, value in pairs if name == "MediaUrl"]
        if not body and not media:
            raise Refused(21_602, "Message body is required.")
        if len(body) > BODY_LENGTH_MAX:
            raise Refused(21_617, "The concatenated message body exceeds the 1600 character limit")
        heard = self._heard.get(to, datetime.min.replace(tzinfo=UTC))
        is_late = to.startswith("whatsapp:") and "ContentSid" not in form and self.clock() >= heard + SESSION
        return self._kept(to, sender, body, len(media), error=63_016 if is_late else None)

    def _content(self, form: Form) -> str:
        content = self.contents.get(form["ContentSid"])
        if content is None:
            raise Refused(21_655, "The ContentSid is invalid.")
        try:
            variables = json.loads(form.get("ContentVariables", "{}"))
        except ValueError:
            raise Refused(21_656, "The ContentVariables parameter is invalid.") from None
        if not all(isinstance(one, str) and one and not re.search(r"[\n\t]| {5}", one) for one in variables.values()):
            raise Refused(21_656, "The ContentVariables parameter is invalid.")
        text = json.dumps(content["types"])
        if set(_PLACE.findall(text)) != set(variables):
            raise Refused(21_656, "The ContentVariables parameter does not fit.")
        body: str = next(iter(content["types"].values()))["body"]
        said = _PLACE.sub(lambda place: variables[place[1]], body)
        if len(said) > CONTENT_LENGTH_MAX:
            raise Refused(63_013, "Channel policy violation")
        return said

    def _kept(self, to: str, sender: str, body: str, media: int, error: int | None) -> dict[str, Any]:
        sid = f"{'MM' if media else 'SM'}{len(self.messages) + 1:032x}"
        message = {
            "sid": sid,
            "account_sid": SID,
            "to": to,
            "from": None if sender == SERVICE else sender,
            "messaging_service_sid": SERVICE if sender == SERVICE else None,
            "body": body,
            "status": "accepted" if sender == SERVICE else "queued",
            "direction": "outbound-api",
            "num_media": str(media),
            "num_segments": "1",
            "date_created": format_datetime(self.clock()),
            "date_updated": format_datetime(self.clock()),
            "date_sent": None,
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{SID}/Messages/{sid}.json",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{SID}/Messages/{sid}/Media.json"},
        }
        self.messages.append({**message, "will_fail": error})
        return message

    def _listed(self, query: Form) -> dict[str, Any]:
        found = [one for one in reversed(self.messages) if query.get("To") in {None, one["to"]}]
        size = int(query.get("PageSize", "50"))
        shown = [{name: value for name, value in one.items() if name != "will_fail"} for one in found[:size]]
        uri = f"/2010-04-01/Accounts/{SID}/Messages.json"
        return {
            "messages": shown, "page": 0, "page_size": size, "start": 0, "end": max(len(shown) - 1, 0), "uri": uri,
            "first_page_uri": uri, "previous_page_uri": None, "next_page_uri": None,
        }  # fmt: skip

    def _file(self, path: str, *, is_known: bool) -> web.Response:
        """Under /private to the account alone; under /signed to nobody who also shows a password, as S3 does."""
        if path.startswith("/private") and not is_known:
            return web.Response(status=401)
        if path.startswith("/signed") and is_known:
            return web.Response(status=400)
        found = self.files[path]
        if isinstance(found, str):
            return web.Response(status=307, headers={"Location": found})
        return web.Response(body=found[0], content_type=found[1])

    # --- its webhooks

    def status_form(self, sid: str, status: str, error: int | None = None) -> Form:
        """A status callback."""
        message = next(one for one in self.messages if one["sid"] == sid)
        form = {"AccountSid": SID, "ApiVersion": "2010-04-01", "From": message["from"] or SMS, "To": message["to"]}
        form |= {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status}
        return form | ({"ErrorCode": str(error)} if error else {})

    def said_form(self, number: int, sender: str, body: str, **more: str) -> Form:
        """A message to the account; sender: with `whatsapp:` for that. Opens the session window."""
        self._heard[sender] = self.clock()
        sid = f"SM{number:032x}".replace("SM0", "SMf", 1)
        form = {"AccountSid": SID, "ApiVersion": "2010-04-01", "Body": body, "From": sender, "MessageSid": sid}
        form |= {"NumMedia": "0", "NumSegments": "1", "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received"}
        is_whatsapp = sender.startswith("whatsapp:")
        place = {"To": f"whatsapp:{WHATSAPP}", "ProfileName": "", "WaId": sender[10:], "ChannelMetadata": "{}"}
        rest = place if is_whatsapp else {"To": SMS, "FromCity": "", "FromState": "TX", "FromZip": "", "ToCity": ""}
        return form | rest | more

    def signed(self, form: Form) -> dict[str, str]:
        """The headers of a webhook, its signature by Twilio's own library."""
        signature = RequestValidator(TOKEN).compute_signature(f"{self.public}/webhooks/twilio", form)
        return {"X-Twilio-Signature": signature, "Content-Type": _FORM, "I-Twilio-Idempotency-Token": "0"}

    def post(self, app: str, form: Form) -> httpx.Response:
        """Send a webhook to the app."""
        return httpx.post(f"{app}/webhooks/twilio", content=urlencode(form), headers=self.signed(form), timeout=60)

    def report(self, app: str, sid: str, *statuses: str, error: int | None = None) -> list[int]:
        """Send status callbacks in the given order; the app's answers."""
        failed = {"failed", "undelivered"}
        forms = [self.status_form(sid, one, error if one in failed else None) for one in statuses]
        return [self.post(app, form).status_code for form in forms]


def refusal(no: Refused, headers: Mapping[str, str] = MappingProxyType({})) -> web.Response:
    """An error as the service words it."""
    told = {"code": no.code, "message": no.message, "more_info": f"https://www.twilio.com/docs/errors/{no.code}"}
    return web.json_response({**told, "status": no.status}, status=no.status, headers=headers)


KNOWN = "Basic " + b64encode(f"{SID}:{TOKEN}".encode()).decode()


def fields_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """A form by its names."""
    return parse_qs(urlencode(pairs), keep_blank_values=True)


@contextmanager
def running() -> Iterator[TwilioPeer]:
    """A fresh peer on a free loopback port; it ends with the block."""
    peer = TwilioPeer()
    with serving(peer.handle) as url:
        peer.url = url
        yield peer


@contextmanager
def serving(handle: Callable[[web.Request], Any]) -> Iterator[str]:
    """A server of any requests on a free loopback port: its URL."""
    loop = asyncio.new_event_loop()
    started, ending, urls = threading.Event(), asyncio.Event(), [""]

    async def serve() -> None:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls[0] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await ending.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
