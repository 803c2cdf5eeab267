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
