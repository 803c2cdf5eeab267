"""Every blueprint of the app; nothing else."""

import gc

gc.disable()  # what is being imported is no garbage, and looking for some is a good part of a cold start

import azure.durable_functions as df

import activities.inbox
import activities.ledger
import entities.capacity
import entities.escrow
import orchestrators.move_money
import triggers.timer_inbox_sweeper
from shared.wiring import settings
from triggers import http_host, http_ledger
from triggers.register import blueprint

app = df.DFApp()

endpoints = [*http_host.routes.endpoints, *http_ledger.routes.endpoints]
if settings().identity == "own":
    endpoints += http_host.embedded.endpoints
http_host.describe(endpoints)

app.register_functions(blueprint(endpoints))
app.register_functions(http_host.catch_all())
app.register_functions(entities.capacity.blueprint)
app.register_functions(entities.escrow.blueprint)
app.register_functions(activities.inbox.blueprint)
app.register_functions(activities.ledger.blueprint)
app.register_functions(orchestrators.move_money.blueprint)
app.register_functions(triggers.timer_inbox_sweeper.blueprint)

gc.enable()
