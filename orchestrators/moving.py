"""Moving an order's money, as words for flows."""

from __future__ import annotations

from orchestrators.move_money import Movement
from orchestrators.steps import Context, Flow, Pending, all_of, child
from shared.money.commands import Command
from shared.money.legs import Outcome
from shared.orders.order import Order


def moving(context: Context, order: Order, command: Command) -> Pending[Outcome]:
    """One movement, to be waited for with others. A plain call."""
    move = Movement(order=order.id, customer=order.customer, currency=order.currency, command=command)
    return child(context, "move_money", move, Outcome)


def moved(context: Context, order: Order, command: Command) -> Flow[Outcome]:
    """One movement of an order's money, and what it came to."""
    (outcome,) = yield from all_of(context, [moving(context, order, command)])
    return outcome
