"""Routes: where and when a partner, hub or worker is paid."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import azure.durable_functions as df
from pydantic import AwareDatetime, Field

from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.money.accounts import account
from shared.money.payees import Payee, Schedule, destination_of, expecting, next_payout, why_not
from shared.people.access import Caller
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Routes
from triggers.idempotency import work_id
from triggers.parse import Input, Output
from triggers.provider_news import start_payout
from triggers.purse_views import OWNER, READER, AccountQuery, change_payee, payee_of, waiting_of, whose

routes = Routes("finance")


class PayoutAccount(Input):
    """The account at the payment provider: with Stripe a connected one, `acct_…`; in the sandbox any id."""

    destination: Annotated[str, Field(min_length=1, max_length=128)]


class PayoutAccountView(Output):
    """Where one is paid. destination: None while that is not known; is_named: whether the payee has said so.

    is_ready, trouble: what the provider has said of it last.
    """

    account: str
    destination: str | None
    is_named: bool
    is_ready: bool | None
    trouble: str


class NewSchedule(Input):
    """When what was released is sent on: at_once, every day, every Monday, or when one asks for it."""

    schedule: Schedule


class ScheduleView(Output):
    """The same; next_at: the next payout day, None for at_once and manual."""

    account: str
    schedule: Schedule
    next_at: AwareDatetime | None


class AskedFor(Output):
    """A payout that was asked for."""

    account: str
    summary: str


@routes.get("/api/v1/partners/{partner_id}/payout-account", need=READER)
async def get_partner_payout_account(partner_id: str, caller: Caller, deps: Deps, about: About) -> PayoutAccountView:
    """Where a partner is paid."""
    own = whose(_vendor(partner_id), caller, about)
    return _account_view(await payee_of(own, deps, about), deps)


@routes.put("/api/v1/partners/{partner_id}/payout-account", need=OWNER)
async def set_partner_payout_account(
    partner_id: str,
    body: PayoutAccount,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> PayoutAccountView:
    """Say where one is paid, as a partner; what has waited for it is sent."""
    own = whose(_vendor(partner_id), caller, about, is_write=True)
    return await _set_account(own, body, deps, about, client)


@routes.get("/api/v1/finance/payout-account", need=READER, errors=(NOT_FOUND,))
async def get_payout_account(query: AccountQuery, caller: Caller, deps: Deps, about: About) -> PayoutAccountView:
    """Where one is paid: a partner, hub or worker."""
    return _account_view(await payee_of(whose(query.account, caller, about), deps, about), deps)


@routes.put("/api/v1/finance/payout-account", need=OWNER, errors=(NOT_FOUND,))
async def set_payout_account(
    body: PayoutAccount,
    query: AccountQuery,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> PayoutAccountView:
    """Say where one is paid; what has waited for it is sent."""
    return await _set_account(whose(query.account, caller, about, is_write=True), body, deps, about, client)


@routes.get("/api/v1/finance/schedule", need=READER, errors=(NOT_FOUND,))
async def get_payout_schedule(query: AccountQuery, caller: Caller, deps: Deps, about: About) -> ScheduleView:
    """When one is paid out."""
    return _schedule_view(await payee_of(whose(query.account, caller, about), deps, about), deps, about)


@routes.put("/api/v1/finance/schedule", need=OWNER, errors=(NOT_FOUND,))
async def set_payout_schedule(
    body: NewSchedule,
    query: AccountQuery,
    caller: Caller,
    deps: Deps,
    about: About,
    client: df.DurableOrchestrationClient,
) -> ScheduleView:
    """Say when one is paid out; it holds for what waits already, too."""
    own = whose(query.account, caller, about, is_write=True)
    waits = bool(await waiting_of(own, deps))
    zone = ZoneInfo(deps.settings.time_zone)

    def change(payee: Payee) -> Payee:
        after = payee.model_copy(update={"schedule": body.schedule, "next_at": None})
        return expecting(after, about.now, zone) if waits else after

    payee = await change_payee(own, deps, about, change)
    if waits and body.schedule == "at_once":
        await start_payout(client, own, "schedule", about.request_id)
    return _schedule_view(payee, deps, about)


@routes.post("/api/v1/finance/payouts", need=OWNER, status=202, is_idempotent=True, errors=(NOT_FOUND,))
async def ask_for_payout(
    query: AccountQuery, caller: Caller, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> AskedFor:
    """Have everything sent that waits, whatever the schedule says."""
    own = whose(query.account, caller, about, is_write=True)
    if not await waiting_of(own, deps):
        return AskedFor(account=own, summary="Nothing waits.")
    await start_payout(client, own, "payee", work_id(about, own, "payout"))
    return AskedFor(account=own, summary="It is on its way; you will be told.")


async def _set_account(
    own: str, body: PayoutAccount, deps: Deps, about: About, client: df.DurableOrchestrationClient
) -> PayoutAccountView:
    if why := why_not(body.destination, deps.settings.payments):
        raise AppError(INVALID, f"body.destination: {why}", [FieldError("body.destination", why)])

    def change(payee: Payee) -> Payee:
        if payee.destination == body.destination:
            return payee
        return payee.model_copy(update={"destination": body.destination, "is_ready": None, "trouble": ""})

    payee = await change_payee(own, deps, about, change)
    if await waiting_of(own, deps):
        await start_payout(client, own, "account", about.request_id)
    return _account_view(payee, deps)


def _vendor(partner_id: str) -> str:
    return account("vendor", partner_id[:128])


def _account_view(payee: Payee, deps: Deps) -> PayoutAccountView:
    return PayoutAccountView(
        account=payee.id,
        destination=destination_of(payee, deps.settings.payments),
        is_named=payee.destination is not None,
        is_ready=payee.is_ready,
        trouble=payee.trouble,
    )


def _schedule_view(payee: Payee, deps: Deps, about: About) -> ScheduleView:
    is_on_days = payee.schedule in {"daily", "weekly"}
    at = next_payout(payee.schedule, about.now, ZoneInfo(deps.settings.time_zone)) if is_on_days else None
    return ScheduleView(account=payee.id, schedule=payee.schedule, next_at=at)
