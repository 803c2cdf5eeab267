"""Where requests, webhooks and timers come in: parse, authorise, start or signal, respond."""
