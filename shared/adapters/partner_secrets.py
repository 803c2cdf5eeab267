"""The secrets by which messages to and from partners' systems are signed, all following from one of the platform's."""

from __future__ import annotations

import secrets
from pathlib import Path

from shared.adapters.identity_own import write_new
from shared.dialogue.signed import secret_of

FILE = "partner-secret"


class PartnerSecrets:
    """One secret for each partner, hub or worker."""

    def __init__(self, master: str) -> None:
        self._master = master

    @classmethod
    def in_folder(cls, folder: Path) -> PartnerSecrets:
        """From a secret of this installation's own, made at the first start."""
        file = folder / FILE
        if not file.exists():
            write_new(file, secrets.token_hex(32).encode())
        return cls(file.read_text("ascii").strip())

    def of(self, party: str) -> str:
        """Theirs; empty, which nothing can be signed with, where none is set up."""
        return secret_of(self._master, party) if self._master else ""
