"""The audit log of who was let in and who was not: one JSON line a decision, without tokens or personal data."""

from __future__ import annotations

import json
import logging
from typing import Any

from shared.people.access import Caller, Decision
from triggers.about import About
from triggers.endpoint import Endpoint

_log = logging.getLogger("audit")


def decided(endpoint: Endpoint, caller: Caller, decision: Decision, facts: About) -> None:
    """A caller was let in to a route, or refused."""
    _write(
        facts,
        decision="allowed" if decision.allowed else "refused",
        route=f"{endpoint.method} {endpoint.path}",
        subject=caller.subject,
        roles=sorted(str(role) for role in caller.roles),
        reason=decision.reason,
    )


def refused_object(caller: Caller, what: str, facts: About) -> None:
    """A caller who is let in to a route asked for a thing of somebody else's."""
    _write(facts, decision="refused", subject=caller.subject, reason=f"{what} belongs to others")


def refused_token(reason: str, facts: About) -> None:
    """A token was not accepted."""
    _write(facts, decision="refused", reason=f"token: {reason}")


def _write(facts: About, **more: Any) -> None:
    if _log.isEnabledFor(logging.INFO):
        line = json.dumps({"at": facts.now.isoformat(), "request_id": facts.request_id, **more})
        _log.info("%s", line, extra={"fields": {"message": "access", **more}})
