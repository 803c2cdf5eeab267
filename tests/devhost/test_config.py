"""host.json and local.settings.json: what is read, what is overlooked, and where a fault is placed."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devhost.config import ConfigError, HostConfig, read_host_json, read_settings, resolve


def host(directory: Path, text: str) -> HostConfig:
    (directory / "host.json").write_text(text, encoding="utf-8")
    return read_host_json(directory)


def local(directory: Path, text: str) -> dict[str, str]:
    (directory / "local.settings.json").write_text(text, encoding="utf-8")
    return read_settings(directory)


def durable(name: str, value: object) -> str:
    return json.dumps({"version": "2.0", "extensions": {"durableTask": {name: value}}})


def test_the_least_host_json_has_the_defaults_of_the_host(tmp_path: Path) -> None:
    config = host(tmp_path, '{"version": "2.0"}')
    cores = os.cpu_count() or 1
    assert config == HostConfig(
        route_prefix="api",
        hub_name="DevHub",
        default_version=None,
        function_timeout=timedelta(minutes=30),
        max_activities=10 * cores,
        max_orchestrators=10 * cores,
        max_entity_batch=5000,
        raw={"version": "2.0"},
    )


def test_every_key_that_is_read(tmp_path: Path) -> None:
    content = {
        "version": "2.0",
        "functionTimeout": "01:02:03",
        "logging": {"anything": [1, {"else": None}]},
        "extensions": {
            "http": {"routePrefix": ""},
            "durableTask": {
                "hubName": "Shop1",
                "defaultVersion": "1.2",
                "maxConcurrentActivityFunctions": 3,
                "maxConcurrentOrchestratorFunctions": 4,
                "maxEntityOperationBatchSize": 5,
                "storageProvider": {"type": "mssql"},
            },
        },
    }
    config = host(tmp_path, json.dumps(content))
    assert config == HostConfig("", "Shop1", "1.2", timedelta(hours=1, minutes=2, seconds=3), 3, 4, 5, content)


def test_keys_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    config = host(tmp_path, '{"Version": "2.0", "Extensions": {"HTTP": {"RoutePrefix": "v1"}}}')
    assert config.route_prefix == "v1"


def test_a_name_with_a_full_stop_is_no_path(tmp_path: Path) -> None:
    assert host(tmp_path, '{"version": "2.0", "extensions.http.routePrefix": 5}').route_prefix == "api"


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "2.0",}',
        '{"version": "2.0", "a": [1, 2,], }',
        '{"version": "2.0"}}',
        '{"version": "2.0"} } // end',
        '// first\n{ /* all\n of */ "version" /**/ : // here\n "2.0" }\n/* last */',
        '\ufeff{"version": "2.0"}',
        '{"version": "2.0", "url": "http://x/*y*/", "text": "a,}"}',
        '{"version": "1.0", "version": "2.0"}',
        '{"version": "2.0", "extensions": null, "functionTimeout": null}',
        '{"version": "2.0", "extensions": {"http": null, "durableTask": {"hubName": null}}}',
    ],
)
def test_what_is_overlooked(tmp_path: Path, text: str) -> None:
    config = host(tmp_path, text)
    assert (config.route_prefix, config.hub_name) == ("api", "DevHub")
    assert config.raw.get("url", "http://x/*y*/") == "http://x/*y*/"
    assert config.raw.get("text", "a,}") == "a,}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "host.json:1:1: must hold one object; begin it with {"),
        ("[]", "host.json:1:1: must hold one object; begin it with {"),
        ('{"version": "2.0"', 'host.json:1:18: needs a "," or a "}" here'),
        ('{\n  "version": "2.0"\n  "a": 1\n}', 'host.json:3:3: needs a "," or a "}" here'),
        ('{"a" 1}', 'host.json:1:6: needs a ":" after "a"'),
        ("{a: 1}", 'host.json:1:2: needs a name in double quotes or a "}" here'),
        ("{,}", "host.json:1:2: needs a name"),
        ('{"a": [1 2]}', 'host.json:1:10: needs a "," or a "]" here'),
        ('{"a": }', "host.json:1:7: is no JSON here"),
        ('{"a": nul}', "host.json:1:7: is no JSON here"),
        ('{"a": \'x\'}', "host.json:1:7: is no JSON here"),
        ('{"a": "x}', "host.json:1:7: is no JSON here (Unterminated string"),
        ('{"a": "\\q"}', "host.json:1:8: is no JSON here (Invalid \\escape"),
        ('{"a": NaN}', "host.json:1:7: has a number that JSON does not know"),
        ('{"a": ' + "9" * 5000 + "}", "host.json:1:7: has a number that JSON does not know"),
        ('{"a": 1 /* no end }', 'host.json:1:9: needs a "," or a "}" here'),
        ('{"a":' * 1000, "is nested deeper than 64 levels; flatten it"),
        ('{"a":' + "[" * 1000, "is nested deeper than 64 levels; flatten it"),
        ("{}", 'host.json:1:1: version must be "2.0", but it is missing'),
        ('{"version": 2.0}', 'host.json:1:13: version must be "2.0", found 2.0'),
        ('{\n\t"version": "1.0"}', 'host.json:2:13: version must be "2.0", found "1.0"'),
        ('{"version": "2.0", "extensions": 5}', "host.json:1:34: extensions must be an object, found 5"),
        (
            '{"version": "2.0",\n "extensions": {"http": []}}',
            "host.json:2:25: extensions.http must be an object, found []",
        ),
        (
            '{"version": "2.0", "extensions": {"http": {"routePrefix": 1}}}',
            "host.json:1:59: extensions.http.routePrefix must be a text, found 1",
        ),
    ],
)
def test_what_is_refused_and_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        host(tmp_path, text)
    assert message in str(refused.value)
    assert str(refused.value).startswith("host.json:")


@pytest.mark.parametrize("value", ["ten", 0, -1, 1.5, True, 2**31, [], {}])
@pytest.mark.parametrize(
    "name",
    ["maxConcurrentActivityFunctions", "maxConcurrentOrchestratorFunctions", "maxEntityOperationBatchSize"],
)
def test_counts_are_whole_numbers_above_0(tmp_path: Path, name: str, value: object) -> None:
    sentence = f"extensions.durableTask.{name} must be a whole number above 0, found {json.dumps(value)}"
    with pytest.raises(ConfigError) as refused:
        host(tmp_path, durable(name, value))
    assert str(refused.value).endswith(sentence)


@pytest.mark.parametrize("value", ["ab", "1abc", "a-b-c", "a" * 46, "", "Straße"])
def test_hub_names(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="hubName must be 3 to 45 letters and digits, the first a letter"):
        host(tmp_path, durable("hubName", value))


def test_a_hub_name_may_be_a_setting(tmp_path: Path) -> None:
    local(tmp_path, '{"Values": {"HUB": "Mine"}}')
    assert host(tmp_path, durable("hubName", "%HUB%1")).hub_name == "Mine1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"00:05:00"', timedelta(minutes=5)),
        ('"1.00:00:00"', timedelta(days=1)),
        ('"-1"', None),
        ("-1", None),
    ],
)
def test_function_timeouts(tmp_path: Path, text: str, expected: timedelta | None) -> None:
    config = host(tmp_path, f'{{"version": "2.0", "functionTimeout": {text}}}')
    assert config.function_timeout == expected


@pytest.mark.parametrize(
    "text", ['"5 minutes"', '"00:00:00"', '"24:00:00"', '"00:60:00"', '"00:05"', "300", "[]", "{}", "true", '""']
)
def test_bad_function_timeouts(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="functionTimeout must be a time above 0"):
        host(tmp_path, f'{{"version": "2.0", "functionTimeout": {text}}}')


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a Functions app needs one"):
        read_host_json(tmp_path)
    (tmp_path / "host.json").write_bytes(b'{"version": "\xff"}')
    with pytest.raises(ConfigError, match="not UTF-8 at byte 13; save it as UTF-8"):
        read_host_json(tmp_path)
    (tmp_path / "local.settings.json").mkdir()
    with pytest.raises(ConfigError, match=r"local.settings.json: cannot be read"):
        read_settings(tmp_path)


def test_a_long_value_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        host(tmp_path, durable("hubName", ["x" * 1000]))
    assert len(str(refused.value)) < 150


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=st.dictionaries(st.text(min_size=1).map("x".__add__), json_values), indent=st.sampled_from([None, 2]))
def test_plain_json_is_read_as_json(tmp_path: Path, more: dict[str, Any], indent: int | None) -> None:
    content = {**more, "version": "2.0"}
    assert host(tmp_path, json.dumps(content, indent=indent)).raw == content


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='{}[]":,/*-1ae\n\\ ', max_size=40))
def test_no_text_raises_anything_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^host.json:\d+:\d+: "):
        host(tmp_path, text)


def test_settings_are_the_values(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == {}
    assert local(tmp_path, '{"IsEncrypted": false, "Values": {"A": "1", "b": "ü",} // more\n, "Host": {}}') == {
        "A": "1",
        "b": "ü",
    }
    assert local(tmp_path, "{}") == {}
    assert local(tmp_path, '{"Values": null}') == {}


def test_the_environment_wins_over_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVHOST_TEST_A", "")
    assert local(tmp_path, '{"Values": {"DEVHOST_TEST_A": "1", "DEVHOST_TEST_B": "2"}}') == {
        "DEVHOST_TEST_A": "",
        "DEVHOST_TEST_B": "2",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"IsEncrypted": true}', "local.settings.json:1:17: IsEncrypted must be false; run `func settings decrypt`"),
        ('{"Values": []}', "Values must be an object of names and texts, found []"),
        ('{"Values": [1]}', "local.settings.json:1:12: Values must be an object of names and texts, found [1]"),
        (
            '{"Values": {\n"PORT": 7071}}',
            'local.settings.json:2:9: Values.PORT must be a text such as "7071", found 7071',
        ),
        ('{"Values": {"A": null}}', "Values.A must be a text"),
        ('{"Values": {"": "x"}}', "must have a name that an environment variable can have"),
        ('{"Values": {"A=B": "x"}}', "must have a name that an environment variable can have"),
        ('{"Values": {"A": "x\\u0000"}}', "must be without zero characters"),
        ('{"Values": {"A": "\\ud800"}}', "must be without zero characters and halves"),
        ('{"Values": {"A": "x"', 'needs a "," or a "}" here'),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        local(tmp_path, text)
    assert message in str(refused.value)


def test_settings_in_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVHOST_TEST_ENV", "from the environment")
    known = {"EVERY": "0 */5 * * * *", "A": "a", "PERCENT": "%A%"}
    assert resolve("%EVERY%", known) == "0 */5 * * * *"
    assert resolve("x-%A%-%A%", known) == "x-a-a"
    assert resolve("%DEVHOST_TEST_ENV%", known) == "from the environment"
    assert resolve("%PERCENT%", known) == "%A%"
    assert resolve("100% and no more", known) == "100% and no more"
    assert resolve("%%", known) == "%%"
    with pytest.raises(ConfigError, match=r"the setting MISSING in \"every %MISSING%\" is not defined; add it"):
        resolve("every %MISSING%", known)


@pytest.mark.parametrize("rest", ["}", "} x", '}{"version": "1.0"}'])
def test_what_follows_the_object_is_left_unread_with_a_warning(tmp_path, rest, caplog):
    config = host(tmp_path, '{"version": "2.0"}' + rest[1:] + ("}" if rest == "}" else ""))
    assert config.route_prefix == "api"
    assert "host.json:1:" in caplog.text
    assert "goes on after the object" in caplog.text
