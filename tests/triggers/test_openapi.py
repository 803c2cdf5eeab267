"""The OpenAPI document and the agent manifest say what the routes do; schemathesis holds them to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES, APP_EXAMPLES = 40, 15


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(example: Any, mode: GenerationMode) -> None:
    """Random valid and invalid requests, as a customer: no fault, no undocumented status, no other shape."""
    assert fuzz_all(example, mode, example.token("customer", "fuzz"), EXAMPLES) >= 4


@pytest.mark.parametrize(
    ("role", "subject"), [("partner", "rosie-and-thorn"), ("super", "sue")], ids=["partner", "staff"]
)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_of_the_app_is_as_described(town: Any, mode: GenerationMode, role: str, subject: str) -> None:
    """The same for the whole app with the demo city, as those who may do most."""
    assert fuzz_all(town, mode, town.token(role, subject), APP_EXAMPLES) >= 15


def fuzz_all(house: Any, mode: GenerationMode, token: str, examples: int) -> int:
    """How many operations were called, all of which answered as they should."""
    schema = schemathesis.openapi.from_url(f"{house.host.url}/api/openapi.json")
    headers = {"Authorization": f"Bearer {token}"}
    fuzzed = 0
    for result in schema.exclude(path="/api/v1/broken").get_all_operations():
        operation = result.ok()
        try:
            fuzz(operation.as_strategy(generation_mode=mode), headers, examples)
        except Unsatisfiable:
            continue  # nothing about this operation can be wrong
        fuzzed += 1
    return fuzzed


def fuzz(requests: Any, headers: dict[str, str], examples: int) -> None:
    @given(case=requests)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def call(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    call()


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
