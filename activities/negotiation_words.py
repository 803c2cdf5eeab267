"""What staff write to a partner in a negotiation that they have taken over."""

from __future__ import annotations

import azure.durable_functions as df

from activities import Client, activity
from activities.speaking import Saying, say_to_party
from shared.flows import PATIENT, Call, Refusal
from shared.orders.order import ORDERS
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class StaffWords(Plain):
    """What is written, in which negotiation, by whom; id: the same when it is sent again."""

    id: str
    negotiation: str
    by: str
    text: str


@activity(blueprint, retry=PATIENT)
async def write_to_partner(deps: Deps, words: StaffWords, call: Call, client: Client) -> Refusal | None:
    """Write to the partner of a negotiation on its own channel, at once; its answer is for staff to read."""
    from shared.dialogue.events import negotiation_thread  # noqa: PLC0415  rare, so not with the app
    from shared.dialogue.messages import TemplateUse  # noqa: PLC0415
    from shared.dialogue.negotiation import NEGOTIATIONS  # noqa: PLC0415
    from shared.dialogue.support import forwarded  # noqa: PLC0415
    from shared.dialogue.templates import NEWS_LENGTH_MAX  # noqa: PLC0415

    stored = await deps.store.get(NEGOTIATIONS, words.negotiation, words.negotiation)
    order = await deps.store.get(ORDERS, stored.value.order, stored.value.order) if stored else None
    leg = order.value.leg(stored.value.leg) if stored and order else None
    if stored is None or leg is None:
        return Refusal("no_such_negotiation")
    line = forwarded(words.text)
    saying = Saying(
        thread=negotiation_thread(words.negotiation),
        text=line,
        urgency="urgent",
        template=TemplateUse(
            name="partner_notice", variables=(leg.partner_name, stored.value.order, line[:NEWS_LENGTH_MAX])
        ),
        facts={"request_type": "notice", "by": words.by},
    )
    own = Call(f"staff:{words.negotiation}:{words.id}", call.at)
    await say_to_party(deps, client, leg.party, leg.partner, saying, own)
    return None
