"""What is wanted and what fits: intents, the catalog, search, bundles. Pure: no network, no clock, no environment."""
