"""The smallest app of this kind: one record, one file of routes, one flow."""

import azure.durable_functions as df
import http_notes

from triggers import http_host
from triggers.register import blueprint

app = df.DFApp()
endpoints = [*http_host.routes.endpoints, *http_host.embedded.endpoints, *http_notes.routes.endpoints]
http_host.describe(endpoints)
app.register_functions(blueprint(endpoints))
app.register_functions(http_host.catch_all())
