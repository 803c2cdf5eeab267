"""A message in the conversation of an order (spec 1.5, 6.5, Multi-Party Communication Flow).

1. It is kept, whichever way it came; once however often it comes.
2. It is routed: the assistant answers what the record answers, a change that is asked for is begun; complaints, damage,
   disputes and the wish for a person go to a person, and the assistant is silent from then on.
3. Everybody in the conversation is told, each on their own channel, and then of the answer, too.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.answering import Answering
from activities.escalations import Escalating, escalate
from activities.flows import Starting, start_flow
from activities.support import Called, Kept, Sending, answer_said, keep_said, note_called, send_said
from orchestrators.steps import Context, Flow, all_of, doing, input_of, must, step
from shared.dialogue.saying import Bringing, Said
from shared.flows import Refusal
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def support_message(context: Context) -> Flow[Any]:
    """Bring a message to everybody and answer it; what became of it as plain JSON."""
    kept = yield from step(context, keep_said, input_of(context, Bringing))
    if isinstance(kept, Refusal):
        return pack({"status": kept.reason})
    answering: Answering = yield from step(context, answer_said, kept)
    yield from _told(context, kept)
    if answering.reason and answering.urgent_at:
        matter = Escalating(
            about=f"order:{kept.order}", order=kept.order, reason=answering.reason, text=answering.matter,
            urgent_at=answering.urgent_at,
        )  # fmt: skip
        escalation = yield from step(context, escalate, matter)
        yield from step(context, note_called, Called(order=kept.order, escalation=escalation))
    if answering.change:
        change = Starting(flow="change", instance=str(answering.change["id"]), given=answering.change)
        yield from step(context, start_flow, change)
    if answering.text:
        yield from _answered(context, kept, answering)
    status = "with_person" if answering.reason else "answered" if answering.text else "told"
    return pack({"status": status, "message": kept.message})


def _told(context: Context, kept: Kept) -> Flow[None]:
    sendings = [Sending(order=kept.order, message=kept.message, ref=ref) for ref in kept.tells]
    yield from all_of(context, [doing(context, send_said, sending) for sending in sendings])


def _answered(context: Context, kept: Kept, answering: Answering) -> Flow[None]:
    """The assistant's own message, kept and told like any other; nobody answers that."""
    said = Said(
        id=f"{kept.message}-ai", order=kept.order, by="ai", ref="ai", text=answering.text or "",
        is_private=answering.is_private, answers=kept.message,
    )  # fmt: skip
    own = yield from must(step(context, keep_said, Bringing(said=said)))
    yield from _told(context, own)
