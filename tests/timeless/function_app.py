"""The whole app but for its timer triggers: a year of waiting goes by in a moment where nothing ticks."""

from __future__ import annotations

import azure.durable_functions as df

from orchestrators import register as flows
from triggers import register as routes

app = df.DFApp()
app.register_functions(routes.blueprint(routes.table()))
app.register_functions(flows.blueprint(flows.table()))
