"""What a moment offers; a small file of its own, for the steps of flows are imported with the app."""

from __future__ import annotations

from pydantic import AwareDatetime

from shared.money.amounts import Money
from shared.standing.moves import Fact
from shared.wire import Plain


class Offered(Plain):
    """What it was to cost when its moment came, and by when it was to be there: what comes later is another moment.

    most: what it may cost when it is bought, for couriers come and go between a question and its answer. silence: what
    no answer to the question comes to.
    """

    total: Money
    most: Money
    by: AwareDatetime
    silence: Fact = "miss"
