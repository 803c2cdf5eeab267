"""The smallest app of this kind: one record, one file of routes, one flow."""

import azure.durable_functions as df

from triggers.catch_all import catch_all
from triggers.register import blueprint, rows_of

app = df.DFApp()
routes = rows_of("triggers.http_host", "http_notes")
app.register_functions(blueprint(routes))
app.register_functions(catch_all(routes))
