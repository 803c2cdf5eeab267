"""An app with the webhooks and one flow: it asks somebody, hears the answer, and asks again, round by round."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

import activities.inbox
import triggers.timer_inbox_sweeper
from activities import activity
from orchestrators.steps import Context, Flow, input_of, step, wait_for
from shared.dialogue.events import Answered
from shared.dialogue.messages import OutboundMessage, Undeliverable
from shared.flows import PATIENT, Refusal, TimedOut
from shared.wire import Plain, pack
from shared.wiring import Deps
from triggers.catch_all import catch_all
from triggers.register import blueprint, rows_of

flows = df.Blueprint()


class Talk(Plain):
    """What is asked, one message a round."""

    rounds: tuple[OutboundMessage, ...]


@activity(flows, retry=PATIENT)
async def say(deps: Deps, message: OutboundMessage) -> str | Refusal:
    """Send a message; the provider's id."""
    try:
        return (await deps.messages.send(message)).provider_id
    except Undeliverable as no:
        return Refusal(no.reason, no.detail)


@flows.orchestration_trigger(context_name="context")
def talk(context: Context) -> Flow[Any]:
    """Every round: ask, wait an hour for the answer; the answers, or why there is none."""
    answers: list[Any] = []
    for message in input_of(context, Talk).rounds:
        sent = yield from step(context, say, message)
        if isinstance(sent, Refusal):
            return pack([*answers, sent.reason])
        answer = yield from wait_for(context, "reply", timedelta(hours=1), Answered)
        answers.append("timed out" if isinstance(answer, TimedOut) else answer)
    return pack(answers)


app = df.DFApp()
webhooks = rows_of("triggers.webhook_twilio", "triggers.webhook_partners", "triggers.webhook_email")
images = [row for row in rows_of("triggers.http_discovery") if row.name == "get_image"]
routes = [*rows_of("triggers.http_host"), *images, *webhooks]
app.register_functions(blueprint(routes))
app.register_functions(catch_all(routes))
app.register_functions(flows)
app.register_functions(activities.inbox.blueprint)
app.register_functions(triggers.timer_inbox_sweeper.blueprint)
