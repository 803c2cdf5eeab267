"""The app with one timer alone: the watcher of standing intents."""

import azure.durable_functions as df

import triggers.timer_intent_watcher
from orchestrators import register as flows
from triggers import register as routes

app = df.DFApp()

app.register_functions(routes.blueprint(routes.table()))
app.register_functions(flows.blueprint(flows.table()))
app.register_functions(triggers.timer_intent_watcher.blueprint)
