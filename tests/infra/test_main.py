"""What is deployed: it can be parsed, the app accepts its settings, and its containers are those that are declared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import tree_sitter_bicep
from pydantic import SecretStr
from tree_sitter import Language, Node, Parser

from infra import containers
from shared.adapters.store_cosmos_requests import definition_of, satisfies
from shared.adapters.store_records import shape_of
from shared.settings import Settings, SettingsError, read
from tests.conftest import ROOT

SOURCE = (ROOT / "infra" / "main.bicep").read_bytes()
TREE = Parser(Language(tree_sitter_bicep.language())).parse(SOURCE).root_node
GIVEN = {
    "name": "city",
    "oidcIssuer": "https://id.example",
    "oidcAudience": "app",
    "signerKey": "MIGH…",
    "stripeKey": "sk_live_x",
    "stripeWebhookSecret": "whsec_x",
}
TWILIO = {
    "messages": "twilio", "twilioAccountSid": "AC1", "twilioAuthToken": "t", "twilioWhatsappFrom": "+15125550100",
}  # fmt: skip
MAIL = {"email": "smtp", "smtpHost": "mail.example", "smtpFrom": "hello@city.example", "emailSecret": "e"}
PARTNERS = {"partnerApi": "https", "partnerSecret": "p"}
OPENAI = {"language": "openai", "openaiKey": "sk-x"}
BY_IDENTITY = {"COSMOS_KEY", "BLOBS_CONNECTION"}
"""Secrets that nobody needs, for the app signs in with its identity."""


class Parameter(NamedTuple):
    """One that whoever deploys gives. default: as it is written, None where it must be given."""

    default: str | None
    is_secure: bool
    is_described: bool


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def text(node: Node) -> str:
    return (node.text or b"").decode()


def parameters() -> dict[str, Parameter]:
    found = {}
    for before, node in pairwise(TREE.children):
        said = re.fullmatch(r"param (\w+) \w+(?: = (.*))?", text(node), re.DOTALL)
        if node.type == "parameter_declaration" and said:
            above = text(before) if before.type == "decorators" else ""
            found[said[1]] = Parameter(said[2], "@secure()" in above, "@description(" in above)
    return found


def variable(name: str) -> Node:
    (found,) = (node for node in TREE.children if node.type == "variable_declaration" and f"var {name} =" in text(node))
    return found


def pairs(name: str) -> dict[str, str]:
    """The properties of an object, as they are written."""
    shaped = (node for node in nodes(variable(name)) if node.type == "object_property")
    return {text(node.children[0]): text(node.children[-1]) for node in shaped}


def secrets() -> dict[str, str]:
    """Setting → the parameter that has its value."""
    return dict(re.findall(r"\{ setting: '(\w+)', value: (\w+) \}", text(variable("secrets"))))


def deployed(given: dict[str, str]) -> dict[str, str]:
    """The app's settings in Azure, for what whoever deploys has given."""
    known = {name: (one.default or "''").strip("'") for name, one in parameters().items()} | given

    def value(expression: str) -> str:
        choice = re.fullmatch(r"(\w+) == '(\w+)' \? '(\w+)' : '(\w+)'", expression)
        if choice:
            return choice[3] if known[choice[1]] == choice[2] else choice[4]
        if expression.startswith("'") and "${" not in expression:
            return expression.strip("'")
        return known.get(expression, "https://made-by.azure.example")

    made = {name: value(written) for name, written in pairs("settings").items()}
    return {
        **made,
        **{name: known[parameter] for name, parameter in secrets().items() if known[parameter]},
        "WEBSITE_INSTANCE_ID": "i-1",
    }


def test_it_can_be_parsed() -> None:
    wrong = [node for node in nodes(TREE) if node.type == "ERROR" or node.is_missing]
    assert [(node.start_point, text(node)) for node in wrong] == []
    assert len(parameters()) > 20
    assert all(one.is_described for one in parameters().values())


def test_whoever_deploys_gives_what_nobody_else_can_know() -> None:
    assert {name for name, one in parameters().items() if one.default is None} == set(GIVEN) - {"oidcAudience"}


@pytest.mark.parametrize("more", [{}, TWILIO, MAIL, PARTNERS, OPENAI, {**TWILIO, **MAIL, **PARTNERS, **OPENAI}])
def test_the_app_starts_with_the_settings_that_it_is_given(more: dict[str, str]) -> None:
    settings = read(deployed(GIVEN | more))
    assert settings.is_in_azure
    parts = settings.store, settings.blobs, settings.search, settings.payments
    assert parts == ("cosmos", "azure", "cosmos", "stripe")
    assert settings.vision == ("openai" if "openaiKey" in more else "measures")


@pytest.mark.parametrize("missing", ["signerKey", "stripeKey", "oidcAudience", "twilioAuthToken", "emailSecret"])
def test_what_is_missing_is_named_by_the_app(missing: str) -> None:
    given = {name: value for name, value in (GIVEN | TWILIO | MAIL).items() if name != missing}
    setting = re.sub(r"(?=[A-Z])", "_", missing).upper()
    with pytest.raises(SettingsError, match=setting):
        read(deployed(given | {missing: ""}))


def test_every_setting_is_one_that_the_app_reads() -> None:
    named = {name.upper() for name in Settings.model_fields}
    assert set(pairs("settings")) | set(secrets()) <= named
    secret = {name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    kept = secret - BY_IDENTITY - {"APPLICATIONINSIGHTS_CONNECTION_STRING"}
    assert set(secrets()) == kept, "what is secret is kept in the vault"
    assert all(parameters()[parameter].is_secure for parameter in secrets().values())
    assert {name for name, one in parameters().items() if one.is_secure} == set(secrets().values())


def test_the_containers_are_those_that_are_declared() -> None:
    assert containers.FILE.read_text("utf-8") == containers.text(), "run `make routes`"
    made = {one["id"]: one for one in json.loads(containers.text())}
    assert len(made) == len(containers.declared()) + 1
    for container in containers.declared():
        assert satisfies(made[container.name], definition_of(shape_of(container))), container.name
    search: dict[str, Any] = made["listings"]
    assert {"vectorEmbeddingPolicy", "fullTextPolicy"} <= search.keys()


def test_no_part_takes_a_key() -> None:
    for promise in ("allowSharedKeyAccess: false", "disableLocalAuth: true", "DisableLocalAuth: true"):
        assert promise in SOURCE.decode()
    assert not re.search(r"list(Keys|ConnectionStrings|AccountSas)\(", SOURCE.decode())
