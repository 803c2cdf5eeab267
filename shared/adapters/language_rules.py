"""No language model: the rules stand as they are."""

from __future__ import annotations

from shared.discovery.intent import Intent


class RulesOnly:
    """Satisfies shared.ports.Language without one."""

    async def understand(self, text: str, said: Intent, about: str) -> Intent | None:  # noqa: ARG002  the port's words
        """None: nobody here knows better."""
        return None
