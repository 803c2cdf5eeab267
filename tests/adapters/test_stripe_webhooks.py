"""Webhooks: the same signatures are taken as by Stripe's own SDK, and what is read of the events."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.stripe_webhooks import TOLERANCE_SECONDS, StripeWebhooks
from shared.money.news import BODY_BYTES_MAX, BadNews, BadSignature, News
from shared.ports import Payments
from shared.wire import pack, unpack
from tests.adapters.payments_providers import START, SetClock, Stripe, usd
from tests.peers.stripe_peer import signature

SECRET = "whsec_test"


def webhooks(moment: datetime = START, secret: str = SECRET) -> StripeWebhooks:
    clock = SetClock()
    clock.moment = moment
    return StripeWebhooks(secret, clock)


def body(kind: str = "payment_intent.succeeded", **thing: Any) -> bytes:
    about = {"id": "pi_1", "object": "payment_intent", "amount": 500, "amount_received": 500, "currency": "usd"}
    told = {"id": "evt_1", "object": "event", "type": kind, "created": 1_772_442_000, "livemode": False}
    return json.dumps({**told, "data": {"object": {**about, **thing}}}).encode()


def ours(said: bytes, header: str | None, moment: datetime) -> bool:
    try:
        webhooks(moment).read(said, header)
    except BadSignature:
        return False
    except BadNews:
        return True
    return True


def theirs(said: bytes, header: str | None) -> bool:
    try:
        stripe.WebhookSignature.verify_header(said, header, SECRET, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


@given(said=st.text(), age=st.sampled_from([0, 10, 299, 400, 4_000, -100]), secret=st.sampled_from([SECRET, "whsec_x"]))
def test_a_signature_is_taken_just_where_the_sdk_takes_it(said: str, age: int, secret: str) -> None:
    now = int(time.time())  # the SDK knows no other clock
    header = stripe.WebhookSignature.generate_signature_header(said, secret, now - age)
    assert ours(said.encode(), header, datetime.fromtimestamp(now, UTC)) == theirs(said.encode(), header)
    assert theirs(said.encode(), header) == (secret == SECRET and age <= TOLERANCE_SECONDS)


@given(header=st.text(alphabet="tv10=,a5é ", max_size=30))
def test_no_made_up_header_is_taken(header: str) -> None:
    assert not ours(b"{}", header, START)
    assert not theirs(b"{}", header)


def test_the_signature_is_over_the_raw_bytes() -> None:
    stamp, said = int(START.timestamp()), body()
    header = signature(said, SECRET, stamp)
    assert webhooks().read(said, header) is not None
    for other in (said + b" ", json.dumps(json.loads(said), indent=1).encode(), said.replace(b"500", b"501")):
        with pytest.raises(BadSignature, match="no signature fits"):
            webhooks().read(other, header)
    for wrong in (None, "", "t=,v1=", f"t={stamp}", header.replace("v1", "v0"), f"v1={header[-64:]}", "t=-1,v1=é"):
        with pytest.raises(BadSignature):
            webhooks().read(said, wrong)
    rolling = f"t={stamp},v1={'0' * 64},v1={header[-64:]}"
    assert webhooks().read(said, rolling) is not None


def test_what_is_old_is_refused() -> None:
    said = body()
    header = signature(said, SECRET, int(START.timestamp()))
    assert webhooks(START + timedelta(seconds=TOLERANCE_SECONDS)).read(said, header) is not None
    with pytest.raises(BadSignature, match="300 seconds"):
        webhooks(START + timedelta(seconds=TOLERANCE_SECONDS + 1)).read(said, header)


def test_each_endpoint_has_a_secret_of_its_own() -> None:
    stamp, said = int(START.timestamp()), body()
    both = webhooks(secret="whsec_account, whsec_connect")
    for secret in ("whsec_account", "whsec_connect"):
        assert both.read(said, signature(said, secret, stamp)) is not None
    for secret in ("whsec_account, whsec_connect", "", "whsec"):
        with pytest.raises(BadSignature):
            both.read(said, signature(said, secret, stamp))


def test_what_is_told_of_payees() -> None:
    ready = {"capabilities": {"transfers": "active"}, "payouts_enabled": True, "object": "account", "id": "acct_1"}
    half = {**ready, "payouts_enabled": False}
    other = {**ready, "capabilities": {"transfers": "pending"}}
    for thing, is_payable in ((ready, True), (half, False), (other, False)):
        found = read(json.dumps({**EVENT, "type": "account.updated", "data": {"object": thing}}).encode())
        assert (found.account, found.is_payable, found.amount) == ("acct_1", is_payable, None)
    failed = {"id": "po_1", "object": "payout", "amount": 500, "currency": "usd", "failure_message": "Closed."}
    told = {**EVENT, "type": "payout.failed", "account": "acct_1", "data": {"object": failed}}
    found = read(json.dumps(told).encode())
    assert (found.account, found.amount, found.reason) == ("acct_1", usd(500), "Closed.")


def test_reversals_with_a_key_of_ours_are_ours() -> None:
    ours = {"id": "trr_1", "amount": 100, "currency": "usd", "metadata": {"key": "k"}}
    theirs = {"id": "trr_2", "amount": 50, "currency": "usd", "metadata": {}}
    transfer = {"id": "tr_1", "object": "transfer", "amount": 600, "amount_reversed": 150, "currency": "usd"}
    thing = {**transfer, "reversals": {"data": [theirs, ours]}, "metadata": {"order": "o1"}}
    found = read(json.dumps({**EVENT, "type": "transfer.reversed", "data": {"object": thing}}).encode())
    assert [(one.id, one.amount) for one in found.foreign] == [("trr_2", usd(50))]


EVENT = {"id": "evt_1", "object": "event", "created": 1_772_442_000, "livemode": False}


def read(said: bytes) -> News:
    found = webhooks().read(said, signature(said, SECRET, int(START.timestamp())))
    assert found is not None
    return found


@pytest.mark.parametrize("secret", ["", "  ", " , "])
def test_nobody_signs_with_an_empty_secret(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        webhooks(secret=secret)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"type": 5}',
        body(currency="xxx"),
        body(amount="much"),
        body(amount=None),
        body(id=7),
        body(metadata=[1]),
        b"[" * 100_000,
        b" " * (BODY_BYTES_MAX + 1),
    ],
    ids=range(13),
)
def test_what_is_signed_and_cannot_be_read_is_an_error_with_a_name(said: bytes) -> None:
    with pytest.raises(BadNews):
        webhooks().read(said, signature(said, SECRET, int(START.timestamp())))


@pytest.mark.parametrize("kind", ["payment_intentx", "charge.succeeded", "charge.refunded.x", "payout.paid", ""])
def test_other_events_say_nothing(kind: str) -> None:
    said = body(kind)
    assert webhooks().read(said, signature(said, SECRET, int(START.timestamp()))) is None


def test_reading_one_does_not_load_the_sdk() -> None:
    code = "import sys, shared.adapters.stripe_webhooks; print('stripe' in sys.modules, 'aiohttp' in sys.modules)"
    root = Path(__file__).parents[2]
    told = subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True, timeout=60)
    assert told.split() == ["False", "False"]


# --- from the server


class Told:
    """A receiver that reads what Stripe posts."""

    def __init__(self, stripe_: Stripe) -> None:
        self.provider = stripe_
        self.events: list[News | None] = []

    async def caught_up(self) -> None:
        """Wait until everything that has happened so far has been told."""
        for _ in range(500):
            if len(self.events) == len(self.provider.peer.world.all("event")) - self.before:
                return
            await asyncio.sleep(0.01)

    def play(self, scenario: Any) -> list[News]:
        async def whole(payments: Payments) -> None:
            async def receive(request: web.Request) -> web.Response:
                reader = StripeWebhooks("whsec_loopback", self.provider.clock)
                self.events.append(reader.read(await request.read(), request.headers["Stripe-Signature"]))
                return web.Response()

            app = web.Application()
            app.router.add_post("/hook", receive)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            hook = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "enabled_events[]": "*"}
            await asyncio.to_thread(self.provider.call, "POST", "/v1/webhook_endpoints", hook)
            self.before = len(self.provider.peer.world.all("event"))
            try:
                await scenario(payments)
                await self.caught_up()
            finally:
                await runner.cleanup()

        self.provider.play(whole)
        return [one for one in self.events if one is not None]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    with Stripe.running(tmp_path) as provider:
        provider.partner("florist")
        yield Told(provider)


def test_the_life_of_a_payment_is_told_with_its_order_and_amounts(told: Told) -> None:
    async def life(payments: Payments) -> None:
        held = await payments.authorise("o1", usd(1_000), "pm_card_visa", "a")
        await payments.capture(held.id, usd(900), "c")
        made = await payments.transfer(held.id, told.provider.partner("florist"), usd(600), "t")
        await payments.reverse(made.id, usd(100), "r")
        await payments.refund(held.id, usd(300), "f")
        declined = await payments.authorise("o2", usd(700), told.provider.declined, "d")
        freed = await payments.authorise("o3", usd(700), "pm_card_visa", "e")
        await payments.void(freed.id, "v")
        assert declined.id

    found = {one.type: one for one in told.play(life)}
    paid = found["payment_intent.succeeded"]
    assert (paid.order, paid.payment, paid.amount, paid.moved) == ("o1", paid.about, usd(1_000), usd(900))
    assert (paid.status, paid.at, paid.is_live) == ("succeeded", START, False)
    back = found["transfer.reversed"]
    assert (back.order, back.payment, back.amount, back.moved) == ("o1", paid.about, usd(600), usd(100))
    refunded = found["charge.refunded"]
    assert (refunded.order, refunded.payment, refunded.moved) == ("o1", paid.about, usd(300))
    assert found["payment_intent.payment_failed"].order == "o2"
    assert (found["payment_intent.canceled"].order, found["payment_intent.canceled"].reason) == (
        "o3",
        "requested_by_customer",
    )
    for one in found.values():
        assert unpack(News, pack(one)) == one


def test_disputes_and_lapsed_holds_are_told(told: Told) -> None:
    async def trouble(payments: Payments) -> None:
        held = await payments.authorise("o1", usd(1_000), "pm_card_createDispute", "a")
        await payments.capture(held.id, usd(1_000), "c")
        await payments.authorise("o2", usd(800), "pm_card_visa", "b")
        await told.caught_up()  # else what is still on its way would be too old
        told.provider.clock.moment = START + timedelta(days=7)
        await payments.statement("o2")

    found = {one.type: one for one in told.play(trouble)}
    disputed = found["charge.dispute.created"]
    assert disputed.about.startswith("du_")
    assert (disputed.amount, disputed.reason, disputed.status) == (usd(1_000), "fraudulent", "needs_response")
    assert (disputed.order, disputed.payment) == (None, found["payment_intent.succeeded"].about)
    lapsed = found["charge.expired"]
    assert (lapsed.order, lapsed.amount, lapsed.moved) == ("o2", usd(800), usd(0))
    assert found["payment_intent.canceled"].reason == "expired"
