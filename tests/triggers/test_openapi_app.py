"""The whole app with the demo city, held to its OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis.generation import GenerationMode

from tests.triggers.fuzzing import fuzz_all

EXAMPLES = 15
WHO = [("customer", "ann"), ("partner", "rosie-and-thorn"), ("super", "sue")]


@pytest.mark.parametrize(("role", "subject"), WHO, ids=[role for role, _ in WHO])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(town: Any, mode: GenerationMode, role: str, subject: str) -> None:
    """Random valid and invalid requests: no fault, no undocumented status, no other shape."""
    assert fuzz_all(town, mode, town.token(role, subject), EXAMPLES) >= 15


def test_document_manifest_and_routes_agree(town: Any) -> None:
    document = town.http.get("/api/openapi.json").json()
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    served = {
        (method, "/" + function["url"].split("/", 3)[3])
        for function in town.http.get("/admin/functions").json()
        if function["trigger"] == "httpTrigger" and "{*rest}" not in function["url"]
        for method in function["methods"]
    }
    assert {one for one in listed if not one[1].startswith("/api/{")} == served
    actions = town.http.get("/.well-known/agent-manifest.json").json()["actions"]
    offered = {(action["method"], action["url"].removeprefix(town.host.url)) for action in actions}
    assert offered <= listed
    assert len(offered) >= 6
