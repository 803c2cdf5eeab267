"""A standing intent's record: looked at by its flow, moved on, watched for, and closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import azure.durable_functions as df
from pydantic import AwareDatetime

from activities import Client, activity
from activities.costs import EXECUTIONS
from activities.speaking import say_to_customer
from shared.flows import PATIENT, Call, Refusal
from shared.metering import Stopwatch
from shared.nudges import Wakes, heard
from shared.records import NotThere
from shared.standing.moves import Fact
from shared.standing.offer import Offered
from shared.wire import Plain
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.standing.intent import StandingIntent
    from shared.standing.lookout import Lookout

blueprint = df.Blueprint()
ENDING_WORDS = {
    "done": "Done: {reason}",
    "expired": "I have stopped waiting. {reason}",
    "failed": "I cannot go on with this wish. {reason}",
    "cancelled": "I wait for it no longer. {reason}",
}


class IntentLooking(Plain):
    """Which intent, and how its flow is woken from now on."""

    intent: str
    wakes: Wakes


class IntentLook(Plain):
    """What a flow sees of its intent.

    is_ended: nothing comes after this; is_ready: its moment has come, by the last look; is_over: it has waited long
    enough. approval: a question that is open, until answer_until; a stray one belongs to a moment that was given up.
    silence: what no answer to it comes to.
    """

    status: str
    customer: str
    is_ended: bool
    is_ready: bool
    is_over: bool
    expires_at: AwareDatetime
    approval: str | None
    answer_until: AwareDatetime | None
    is_stray: bool
    silence: Fact


class Moving(Plain):
    """What has come to pass with an intent.

    approval, answer_until, offer: of the question that is put; has_yes: the customer has agreed in person. rests: what
    it waits for at least before it is tried again: an hour (soon), or another day. says: tell the customer, too.
    """

    intent: str
    fact: Fact
    words: str
    approval: str | None = None
    answer_until: AwareDatetime | None = None
    offer: Offered | None = None
    has_yes: bool = False
    rests: Literal["soon", "a day"] | None = None
    reason: str | None = None
    says: bool = False


@activity(blueprint, retry=PATIENT)
async def look_at_intent(deps: Deps, looking: IntentLooking, call: Call) -> IntentLook | Refusal:
    """How an intent stands, listening for its next change."""
    after = await changed(deps, looking.intent, lambda intent: heard(intent, looking.wakes))
    return after if isinstance(after, Refusal) else _look(after, call)


@activity(blueprint, retry=PATIENT)
async def move_intent(deps: Deps, moving: Moving, call: Call) -> Refusal | None:
    """Move an intent on; refused where it does not go there from where it stands by now."""
    from shared.standing.changes import moved  # noqa: PLC0415  with the first intent, not with the app
    from shared.standing.progress import Entry  # noqa: PLC0415

    entry = Entry(id=call.key[-120:], at=call.at, kind="status", words=moving.words)

    def move(intent: StandingIntent) -> StandingIntent:
        return moved(intent, moving.fact, entry, **_more(intent, moving, call))

    after = await changed(deps, moving.intent, move)
    if isinstance(after, Refusal):
        return after
    if moving.says:
        await say_to_customer(deps, after.customer, f"intent:{after.id}", moving.words, call)
    return None


@activity(blueprint, retry=PATIENT)
async def forget_question(deps: Deps, intent_id: str) -> Refusal | None:
    """Note that the question of a moment that was given up is withdrawn."""
    after = await changed(deps, intent_id, lambda intent: intent.model_copy(update={"approval_until": None}))
    return after if isinstance(after, Refusal) else None


@activity(blueprint, retry=PATIENT)
async def watch_for(deps: Deps, intent_id: str, call: Call, client: Client) -> Refusal | None:
    """Let the watcher find an intent that waits on, and look at it at once."""
    after = await watch_over(deps, intent_id, call, client, EXECUTIONS)
    return after if isinstance(after, Refusal) else None


@activity(blueprint, retry=PATIENT)
async def close_intent(deps: Deps, intent_id: str, call: Call) -> None:
    """Let nobody look for an intent that has ended, add up what it has cost, and tell the customer how it ended."""
    from shared.standing import intent_book, odometer  # noqa: PLC0415
    from shared.standing.cost import spent  # noqa: PLC0415

    stored = await intent_book.find(deps.store, intent_id)
    if stored is None:
        return
    intent = stored.value
    if intent.joined:
        await intent_book.leave(deps.store, intent.joined, intent_id, intent.watches)
        used = spent(intent.own, intent.began, await odometer.total(deps.store))
        await changed(deps, intent_id, lambda one: one.model_copy(update={"joined": "", "own": used}))
        await intent_book.count(deps.store, intent_id, -1)
        await odometer.add_to_day(deps.store, intent.own, 0, call.key, call.at)
    words = ENDING_WORDS[intent.status].format(reason=intent.reason or "").strip()
    await say_to_customer(deps, intent.customer, f"intent:{intent_id}", words, call)


async def watch_over(
    deps: Deps, intent_id: str, call: Call, client: Client, executions: int
) -> StandingIntent | Refusal:
    """Let the watcher find an intent that waits, and look at it a first time; refused where it does not wait.

    What nobody has read yet is read now. executions: to be put down to it.
    """
    from shared.standing import intent_book  # noqa: PLC0415
    from shared.standing.changes import watched  # noqa: PLC0415
    from shared.standing.lookout import Lookout  # noqa: PLC0415
    from shared.standing.moves import WATCHED  # noqa: PLC0415
    from shared.standing.odometer import total  # noqa: PLC0415

    so_far = await total(deps.store)
    before: list[StandingIntent] = []

    def watch(intent: StandingIntent) -> StandingIntent:
        before[:] = [intent]
        if intent.status not in WATCHED:
            return intent
        after = watched(intent, call.at)
        began = intent.began if intent.joined else so_far
        return after.model_copy(update={"joined": after.group, "began": began})

    after = await changed(deps, intent_id, watch, executions=executions)
    if isinstance(after, Refusal) or after.status not in WATCHED:
        return after if isinstance(after, Refusal) else Refusal("not_waiting")
    await intent_book.join(deps.store, after, call.at)
    old = before[0]
    if not old.joined:
        await intent_book.count(deps.store, intent_id, 1)
    elif old.joined != after.group:
        await intent_book.leave(deps.store, old.joined, intent_id, old.watches)
    lookout = Lookout(deps.store, client, call.key, call.at)
    await _read_once(deps, after, lookout, call)
    await lookout.look(await lookout.intents([intent_id]))
    return after


async def changed(
    deps: Deps,
    intent_id: str,
    change: Callable[[StandingIntent], StandingIntent],
    watch: Stopwatch | None = None,
    executions: int = EXECUTIONS,
) -> StandingIntent | Refusal:
    """The intent after a step's change, with what the step has used since its watch ran; the same is not written."""
    from shared.standing import intent_book  # noqa: PLC0415  with the first intent, not with the app
    from shared.standing.changes import ImpossibleMove  # noqa: PLC0415

    stopwatch = watch or Stopwatch()

    def metered(intent: StandingIntent) -> StandingIntent:
        after = change(intent)
        return after if after is intent else after.model_copy(update={"own": stopwatch.added(after.own, executions)})

    try:
        return await intent_book.change(deps.store, intent_id, metered)
    except ImpossibleMove as no:
        return Refusal("impossible_move", str(no))
    except NotThere:
        return Refusal("no_such_intent")


def _look(intent: StandingIntent, call: Call) -> IntentLook:
    from shared.standing.changes import is_ready  # noqa: PLC0415
    from shared.standing.moves import ENDED, MOVES  # noqa: PLC0415

    return IntentLook(
        status=intent.status,
        customer=intent.customer,
        is_ended=intent.status in ENDED,
        is_ready=is_ready(intent),
        is_over=call.at >= intent.expires_at and (intent.status, "expire") in MOVES,
        expires_at=intent.expires_at,
        approval=intent.approval,
        answer_until=intent.approval_until,
        is_stray=intent.approval_until is not None and intent.status != "awaiting_approval",
        silence=intent.offer.silence if intent.offer else "miss",
    )


def _more(intent: StandingIntent, moving: Moving, call: Call) -> dict[str, Any]:
    """The fields that change with a move."""
    from shared.standing.moment import rest_after  # noqa: PLC0415

    more: dict[str, Any] = {"offer": None, "has_yes": False} if moving.fact in {"miss", "finish", "repeat"} else {}
    if moving.approval is not None:
        more.update(approval=moving.approval, approval_until=moving.answer_until)
    if moving.fact in {"approve", "miss", "cancel", "expire"} and intent.status == "awaiting_approval":
        more.update(approval_until=None)
    if moving.offer is not None:
        more.update(offer=moving.offer)
    if moving.has_yes:
        more.update(has_yes=True)
    if moving.reason is not None:
        more.update(reason=moving.reason)
    if moving.rests is not None:
        rests_until = rest_after(intent, call.at, is_soon=moving.rests == "soon")
        more.update(rests_until=rests_until, round=intent.round + 1)
    if moving.fact in {"finish", "repeat"}:
        more.update(bought=intent.bought + 1)
    return more


async def _read_once(deps: Deps, intent: StandingIntent, lookout: Lookout, call: Call) -> None:
    """Read what nobody has read yet: the first one to wait for something is not to wait for the next hour."""
    from shared.standing.intent import SUBJECTS  # noqa: PLC0415
    from shared.standing.readings import watch_of  # noqa: PLC0415
    from shared.standing.sources import Sources  # noqa: PLC0415
    from shared.standing.watcher import Watcher  # noqa: PLC0415

    watcher = Watcher(deps.store, Sources(deps.store, deps.weather), lookout, call.at, lambda: False)
    for key in intent.watches:
        if watch_of(key).kind != "calendar":
            stored = await deps.store.get(SUBJECTS, key, key)
            if stored is None or (stored.value.reading is None and not stored.value.failures):
                await watcher.watch(key)
