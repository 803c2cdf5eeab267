"""A local host for Azure Functions apps written in Python, durable ones included."""
