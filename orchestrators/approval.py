"""Asking a customer, and waiting for the answer; a word for flows, used with `yield from`."""

from __future__ import annotations

from activities.approvals import Answering, Question, Verdict, answer_of, ask
from orchestrators.steps import Context, Flow, must, step, wait_for_nudge, wakes
from shared.wire import Plain


class Answer(Plain):
    """What came of a question: approved, rejected, or expired without a word."""

    approval: str
    status: str
    note: str = ""

    @property
    def is_yes(self) -> bool:
        """Whether the customer said yes."""
        return self.status == "approved"


def asked(context: Context, question: Question) -> Flow[Answer]:
    """Put a question to a customer and wait until it is answered or expires; raises Stopped."""
    approval = yield from step(context, ask, question)
    is_over = False
    while True:
        ends = "expire" if is_over else None
        looking = Answering(customer=question.customer, approval=approval, wakes=wakes(context), ends=ends)
        verdict: Verdict = yield from must(step(context, answer_of, looking))
        if verdict.status != "pending":
            return Answer(approval=approval, status=verdict.status, note=verdict.note)
        yield from wait_for_nudge(context, question.expires_at)
        is_over = context.current_utc_datetime >= question.expires_at
