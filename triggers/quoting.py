"""Quotes for routes."""

from shared.quoting import quoter_of

__all__ = ["quoter_of"]
