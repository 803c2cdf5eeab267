"""Standing intents: what they wait for, whether it has come, what has to be looked at, and how that is told. Pure."""
