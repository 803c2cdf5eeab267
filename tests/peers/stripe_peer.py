"""A loopback server in Stripe's wire format: forms in, JSON out, idempotency keys, faults on demand, signed webhooks.

Formats: https://docs.stripe.com/api (nested brackets in forms, errors, expanding, pagination, idempotent requests) and
https://docs.stripe.com/webhooks#verify-manually for signatures. What it knows and does stands in stripe_world.py.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.peers.stripe_objects import API_VERSION, Thing, listed
from tests.peers.stripe_world import ACCOUNT, CARDS, Refused, World, missing, utc_now

KEY = "sk_test_loopback"
LOST_ANSWERS = 3
"""A client tries so often before it gives up: once, and two retries."""


class Fault(NamedTuple):
    """What happens to one request in place of the usual. on: the method, or the end of `METHOD /path`.

    status: an error answer (0: none). is_after: the work is done first. is_cut: the connection is reset; is_torn: in
    the middle of the answer. seconds: how long it takes. is_kept: the error is saved under the key, as Stripe does
    once an endpoint has begun.
    """

    on: str = ""
    status: int = 0
    is_after: bool = False
    is_cut: bool = False
    is_torn: bool = False
    seconds: float = 0.0
    is_kept: bool = False
    headers: Mapping[str, str] = MappingProxyType({})
    text: str | None = None


class Asked(NamedTuple):
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    said: Thing


class Saved(NamedTuple):
    """What was answered to a key; status 0 while it is under way."""

    fingerprint: str
    status: int
    body: Thing


class Route(NamedTuple):
    """An endpoint. takes: the parameters it knows, besides expand."""

    method: str
    path: re.Pattern[str]
    act: Callable[..., Any]
    takes: frozenset[str]


class StripePeer:
    """faults: come over the requests in turn. clock: the time, where it is to stand still."""

    def __init__(self) -> None:
        self.clock = utc_now
        self.world = World(lambda: self.clock())  # noqa: PLW0108 - the clock may be set anew
        self.world.tell = self._told
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.url = ""
        self.loop: asyncio.AbstractEventLoop
        self.hooks: list[Thing] = []
        self._saved: dict[str, Saved] = {}
        self._lost: Counter[str] = Counter()
        self._posting: set[asyncio.Task[None]] = set()
        self._routes = _routes(self)

    def fresh(self) -> None:
        """Forget everything, as a new account."""
        url, loop = self.url, self.loop
        self.__init__()  # type: ignore[misc]
        self.url, self.loop = url, loop

    def do(self, act: Callable[..., Any], *given: Any) -> Any:
        """Let something happen that nobody asks for over HTTP, where events are told from; what comes of it."""

        async def work() -> Any:
            return act(*given)

        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(10)

    def events(self, kind: str) -> list[Thing]:
        """What was told of a kind, newest first."""
        return self.world.all("event", type=kind)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        said = unflattened(await request.text() if request.method == "POST" else request.query_string)
        self.asked.append(Asked(request.method, request.path, dict(request.headers), said))
        fault = self._fault(request)
        if fault and not fault.is_after:
            if not fault.is_kept:
                return await self._faulty(request, fault)
            self._save(request, said, fault.status, _error(fault.status))
        if self._is_lost(request, said, is_before=True):
            return _reset(request)
        status, body, is_replay = await self._answer(request, said)
        if fault and fault.is_after:
            return await self._faulty(request, fault)
        if self._is_lost(request, said, is_before=False):
            return _reset(request)
        headers = {"Request-Id": f"req_{len(self.asked)}", "Stripe-Version": API_VERSION}
        if is_replay:
            headers["Idempotent-Replayed"] = "true"
        return web.json_response(body, status=status, headers=headers)

    async def _answer(self, request: web.Request, said: Thing) -> tuple[int, Thing, bool]:
        """Status, body, and whether it is a replay."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return 401, Refused("Invalid API Key provided.", status=401).body, False
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        known = self._saved.get(key) if key else None
        if known:
            if known.fingerprint != _fingerprint(request, said):
                message = "Keys for idempotent requests can only be used with the same parameters and endpoint."
                return 400, Refused(message, kind="idempotency_error").body, False
            if not known.status:
                message = "There is another request in progress with this key."
                return 409, Refused(message, "idempotency_key_in_use").body, False
            return known.status, copy.deepcopy(known.body), True
        if key:
            self._save(request, said, 0, {})
        # What a server does between taking a key and keeping its answer: others may come meanwhile.
        await asyncio.sleep(0)
        status, body, is_kept = self._done(request, said, key)
        if key and is_kept:
            self._save(request, said, status, copy.deepcopy(body))
        elif key:
            del self._saved[key]
        return status, body, False

    def _done(self, request: web.Request, said: Thing, key: str) -> tuple[int, Thing, bool]:
        self.world.key = key or None
        self.world.lapse()
        try:
            for route in self._routes:
                found = route.path.fullmatch(request.path)
                if found and route.method == request.method:
                    _check_names(route, said)
                    body = route.act(request, {k: v for k, v in said.items() if k != "expand"}, *found.groups())
                    return 200, self._expanded(copy.deepcopy(body), said.get("expand", [])), True
            raise Refused(f"Unrecognized request URL ({request.method}: {request.path}).", status=404, is_kept=False)
        except Refused as no:
            return no.status, no.body, no.is_kept

    def _save(self, request: web.Request, said: Thing, status: int, body: Thing) -> None:
        key = request.headers["Idempotency-Key"]
        self._saved[key] = Saved(_fingerprint(request, said), status, body)

    def forget_keys(self) -> None:
        """A day goes by: keys are pruned."""
        self._saved.clear()

    # --- faults

    def _fault(self, request: web.Request) -> Fault | None:
        what = f"{request.method} {request.path}"
        at = next((n for n, one in enumerate(self.faults) if one.on == request.method or what.endswith(one.on)), None)
        return None if at is None else self.faults.pop(at)

    async def _faulty(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        await asyncio.sleep(fault.seconds)
        if fault.is_torn:
            torn = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
            await torn.prepare(request)
            await torn.write(b'{"id": "pi_')
            return _reset(request)
        if fault.is_cut or not fault.status:
            return _reset(request)
        if fault.text is not None:
            return web.Response(status=fault.status, text=fault.text, headers=fault.headers)
        return web.json_response(_error(fault.status), status=fault.status, headers=fault.headers)

    def _is_lost(self, request: web.Request, said: Thing, *, is_before: bool) -> bool:
        card = CARDS.get(said.get("payment_method", ""))
        if request.method != "POST" or not card or not (card.is_cut if is_before else card.is_lost):
            return False
        key = request.headers.get("Idempotency-Key", "")
        self._lost[key] += 1
        return self._lost[key] <= LOST_ANSWERS

    # --- shapes

    def _expanded(self, body: Thing, paths: list[str]) -> Thing:
        for path in paths:
            self._expand(body, path.split("."))
        return body

    def _expand(self, at: Any, path: list[str]) -> None:
        if isinstance(at, list):
            for one in at:
                self._expand(one, path)
        elif isinstance(at, dict) and path:
            name, *rest = path
            if name not in at:
                raise Refused(f"This property cannot be expanded ({name}).", None, "expand", is_kept=False)
            if isinstance(at[name], str):
                at[name] = copy.deepcopy(self.world.things.get(at[name], at[name]))
            self._expand(at[name], rest)

    def page(self, request: web.Request, said: Thing, found: list[Thing]) -> Thing:
        """A page of a list: limit, starting_after."""
        limit = int(said.get("limit", 10))
        if not 1 <= limit <= 100:
            raise Refused("limit must be between 1 and 100.", "parameter_invalid_integer", "limit", is_kept=False)
        start = 0
        if after := said.get("starting_after"):
            ids = [one["id"] for one in found]
            if after not in ids:
                raise missing("object", after, "starting_after")
            start = ids.index(after) + 1
        return listed(request.path, found[start : start + limit], has_more=len(found) > start + limit)

    # --- webhooks

    def _told(self, event: Thing) -> None:
        for hook in self.hooks:
            if {"*", event["type"]} & set(hook["enabled_events"]):
                task = asyncio.get_running_loop().create_task(self._post(hook, event))
                self._posting.add(task)
                task.add_done_callback(self._posting.discard)

    async def _post(self, hook: Thing, event: Thing) -> None:
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, hook["secret"], self.world.stamp()),
        }
        async with aiohttp.ClientSession() as session, session.post(hook["url"], data=body, headers=headers) as answer:
            event["pending_webhooks"] += answer.status >= 300

    def add_hook(self, url: str, enabled_events: list[str]) -> Thing:
        """An endpoint that is told of events from now on; the secret is shown this once."""
        hook = {
            **dict.fromkeys(("api_version", "application", "description")),
            "id": self.world.id("we"),
            "object": "webhook_endpoint",
            "created": self.world.stamp(),
            "enabled_events": enabled_events,
            "livemode": False,
            "metadata": {},
            "secret": "whsec_loopback",
            "status": "enabled",
            "url": url,
        }
        self.hooks.append(hook)
        return hook


def signature(body: bytes, secret: str, stamp: int) -> str:
    """The Stripe-Signature header."""
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def unflattened(form: str) -> Thing:
    """A form with nested brackets: `a[b]=1` is {"a": {"b": "1"}}, `a[0]=x` and `a[]=x` are {"a": ["x"]}."""
    found: Thing = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        at, last = found, first
        for part in rest:
            at = at.setdefault(last, {})
            last = part or str(len(at))
        at[last] = {"true": True, "false": False}.get(value, value)
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner


def _fingerprint(request: web.Request, said: Thing) -> str:
    return json.dumps([request.method, request.path, said], sort_keys=True)


def _error(status: int) -> Thing:
    if status == 429:
        return Refused("Too many requests hit the API too quickly.", "rate_limit", status=429).body
    return Refused("An unknown error occurred.", status=status, kind="api_error").body


def _reset(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def _check_names(route: Route, said: Thing) -> None:
    for name in said.keys() - route.takes - {"expand"}:
        raise Refused(f"Received unknown parameter: {name}", "parameter_unknown", name, is_kept=False)


def _routes(peer: StripePeer) -> list[Route]:
    world = peer.world
    cursor = "limit starting_after created"

    def route(method: str, path: str, act: Callable[..., Any], takes: str = "") -> Route:
        return Route(method, re.compile(path.replace("{}", r"([^/]+)")), act, frozenset(takes.split()))

    def make(path: str, act: Callable[[Thing], Thing], takes: str) -> Route:
        return route("POST", path, lambda request, said: act(said), takes)

    def change(path: str, act: Callable[[str, Thing], Thing], takes: str) -> Route:
        return route("POST", path, lambda request, said, id_: act(id_, said), takes)

    def show(path: str, kind: str, param: str = "id") -> Route:
        return route("GET", path, lambda request, said, id_: world.get(kind, id_, param))

    def listing(path: str, kind: str, takes: str = "") -> Route:
        def act(request: web.Request, said: Thing) -> Thing:
            where = {name: said[name] for name in takes.split() if name in said}
            return peer.page(request, said, world.all(kind, **where))

        return route("GET", path, act, f"{takes} {cursor}")

    def reversals(request: web.Request, said: Thing, transfer: str) -> Thing:
        return peer.page(request, said, world.all("transfer_reversal", transfer=world.get("transfer", transfer)["id"]))

    def search(request: web.Request, said: Thing) -> Thing:
        page = peer.page(request, {"limit": said.get("limit", 10)}, world.search_payment_intents(said))
        return {**page, "object": "search_result", "next_page": None}

    confirm = "payment_method error_on_requires_action off_session return_url"
    intent = "amount currency metadata capture_method transfer_group description customer confirm"
    intents, charges, transfers = "/v1/payment_intents", "/v1/charges", "/v1/transfers"
    return [
        make(
            intents,
            world.create_payment_intent,
            f"{intent} {confirm} payment_method_types allowed_payment_method_types",
        ),
        listing(intents, "payment_intent", "customer"),
        route("GET", f"{intents}/search", search, "query limit page"),
        show(f"{intents}/{{}}", "payment_intent", "intent"),
        change(f"{intents}/{{}}/confirm", world.confirm, confirm),
        change(f"{intents}/{{}}/capture", world.capture, "amount_to_capture metadata final_capture"),
        change(f"{intents}/{{}}/cancel", world.cancel, "cancellation_reason"),
        listing(charges, "charge", "payment_intent transfer_group customer"),
        show(f"{charges}/{{}}", "charge"),
        make("/v1/refunds", world.create_refund, "payment_intent charge amount metadata reason"),
        listing("/v1/refunds", "refund", "payment_intent charge"),
        show("/v1/refunds/{}", "refund"),
        make(
            transfers,
            world.create_transfer,
            "amount currency destination source_transaction transfer_group metadata description",
        ),
        listing(transfers, "transfer", "destination transfer_group"),
        show(f"{transfers}/{{}}", "transfer"),
        change(f"{transfers}/{{}}/reversals", world.create_reversal, "amount metadata description"),
        route("GET", f"{transfers}/{{}}/reversals", reversals, cursor),
        make("/v1/accounts", world.create_account, "type country email controller capabilities metadata"),
        show("/v1/accounts/{}", "account"),
        route("GET", "/v1/balance", lambda request, _: world.balance(request.headers.get("Stripe-Account", ACCOUNT))),
        listing("/v1/balance_transactions", "balance_transaction", "source type"),
        listing("/v1/disputes", "dispute", "charge payment_intent"),
        show("/v1/disputes/{}", "dispute"),
        change("/v1/disputes/{}", world.answer_dispute, "evidence metadata submit"),
        change("/v1/disputes/{}/close", lambda id_, said: world.close_dispute(id_), ""),
        listing("/v1/events", "event", "type"),
        show("/v1/events/{}", "event"),
        make("/v1/webhook_endpoints", lambda said: peer.add_hook(**said), "url enabled_events"),
    ]


@contextmanager
def running() -> Iterator[StripePeer]:
    """A fresh peer on a free loopback port; it ends with the block."""
    peer = StripePeer()
    loop = peer.loop = asyncio.new_event_loop()
    started = threading.Event()
    ending = asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", peer.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await ending.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield peer
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
