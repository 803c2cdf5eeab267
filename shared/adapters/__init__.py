"""One provider per file, each satisfying a port; heavy SDKs are imported where an adapter is built."""
