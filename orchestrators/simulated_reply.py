"""A simulated partner answers a message (spec 5.4, Configuring Automated Responses).

1. Decide by its scenarios, once, what it answers and when; without one it waits for a person, and this flow ends.
2. Wait until then.
3. Say it, by the way on which outside partners' answers come in.
"""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.simulator import decide_reply, say_reply
from orchestrators.steps import Context, Flow, input_of, step
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def simulated_reply(context: Context) -> Flow[Any]:
    """Answer a message, given by its id; when, as plain JSON, None where a person is to."""
    message = input_of(context, str)
    due = yield from step(context, decide_reply, message)
    if due.at is None:
        return None
    if due.at > context.current_utc_datetime:
        yield context.create_timer(due.at)
    yield from step(context, say_reply, message)
    return pack(due.at)
