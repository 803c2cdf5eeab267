"""A member of staff writes to the partner of a negotiation that they have taken over."""

from __future__ import annotations

from typing import Any

import azure.durable_functions as df

from activities.negotiation_words import StaffWords, write_to_partner
from orchestrators.steps import Context, Flow, input_of, step
from shared.flows import Refusal
from shared.wire import pack

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def staff_words(context: Context) -> Flow[Any]:
    """Write it; whether it could be, as plain JSON."""
    no = yield from step(context, write_to_partner, input_of(context, StaffWords))
    return pack({"status": no.reason if isinstance(no, Refusal) else "written"})
