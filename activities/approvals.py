"""Asking a customer: the question kept and told, looked at when somebody answered, closed when nobody did."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import azure.durable_functions as df
from pydantic import AwareDatetime, Field, JsonValue

from activities import activity
from activities.narration import voice_of
from activities.speaking import say_to_customer
from shared.changing import changed
from shared.flows import PATIENT, Call, Refusal
from shared.nudges import Wakes, heard
from shared.records import AlreadyThere, Write
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class Question(Plain):
    """What a customer is asked; kind: one of shared.people.approvals.ApprovalKind.

    is_told: on their other channels they hear of it otherwise.
    """

    customer: str
    kind: str
    about: str
    title: str
    text: str
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    yes: str = "Yes, proceed"
    no: str = "No"
    expires_at: AwareDatetime
    is_told: bool = False


class Answering(Plain):
    """Which question, and how its flow is woken from now on; ends: expire or withdraw, where it is to be closed."""

    customer: str
    approval: str
    wakes: Wakes
    ends: str | None = None


class Verdict(Plain):
    """How a question stands: pending, approved, rejected, expired or withdrawn."""

    status: str
    note: str = ""


@activity(blueprint, retry=PATIENT)
async def ask(deps: Deps, question: Question, call: Call) -> str:
    """Keep a question and put it to the customer; its id."""
    from shared.dialogue.messages import OutboundMessage, Reply  # noqa: PLC0415  with the first question, not the app
    from shared.people.approvals import APPROVALS, Approval  # noqa: PLC0415

    name = hashlib.sha256(call.key.encode()).hexdigest()[:24]
    known = question.model_dump(exclude={"is_told"})
    approval = Approval.model_validate({**known, "id": name, "created_at": call.at})
    with suppress(AlreadyThere):
        await deps.store.apply(APPROVALS, question.customer, [Write("create", approval)])
    replies = (
        Reply(label=question.yes[:20], payload=f"approval:{name}:approve"),
        Reply(label=question.no[:20], payload=f"approval:{name}:reject"),
    )
    await deps.messages.send(
        OutboundMessage(
            id=f"approval:{name}",
            channel="web",
            to=f"customer:{question.customer}",
            thread=question.about,
            text=question.text,
            replies=replies,
        )
    )
    if not question.is_told:
        await _ask_elsewhere(deps, question, call)
    return name


async def _ask_elsewhere(deps: Deps, question: Question, call: Call) -> None:
    """Put a question to the customer on their other channels, where they answer in words."""
    customer, _ = await voice_of(deps, question.customer)
    words = f"{question.text} {deps.phrasebook.support.decisions[customer.language]['hint']}"
    thread, subject = question.about, question.title
    await say_to_customer(deps, question.customer, thread, words, call, subject=subject, without=frozenset({"web"}))


@activity(blueprint, retry=PATIENT)
async def answer_of(deps: Deps, asked: Answering, call: Call) -> Verdict | Refusal:
    """How a question stands, listening for its next change; or closed, unless somebody was quicker."""
    from shared.people.approvals import APPROVALS, Approval, Fact, ImpossibleMove, decided  # noqa: PLC0415

    fact: Fact = "withdraw" if asked.ends == "withdraw" else "expire"

    def listened(approval: Approval) -> Approval:
        after = heard(approval, asked.wakes)
        if asked.ends:
            with suppress(ImpossibleMove):
                return decided(after, fact, call.at)
        return after

    after = await changed(deps.store, APPROVALS, asked.customer, asked.approval, listened)
    return Verdict(status=after.status, note=after.note) if after else Refusal("no_such_approval")
