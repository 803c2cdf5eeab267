"""A standing intent: what is to be bought for whom once which condition holds, and all that has come of it so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, model_validator

from shared.discovery.conditions import Condition
from shared.discovery.hours import TimeZone
from shared.logistics.geo import Cell, cell_of
from shared.money.amounts import Money, PositiveMoney
from shared.nudges import Watched
from shared.orders.order import Destination
from shared.people.access import Limits
from shared.records import Container, Record
from shared.standing.cost import Meter
from shared.standing.frame import Frame
from shared.standing.moves import Status, Trust
from shared.standing.offer import Offered
from shared.standing.polls import GOOD_POLLS, GOOD_POLLS_MAX, Polls
from shared.standing.progress import ENTRIES_MAX, Entry
from shared.standing.readings import Reading, WatchKind
from shared.standing.reasons import Turn
from shared.standing.truth import Verdict
from shared.wire import Plain

LINES_MAX, OPTIONS_MAX = 20, 10
TEXT_LENGTH_MAX = 2_000
WAIT_DAYS, WAIT_DAYS_MAX = 30, 365
APPROVAL_HOURS, APPROVAL_HOURS_MIN, APPROVAL_HOURS_MAX = 24, 1, 168
LEAD_MINUTES_MAX = 14 * 24 * 60
WATCH_KEYS_MAX = 40
TTL_SECONDS = 800 * 86_400


class Wanted(Plain):
    """One product that is to be bought; options: what is to be done to it, as an order's line has them."""

    product: Annotated[str, Field(min_length=1, max_length=144)]
    title: Annotated[str, Field(max_length=200)] = ""
    quantity: int = Field(default=1, ge=1, le=1_000)
    options: Annotated[dict[str, Annotated[str, Field(max_length=500)]], Field(max_length=OPTIONS_MAX)] = Field(
        default_factory=dict
    )


class Purchase(Plain):
    """What is to be bought: lines or a bundle as chosen, or as the scout found them for a wish.

    wish: what was asked for, in the customer's words, where they chose nothing themselves. thing: its short name.
    """

    lines: Annotated[tuple[Wanted, ...], Field(max_length=LINES_MAX)] = ()
    bundle: Annotated[str, Field(min_length=1, max_length=63)] | None = None
    wish: Annotated[str, Field(min_length=1, max_length=TEXT_LENGTH_MAX)] | None = None
    thing: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _something(self) -> Purchase:
        if self.lines and self.bundle:
            raise ValueError("give `lines` or `bundle`, not both")
        if not (self.lines or self.bundle or self.wish):
            raise ValueError("say what to buy: give `lines`, `bundle` or `wish`")
        return self

    @property
    def is_found(self) -> bool:
        """Whether it is known what exactly would be bought."""
        return bool(self.lines or self.bundle)


class ApprovalPolicy(Plain):
    """Whether the customer is asked before it is bought, how long an answer is waited for, and what silence means."""

    when: Literal["none", "always", "over"] = "always"
    over: PositiveMoney | None = None
    timeout_hours: int = Field(default=APPROVAL_HOURS, ge=APPROVAL_HOURS_MIN, le=APPROVAL_HOURS_MAX)
    trust: Trust = "low"

    @model_validator(mode="after")
    def _amount(self) -> ApprovalPolicy:
        if (self.when == "over") is not (self.over is not None):
            raise ValueError("`over` belongs to `when: over`: give both or neither")
        return self

    def asks(self, total: Money) -> bool:
        """Whether the customer is asked about this total; an amount in another currency cannot be compared, so yes."""
        if self.when != "over" or self.over is None:
            return self.when != "none"
        return total.currency != self.over.currency or total > self.over


class StandingIntent(Watched):
    """One standing intent.

    agent, limits, mandate: who set it up, how far its token let it go, by which consent it pays. zone: whose days
    count; daypart, lead_minutes: when it is wanted, and how long it takes to arrive. good_polls: forecasts in a row
    that must agree. is_recurring: waited for anew once bought; rests_until: nothing is bought to arrive before. round:
    how often it went for it, for the names of orders. instance: the flow that runs it. approval, order: the last ones;
    approval_until: when an answer comes too late; offer: of the moment that is being bought; has_yes: the customer has
    agreed to it in person; bought: how many. verdict, polls, turn: of the last look worth a
    write, at checked_at; due_at: when it is to be looked at though no reading changes, None while nobody looks.
    watches: keys of what it depends on; group: those who share it share the verdict; joined: the group in which the
    watcher finds it. own: what its own executions have used; began: the watcher's odometer at its beginning. reason:
    why it ended, for the customer.
    """

    customer: str
    agent: str | None = None
    limits: Limits | None = None
    mandate: str | None = None
    instance: str
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = ""
    purchase: Purchase
    deliver_to: Destination
    method: Annotated[str, Field(min_length=1, max_length=255)]
    budget: PositiveMoney | None = None
    conditions: Condition
    zone: TimeZone
    daypart: str | None = None
    lead_minutes: int = Field(default=0, ge=0, le=LEAD_MINUTES_MAX)
    asking: ApprovalPolicy = ApprovalPolicy()
    good_polls: int = Field(default=GOOD_POLLS, ge=1, le=GOOD_POLLS_MAX)
    is_recurring: bool = False
    rests_until: AwareDatetime | None = None
    status: Status = "scouting"
    reason: str | None = None
    round: int = Field(default=1, ge=1)
    approval: str | None = None
    approval_until: AwareDatetime | None = None
    offer: Offered | None = None
    has_yes: bool = False
    order: str | None = None
    bought: int = Field(default=0, ge=0)
    verdict: Verdict | None = None
    polls: Polls = Polls()
    turn: Turn | None = None
    checked_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    watches: Annotated[tuple[str, ...], Field(max_length=WATCH_KEYS_MAX)] = ()
    group: str = ""
    joined: str = ""
    progress: Annotated[tuple[Entry, ...], Field(max_length=ENTRIES_MAX)] = ()
    own: Meter = Meter()
    began: Meter = Meter()
    created_at: AwareDatetime
    updated_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def frame(self) -> Frame:
        """What its conditions are held against beside the readings."""
        return Frame(
            zone=ZoneInfo(self.zone),
            since=self.created_at,
            until=self.expires_at,
            cell=cell_of(self.deliver_to.point),
            lead=timedelta(minutes=self.lead_minutes),
            daypart=self.daypart,
            after=self.rests_until,
        )


class Group(Record):
    """Intents that wait for the same in the same way, kept once for each thing they depend on.

    id: the fingerprint of all that stands below (watching.group_of), so it is the same for all who share it. aspect: of
    what matters of it for this thing (watching.aspect_of): groups that share it are turned by the same readings. since:
    the first day counts where something recurs, and then they share it.
    """

    watch: str
    aspect: str
    conditions: Condition
    zone: TimeZone
    cell: Cell | None = None
    lead_minutes: int = 0
    daypart: str | None = None
    after: AwareDatetime | None = None
    since: AwareDatetime

    def frame(self, until: datetime) -> Frame:
        """What the conditions are held against, for those who wait until then."""
        return Frame(
            zone=ZoneInfo(self.zone),
            since=self.since,
            until=until,
            cell=self.cell,
            lead=timedelta(minutes=self.lead_minutes),
            daypart=self.daypart,
            after=self.after,
        )


class Member(Record):
    """That an intent belongs to a group, by which the watcher finds it; id: the intent's."""

    group: str


class Subject(Record):
    """A distinct thing that somebody waits for, with what was read of it last. id: the watch's key.

    told_at: when all who wait for it were looked at last, by this reading, or by `told` where this one has still to be
    told: whoever dies between is made up for; is_told_stale: it was too old to go by. partner: of a product. due_at:
    when it is to be read next. failures: in a row, since failing_since; fault: what was said then.
    """

    kind: WatchKind
    partner: str = ""
    reading: Reading | None = None
    told: Reading | None = None
    told_at: AwareDatetime | None = None
    is_told_stale: bool = False
    due_at: AwareDatetime
    failures: int = Field(default=0, ge=0)
    failing_since: AwareDatetime | None = None
    fault: Annotated[str, Field(max_length=500)] = ""
    updated_at: AwareDatetime


STANDING_INTENTS = Container(
    "standing_intents",
    StandingIntent,
    "id",
    indexes=("customer,created_at", "status,created_at", "due_at", "stirred_at", "created_at"),
    ttl_seconds=TTL_SECONDS,
)
GROUPS = Container("standing_groups", Group, "watch", indexes=("aspect",))
MEMBERS = Container("standing_members", Member, "group")
SUBJECTS = Container("standing_subjects", Subject, "id", indexes=("due_at", "kind,due_at", "partner"))


def expires_at(created_at: datetime, max_wait_days: int = WAIT_DAYS) -> datetime:
    """When an intent gives up; raises ValueError for a number of days that is not allowed."""
    if not 1 <= max_wait_days <= WAIT_DAYS_MAX:
        raise ValueError(f"`max_wait_days` is {max_wait_days}: give 1 to {WAIT_DAYS_MAX}")
    return created_at + timedelta(days=max_wait_days)
