"""The app as a whole: it starts light, its settings are documented, and an unsafe deployment does not start."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared import settings
from shared.errors import CATALOGUE
from shared.settings import Settings, SettingsError
from shared.wiring import Deps, adapters

ROOT = Path(__file__).parents[1]
HEAVY = (
    "openai", "stripe", "twilio", "azure.cosmos", "azure.storage", "azure.identity", "jwt", "cryptography", "httpx",
    "pyvrp", "ortools",
)  # fmt: skip
SOLVERS = {"pyvrp", "ortools", "matplotlib"}


def test_importing_the_app_loads_no_heavy_sdk() -> None:
    code = "import json, sys, function_app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.split(".")[0] in HEAVY or name.startswith(HEAVY)] == []
    assert not any(name.startswith("devhost") for name in loaded)


def test_no_room_and_no_port_brings_a_solver_with_it_but_a_plan_of_rounds_does(tmp_path: Path) -> None:
    code = (
        "import asyncio, importlib, json, sys, function_app\n"
        "from triggers import register, serve\n"
        "from shared import ready\n"
        "from shared.logistics.timechain.route import Courier, Stop\n"
        "from shared.settings import Settings\n"
        "from shared.wiring import Deps\n"
        "for room in register.ROOMS: importlib.import_module(room)\n"
        "house = Deps(Settings(fleet='pyvrp', data_dir=sys.argv[1]))\n"
        "asyncio.run(ready.checks(house))\n"
        "print(json.dumps(sorted(sys.modules)))\n"
        "asyncio.run(house.fleet.plan([Courier('c', 0)], [Stop('a', 1)], {('c', 'a'): 3}))\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    given = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=True)
    before, after = map(json.loads, done.stdout.splitlines())
    assert SOLVERS.isdisjoint(before)
    assert "shared.adapters.fleet_pyvrp" in before
    assert "pyvrp" in after


def test_the_spine_answers(run_app: Callable[..., Any]) -> None:
    with run_app() as house:
        assert house.http.get("/api/v1/health").json()["data"] == {"status": "ok"}
        ready = house.http.get("/api/v1/ready").json()["data"]
        assert ready["status"] == "ready"
        assert ready["ports"]["store"] == "SqliteStore"
        assert house.http.get("/api/openapi.json").json()["openapi"] == "3.1.0"
        assert house.token("customer", "ann").count(".") == 2
        listed = house.http.get("/api/v1/errors").json()["data"]
        assert {entry["code"] for entry in listed} == set(CATALOGUE)


def test_the_settings_example_is_what_the_code_reads() -> None:
    text = (ROOT / "local.settings.json.example").read_text()
    values = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))["Values"]
    own = {name.upper(): field for name, field in Settings.model_fields.items() if name != "website_instance_id"}
    assert values.keys() - own.keys() == {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    for name, field in own.items():
        default = field.get_default()
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)
        assert values[name] == shown, name
        assert f"// {field.description}" in text, name


@pytest.mark.parametrize(
    "name", ["STORE", "BLOBS", "IDENTITY", "SIGNER", "PAYMENTS", "WEATHER", "MESSAGES", "EMAIL", "PARTNER_API"]
)
def test_a_deployment_does_not_start_on_an_embedded_default(name: str) -> None:
    safe = {
        "STORE": "cosmos",
        "COSMOS_ENDPOINT": "https://x.example",
        "BLOBS": "azure",
        "BLOBS_URL": "https://y.example",
        "IDENTITY": "oidc",
        "OIDC_ISSUER": "https://z.example",
        "OIDC_AUDIENCE": "app",
        "SIGNER": "key",
        "SIGNER_KEY": "x",
        "PAYMENTS": "stripe",
        "STRIPE_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
        "WEATHER": "open_meteo",
        "MESSAGES": "none",
        "EMAIL": "none",
        "PARTNER_API": "none",
        "WEBSITE_INSTANCE_ID": "abc",
    }
    settings.read(safe)
    del safe[name]
    with pytest.raises(SettingsError, match=f"{name}="):
        settings.read(safe)
    environment = {**os.environ, **safe}
    done = subprocess.run(
        [sys.executable, "-c", "import function_app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode != 0
    assert f"{name}=" in done.stderr


@pytest.mark.parametrize(
    "given",
    [{"SMTP_SECURITY": "none"}, {"PARTNER_PRIVATE": "true"}, {"PUBLIC_URL": "http://x.example"}],
    ids=lambda given: next(iter(given)),
)
def test_a_deployment_leaves_no_door_open(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(given))):
        settings.read({**given, "WEBSITE_INSTANCE_ID": "abc"})
    settings.read(given)


@pytest.mark.parametrize("name", ["LANGUAGE", "VISION", "EMBEDDINGS"])
def test_openai_is_not_chosen_without_a_key(name: str) -> None:
    with pytest.raises(SettingsError, match=f"OPENAI_KEY is needed with {name}=openai"):
        settings.read({name: "openai", "OPENAI_KEY": " "})
    settings.read({name: "openai", "OPENAI_KEY": "sk-x"})
    settings.read({})


def test_every_port_has_an_adapter(tmp_path: Path) -> None:
    assert not [said for said in adapters(Deps(Settings(data_dir=str(tmp_path)))).values() if said.startswith("none")]


def test_the_errors_page_is_the_catalogue() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    rows = [f"| `{e.code}` | {e.status} | {e.title} | {e.remedy} |" for e in CATALOGUE.values()]
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"STORE": "mongo"}, "STORE"),
        ({"STORE": "cosmos"}, "COSMOS_ENDPOINT is needed"),
        ({"IDENTITY": "oidc"}, "OIDC_ISSUER is needed"),
        ({"IDENTITY": "oidc", "OIDC_ISSUER": "https://z.example"}, "OIDC_AUDIENCE or OIDC_AUTHORIZED_PARTIES"),
        ({"BLOBS": "azure"}, "BLOBS_CONNECTION or BLOBS_URL"),
        ({"TRAVEL": "osrm"}, "OSRM_URL is needed"),
        ({"FLEET": "vroom"}, "FLEET"),
        ({"CALLS_PER_MINUTE": "0"}, "CALLS_PER_MINUTE"),
        ({"MESSAGES": "twilio"}, "TWILIO_ACCOUNT_SID is needed"),
        ({"MESSAGES": "twilio"}, "TWILIO_WHATSAPP_FROM or TWILIO_SMS_FROM is needed"),
        ({"MESSAGES": "twilio"}, "PUBLIC_URL is needed"),
        ({"TWILIO_TEMPLATES": "partner_notice"}, "TWILIO_TEMPLATES"),
        ({"EMAIL": "smtp"}, "SMTP_HOST is needed"),
        ({"EMAIL": "smtp"}, "EMAIL_SECRET is needed"),
        ({"SMTP_FROM": "Orders <orders@example.com>"}, "SMTP_FROM"),
        ({"PARTNER_API": "https"}, "PARTNER_SECRET is needed"),
    ],
)
def test_settings_that_cannot_be_are_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings.read(given)
