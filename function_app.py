"""Every blueprint of the app; nothing else."""

import gc

gc.disable()  # what is being imported is no garbage, and looking for some is a good part of a cold start

import azure.durable_functions as df

import activities.inbox
import activities.ledger
import activities.notices
import activities.orders
import activities.payments
import activities.stock
import entities.capacity
import entities.escrow
import orchestrators.checkout
import orchestrators.move_money
import orchestrators.release
import triggers.timer_inbox_sweeper
from shared.wiring import settings
from triggers.catch_all import catch_all
from triggers.register import blueprint, table

app = df.DFApp()

routes = [row for row in table() if settings().identity == "own" or not row.is_embedded]
app.register_functions(blueprint(routes))
app.register_functions(catch_all(routes))
app.register_functions(entities.capacity.blueprint)
app.register_functions(entities.escrow.blueprint)
app.register_functions(activities.inbox.blueprint)
app.register_functions(activities.ledger.blueprint)
app.register_functions(activities.notices.blueprint)
app.register_functions(activities.orders.blueprint)
app.register_functions(activities.payments.blueprint)
app.register_functions(activities.stock.blueprint)
app.register_functions(orchestrators.checkout.blueprint)
app.register_functions(orchestrators.move_money.blueprint)
app.register_functions(orchestrators.release.blueprint)
app.register_functions(triggers.timer_inbox_sweeper.blueprint)

gc.enable()
