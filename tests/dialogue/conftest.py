"""The demo city, here too."""

from tests.discovery.conftest import austin, own_austin

__all__ = ["austin", "own_austin"]
