"""Every function of the app; nothing else."""

import gc

gc.disable()  # what is being imported is no garbage, and looking for some is a good part of a cold start

import azure.durable_functions as df

import triggers.timer_inbox_sweeper
import triggers.timer_intent_watcher
import triggers.timer_payouts
from orchestrators import register as flows
from shared.wiring import settings
from triggers import register as routes
from triggers.catch_all import catch_all

app = df.DFApp()

open_routes = [row for row in routes.table() if settings().identity == "own" or not row.is_embedded]
app.register_functions(routes.blueprint(open_routes))
app.register_functions(catch_all(open_routes))
app.register_functions(flows.blueprint(flows.table()))
for timer in (triggers.timer_inbox_sweeper, triggers.timer_intent_watcher, triggers.timer_payouts):
    app.register_functions(timer.blueprint)

gc.enable()
