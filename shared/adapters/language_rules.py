"""No language model: the rules stand as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.dialogue.narration.event import Narration
    from shared.dialogue.reply.corroborate import ReplyClaim
    from shared.dialogue.reply.model import Asked
    from shared.discovery.intent import Intent


class RulesOnly:
    """Satisfies shared.ports.Language without one."""

    async def understand(self, text: str, said: Intent, about: str) -> Intent | None:  # noqa: ARG002  the port's words
        """None: nobody here knows better."""
        return None

    async def read_reply(self, text: str, asked: Asked, about: str) -> ReplyClaim | None:  # noqa: ARG002  likewise
        """None, for the same reason."""
        return None

    async def retell(self, told: Narration) -> Narration | None:  # noqa: ARG002  likewise
        """None, too."""
        return None
