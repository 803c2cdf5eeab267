"""Things that must be consistent, one per file: entities take one operation at a time; their rules stand in shared."""
