"""The OpenAPI document and the agent manifest say what the routes do; schemathesis holds them to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from schemathesis.generation import GenerationMode

from tests.triggers.fuzzing import fuzz_all

EXAMPLES = 40


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(example: Any, mode: GenerationMode) -> None:
    """Random valid and invalid requests, as a customer: no fault, no undocumented status, no other shape."""
    assert fuzz_all(example, mode, example.token("customer", "fuzz"), EXAMPLES) >= 4


def test_the_document_lists_every_declared_route(example: Any) -> None:
    document = example.http.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    functions = example.http.get("/admin/functions").json()
    served = {
        (method, "/" + function["url"].split("/", 3)[3])
        for function in functions
        if function["trigger"] == "httpTrigger"
        for method in function["methods"]
    }
    assert listed == served
    operation = document["paths"]["/api/v1/notes"]["post"]
    assert operation["summary"] == "Write a note."
    assert [p["name"] for p in operation["parameters"]] == ["Idempotency-Key"]
    assert set(operation["responses"]) == {"201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503"}


def test_the_manifest_tells_agents_what_they_may_do(example: Any) -> None:
    manifest = example.http.get("/.well-known/agent-manifest.json").json()
    (action,) = manifest["actions"]
    assert action["name"] == "write_note"
    assert action["url"] == f"{example.host.url}/api/v1/notes"
    assert action["requires_human_approval_over"] == 200.0
    assert action["idempotent"] is True
    assert manifest["authentication"]["scopes"]["orders:read"]


def test_tokens_are_not_given_away_outside_of_embedded_mode(run_app: Callable[..., Any]) -> None:
    with run_app(IDENTITY="oidc", OIDC_ISSUER="https://issuer.example", OIDC_AUDIENCE="app") as house:
        assert house.http.post("/api/v1/dev/token", json={"role": "super", "subject": "x"}).status_code == 404
        assert "/api/v1/dev/token" not in house.http.get("/api/openapi.json").json()["paths"]
