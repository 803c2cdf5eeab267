"""What a customer writes on WhatsApp or by email of a standing intent: their yes or no, or they hear how it stands."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.decisions import take_word
from orchestrators.steps import Context, Flow, input_of, step
from shared.dialogue.saying import HeardOfIntent
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def customer_word(context: Context) -> Flow[Any]:
    """Take a customer's word; once however often it comes."""
    yield from step(context, take_word, input_of(context, HeardOfIntent))
    return pack({"status": "told"})
