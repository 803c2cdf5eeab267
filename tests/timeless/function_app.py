"""The whole app but for its timer triggers: a year of waiting goes by in a moment where nothing ticks."""

from __future__ import annotations

import importlib
import pkgutil

import azure.durable_functions as df

import activities
import entities
import orchestrators
from triggers.register import blueprint, table

app = df.DFApp()
app.register_functions(blueprint(table()))
for package in (activities, entities, orchestrators):
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        part = importlib.import_module(found.name)
        if hasattr(part, "blueprint"):
            app.register_functions(part.blueprint)
