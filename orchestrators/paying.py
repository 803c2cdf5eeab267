"""Money held on a customer's card, whether or not their bank wants to hear from them first; words for flows.

1. The provider is asked; most cards are held at once.
2. Where the bank asks for the customer (3-D Secure), the order shows what they are to do, and they are told.
3. The payment is looked up again with every word of the provider's, every few minutes, and when their time is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.payment_actions import LookingUp, Waiting, hide_action, look_up, show_action
from activities.payments import Charge, authorise
from orchestrators.steps import Context, Flow, must, step, wait_for_nudge, wakes
from shared.flows import Refusal, Refused, Stopped

LOOK_AGAIN = timedelta(minutes=3)
"""A provider's word may get lost."""
LOOKS_MAX = 50
"""So often it is looked up; a provider that says more than this says nothing."""


def held(context: Context, charge: Charge) -> Flow[str]:
    """The id of a payment that is held; raises Refused where it is not, or not in time."""
    asked = yield from must(step(context, authorise, charge))
    if asked.waits_until is None:
        return asked.payment
    waiting = Waiting(order=charge.order, payment=asked.payment)
    try:
        yield from must(step(context, show_action, waiting))
        yield from _confirmed(context, waiting, asked.waits_until)
    except Stopped:
        yield from step(context, hide_action, charge.order)
        raise
    yield from step(context, hide_action, charge.order)
    return asked.payment


def _confirmed(context: Context, waiting: Waiting, until: datetime) -> Flow[None]:
    """Wait for the customer; raises Refused."""
    for _ in range(LOOKS_MAX):
        is_last = context.current_utc_datetime >= until
        looking = LookingUp(order=waiting.order, payment=waiting.payment, wakes=wakes(context))
        if (yield from must(step(context, look_up, looking))):
            return
        if is_last:
            break
        yield from wait_for_nudge(context, min(until, context.current_utc_datetime + LOOK_AGAIN))
    raise Refused(Refusal("not_confirmed", "The payment was not confirmed in time."))
