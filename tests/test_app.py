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
)  # fmt: skip



def test_importing_the_app_loads_no_heavy_sdk() -> None:
    code = "import json, sys, function_app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.split(".")[0] in HEAVY or name.startswith(HEAVY)] == []
    assert not any(name.startswith("devhost") for name in loaded)


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


@pytest.mark.parametrize("name", ["STORE", "BLOBS", "IDENTITY", "PAYMENTS"])
def test_a_deployment_does_not_start_on_an_embedded_default(name: str) -> None:
    safe = {
        "STORE": "cosmos",
        "COSMOS_ENDPOINT": "https://x.example",
        "BLOBS": "azure",
        "BLOBS_URL": "https://y.example",
        "IDENTITY": "oidc",
        "OIDC_ISSUER": "https://z.example",
        "OIDC_AUDIENCE": "app",
        "PAYMENTS": "stripe",
        "STRIPE_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
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


def test_stand_ins_without_a_real_part_are_refused_in_a_deployment(tmp_path: Path) -> None:
    chosen = Settings(data_dir=str(tmp_path))
    assert not [said for said in adapters(Deps(chosen)).values() if said.startswith("none")]
    deployed = Deps(chosen.model_copy(update={"website_instance_id": "abc"}))
    refused = {port for port, said in adapters(deployed).items() if said.startswith("none")}
    assert refused == {"messages", "weather"}
    with pytest.raises(SettingsError, match="sends nothing"):
        _ = deployed.messages


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
        ({"CALLS_PER_MINUTE": "0"}, "CALLS_PER_MINUTE"),
    ],
)
def test_settings_that_cannot_be_are_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings.read(given)
