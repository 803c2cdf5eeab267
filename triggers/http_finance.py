"""Routes: what a partner, hub or worker earns: what is held, released and paid out, and every movement of it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from pydantic import AwareDatetime, Field

from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.money.accounts import parse
from shared.money.amounts import Money
from shared.money.payees import Schedule
from shared.money.purses import PURSES, SIGNS, TOTALS, Figures, PurseRecord, What
from shared.people.access import Caller
from shared.records import PAGE_MAX, Query
from shared.wiring import Deps
from triggers.about import About
from triggers.endpoint import Download, Routes
from triggers.parse import Output, Paging, When
from triggers.purse_views import READER, AccountQuery, WaitingPayout, payee_of, waiting_of, whose

routes = Routes("finance")
CSV_ROWS_MAX = 10_000
WAITING_SHOWN_MAX = 20


class LineFilter(AccountQuery):
    """Which movements: of a kind, of an order, of a time (from inclusive, until exclusive)."""

    kind: What | None = None
    order: str | None = Field(default=None, max_length=100)
    since: When | None = None
    until: When | None = None


class LineQuery(LineFilter, Paging):
    """A page of them, the newest first."""


class NextPayout(Output):
    """What is sent on next, and when; at: None where it waits for an account, or to be asked for."""

    at: AwareDatetime | None
    amounts: list[Money]


class Summary(Output):
    """pending: in escrow, of legs still held; released: earned since ever; balance: released and not paid out yet."""

    account: str
    pending: list[Money]
    released: list[Money]
    returned: list[Money]
    paid_out: list[Money]
    taken_back: list[Money]
    balance: list[Money]
    schedule: Schedule
    next_payout: NextPayout
    waiting: list[WaitingPayout]


class TransactionView(Output):
    """One movement; amount: below zero for what leaves the account."""

    id: str
    at: AwareDatetime
    kind: What
    order: str | None
    leg: str | None
    amount: Money
    memo: str


class TransactionList(Output):
    """Some movements, the newest first."""

    items: list[TransactionView]
    next: str | None


@routes.get("/api/v1/finance/summary", need=READER, errors=(NOT_FOUND,))
async def get_summary(query: AccountQuery, caller: Caller, deps: Deps, about: About) -> Summary:
    """What is held for one, what was released and paid out, and what comes next."""
    own = whose(query.account, caller, about)
    stored = await deps.store.get(PURSES, own, TOTALS)
    figures = (stored.value.figures if stored else None) or Figures()
    payee = await payee_of(own, deps, about)
    waiting = await waiting_of(own, deps)
    next_up = Figures()
    for one in waiting:
        next_up = next_up.plus("pending", one.amount.minor, one.amount.currency)
    return Summary(
        account=own,
        pending=_moneys(figures.pending),
        released=_moneys(figures.earned),
        returned=_moneys(figures.returned),
        paid_out=_moneys(figures.paid_out),
        taken_back=_moneys(figures.taken_back),
        balance=_moneys(figures.balance),
        schedule=payee.schedule,
        next_payout=NextPayout(at=payee.next_at if waiting else None, amounts=_moneys(next_up.pending)),
        waiting=waiting[:WAITING_SHOWN_MAX],
    )


@routes.get("/api/v1/finance/transactions", need=READER, errors=(NOT_FOUND,))
async def list_transactions(query: LineQuery, caller: Caller, deps: Deps, about: About) -> TransactionList:
    """Every movement of one's money, the newest first."""
    wanted = _lines(query, whose(query.account, caller, about), query.limit, query.after)
    page = await deps.store.query(PURSES, wanted)
    return TransactionList(items=[_line_view(stored.value) for stored in page.items], next=page.next)


@routes.get("/api/v1/finance/transactions.csv", need=READER, errors=(NOT_FOUND,))
async def export_transactions(query: LineFilter, caller: Caller, deps: Deps, about: About) -> Download:
    """The same as a file for a spreadsheet."""
    own = whose(query.account, caller, about)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["at", "kind", "order", "leg", "amount_minor", "currency", "memo", "id"])
    async for line in _all_lines(query, own, deps):
        view = _line_view(line)
        parts = [view.at.isoformat(), view.kind, view.order or "", view.leg or ""]
        rows.writerow([*map(_safe, parts), view.amount.minor, *map(_safe, [view.amount.currency, view.memo, view.id])])
    name = "-".join(["transactions", parse(own).kind, f"{about.now:%Y-%m-%d}"])
    return Download(text.getvalue().encode(), "text/csv", file_name=f"{name}.csv")


def _lines(query: LineFilter, own: str, limit: int, after: str | None) -> Query:
    """The movements of an account as they are asked for; by order, they are all there."""
    where: dict[str, Any] = {"kind": "line"}
    if query.kind:
        where["what"] = query.kind
    if query.order:
        where["order"] = query.order
    times = {name: at for name, at in (("ge", query.since), ("lt", query.until)) if at is not None}
    if times:
        where["at"] = times
    return Query(where, own, "-at", limit, after)


async def _all_lines(query: LineFilter, own: str, deps: Deps) -> AsyncIterator[PurseRecord]:
    after: str | None = None
    for _ in range(CSV_ROWS_MAX // PAGE_MAX):
        page = await deps.store.query(PURSES, _lines(query, own, PAGE_MAX, after))
        for stored in page.items:
            yield stored.value
        after = page.next
        if after is None:
            return
    message = f"There are more than {CSV_ROWS_MAX:,} movements: ask for less with since and until."
    raise AppError(INVALID, f"query.since: {message}", [FieldError("query.since", message)])


def _line_view(line: PurseRecord) -> TransactionView:
    assert line.what is not None
    assert line.amount is not None
    return TransactionView(
        id=line.id.removeprefix("line:"),
        at=line.at,
        kind=line.what,
        order=line.order,
        leg=line.leg,
        amount=line.amount * SIGNS[line.what],
        memo=line.memo,
    )


def _moneys(figure: dict[str, int]) -> list[Money]:
    return [Money(minor=minor, currency=currency) for currency, minor in sorted(figure.items())]


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
