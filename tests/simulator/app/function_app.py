"""A flow that asks a partner and waits for its answer, as negotiations do, beside the flow that plays partners."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
from pydantic import BaseModel, JsonValue

from activities import Client, activity
from activities import inbox as inbox_activities
from activities import simulator as simulator_activities
from activities.simulator import begin_reply
from orchestrators import simulated_reply
from orchestrators.steps import Context, input_of, step, wait_for
from shared.dialogue.events import Answered, negotiation_payload, negotiation_thread
from shared.dialogue.messages import OutboundMessage, Reply
from shared.flows import QUICK, TimedOut
from shared.wiring import Deps
from triggers import timer_inbox_sweeper

app = df.DFApp()
own = df.Blueprint()


class Question(BaseModel):
    """What is asked of whom; rounds: how often, each after the answer to the one before. sends: each so often."""

    to: str
    text: str
    channel: Any = "whatsapp"
    facts: dict[str, JsonValue] = {}
    has_buttons: bool = False
    rounds: int = 1
    sends: int = 1
    minutes: int = 60


class Sending(BaseModel):
    """One question of a flow."""

    flow: str
    round: int
    question: Question


@activity(own, retry=QUICK)
async def send(deps: Deps, sending: Sending, client: Client) -> None:
    """Send a question, and let whoever is played answer it; a second time changes nothing."""
    asked, flow, number = sending.question, sending.flow, sending.round
    labels = ("Accept", "Decline") if asked.has_buttons else ()
    message = OutboundMessage(
        id=f"{flow}:{number}",
        channel=asked.channel,
        to=asked.to,
        text=asked.text,
        thread=negotiation_thread(flow),
        round=number,
        replies=tuple(
            Reply(label=label, payload=negotiation_payload(flow, number, label.lower())) for label in labels
        ),
        facts=asked.facts,
    )
    for _ in range(asked.sends):
        await deps.messages.send(message)
        await begin_reply(deps, client, message.id)


@activity(own, retry=QUICK)
async def heard(deps: Deps, answer: Answered) -> list[str]:
    """What came in: button, words, when."""
    from shared.dialogue.receiving import received

    there = await received(deps.store, answer.inbound or "")
    assert there is not None
    return [answer.choice or "", there.message.text, there.message.at.isoformat()]


@own.orchestration_trigger(context_name="context")
def ask(context: Context) -> Generator[Any, Any, Any]:
    """Ask, and tell what was answered, round by round."""
    question = input_of(context, Question)
    answers: list[Any] = []
    for number in range(1, question.rounds + 1):
        yield from step(context, send, Sending(flow=context.instance_id, round=number, question=question))
        answer = yield from wait_for(context, "reply", timedelta(minutes=question.minutes), Answered)
        if isinstance(answer, TimedOut):
            answers.append("silence")
        else:
            answers.append((yield from step(context, heard, answer)))
    return answers


for blueprint in (
    own,
    inbox_activities.blueprint,
    simulator_activities.blueprint,
    simulated_reply.blueprint,
    timer_inbox_sweeper.blueprint,
):
    app.register_functions(blueprint)
