"""Templates: as WhatsApp takes them, and as docs/messages.md has them set up."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.messages import REPLY_LABEL_LENGTH_MAX
from shared.dialogue.templates import TEMPLATES, Template, contents, filled, one_line

DOCS = Path(__file__).parents[2] / "docs" / "messages.md"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_each_is_as_whatsapp_approves_it(template: Template) -> None:
    places = [int(number) for number in re.findall(r"{{(\d+)}}", template.body)]
    assert places == list(range(1, template.variables + 1))
    assert not re.search(r"^{{|}}$|}}\s*{{", template.body)
    assert len(filled(template, template.samples)) <= 1_024
    assert all(len(title) <= REPLY_LABEL_LENGTH_MAX for title in template.buttons)


def test_the_page_has_what_is_to_be_set_up() -> None:
    block = DOCS.read_text().split("```json\n")[1].split("```")[0]
    assert [json.loads(line) for line in block.splitlines()] == contents()
    for content in contents():
        places = set(re.findall(r"{{(\w+)}}", json.dumps(content["types"])))
        assert places == set(content["variables"])
        assert all(content["variables"].values())


@given(st.text(max_size=60))
def test_variables_are_one_line(value: str) -> None:
    assert not re.search(r"[\n\t]| {2}", one_line(value))


@given(st.lists(st.text(min_size=1, max_size=10), min_size=3, max_size=3))
def test_what_is_filled_in_is_not_filled_in_again(values: list[str]) -> None:
    told = filled(TEMPLATES["partner_notice"], values)
    assert told.startswith("Hello ")
    for value in values:
        assert one_line(value) in told
