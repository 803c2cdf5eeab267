"""Every blueprint of the app; nothing else."""

import gc

gc.disable()  # what is being imported is no garbage, and looking for some is a good part of a cold start

import azure.durable_functions as df

import activities.alternatives
import activities.approvals
import activities.change
import activities.costs
import activities.decisions
import activities.disputes
import activities.escalations
import activities.flows
import activities.inbox
import activities.ledger
import activities.mandates
import activities.narration
import activities.negotiation
import activities.negotiation_words
import activities.notices
import activities.orders
import activities.payment_actions
import activities.payments
import activities.payouts
import activities.pro_agent
import activities.purchases
import activities.recovery
import activities.refunds
import activities.running
import activities.scouting
import activities.simulator
import activities.standing
import activities.stock
import activities.support
import activities.takings
import activities.tasks
import activities.watching
import entities.capacity
import entities.escrow
import orchestrators.cancellation
import orchestrators.change
import orchestrators.checkout
import orchestrators.customer_word
import orchestrators.dispute
import orchestrators.intent_watcher
import orchestrators.move_money
import orchestrators.negotiation
import orchestrators.payout
import orchestrators.recovery
import orchestrators.refund
import orchestrators.release
import orchestrators.simulated_reply
import orchestrators.staff_words
import orchestrators.standing_intent
import orchestrators.support_message
import orchestrators.time_chain
import triggers.timer_inbox_sweeper
import triggers.timer_intent_watcher
import triggers.timer_payouts
from shared.wiring import settings
from triggers.catch_all import catch_all
from triggers.register import blueprint, table

PARTS = (
    activities.alternatives,
    activities.approvals,
    activities.change,
    activities.costs,
    activities.decisions,
    activities.disputes,
    activities.escalations,
    activities.flows,
    activities.inbox,
    activities.ledger,
    activities.mandates,
    activities.narration,
    activities.negotiation,
    activities.negotiation_words,
    activities.notices,
    activities.orders,
    activities.payment_actions,
    activities.payments,
    activities.payouts,
    activities.pro_agent,
    activities.purchases,
    activities.recovery,
    activities.refunds,
    activities.running,
    activities.scouting,
    activities.simulator,
    activities.standing,
    activities.stock,
    activities.support,
    activities.takings,
    activities.tasks,
    activities.watching,
    entities.capacity,
    entities.escrow,
    orchestrators.cancellation,
    orchestrators.change,
    orchestrators.checkout,
    orchestrators.customer_word,
    orchestrators.dispute,
    orchestrators.intent_watcher,
    orchestrators.move_money,
    orchestrators.negotiation,
    orchestrators.payout,
    orchestrators.recovery,
    orchestrators.refund,
    orchestrators.release,
    orchestrators.simulated_reply,
    orchestrators.staff_words,
    orchestrators.standing_intent,
    orchestrators.support_message,
    orchestrators.time_chain,
    triggers.timer_inbox_sweeper,
    triggers.timer_intent_watcher,
    triggers.timer_payouts,
)

app = df.DFApp()

routes = [row for row in table() if settings().identity == "own" or not row.is_embedded]
app.register_functions(blueprint(routes))
app.register_functions(catch_all(routes))
for part in PARTS:
    app.register_functions(part.blueprint)

gc.enable()
