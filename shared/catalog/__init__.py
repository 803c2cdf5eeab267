"""The catalog as it is kept: manifests into the store, and the search index following it."""
