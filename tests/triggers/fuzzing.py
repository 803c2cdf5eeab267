"""Random requests to every operation of an app, held to what its OpenAPI document says.

The same requests every time, so that a failure is found by whoever made it; FUZZ=1 tries others.
"""

from __future__ import annotations

import os
from typing import Any

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

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


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
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize="FUZZ" not in os.environ,
    )
    def call(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    call()
