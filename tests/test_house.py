"""Order in the house: who may know whom, what flows and pure rooms may not do, and how large things may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = ("orchestrators", "entities", "activities", "triggers", "shared")
PURE = tuple(
    f"shared/{room}"
    for room in ("money", "discovery", "logistics", "dialogue", "orders", "people", "simulator", "standing")
)
FILE_LINES_MAX = 410
FUNCTION_LINES_MAX = 60

# What a pure room takes as arguments or does without.
OUTSIDE = (
    "azure", "os", "socket", "subprocess", "sqlite3", "urllib.request", "http", "aiohttp", "httpx", "random", "time",
    "shared.adapters", "shared.wiring", "shared.settings", "shared.clock",
    "triggers", "activities", "orchestrators", "entities",
)  # fmt: skip
# Room → what it may not import. Imports for type checking alone do not count.
FORBIDDEN = {
    **dict.fromkeys(PURE, OUTSIDE),
    "shared": ("triggers", "orchestrators", "activities", "entities", "devhost"),
    "orchestrators": (
        "triggers", "shared.adapters", "shared.wiring", "shared.settings", "shared.clock",
        "os", "time", "random", "socket", "subprocess", "sqlite3", "aiohttp", "httpx", "asyncio", "threading",
    ),
    "entities": ("triggers", "shared.adapters", "shared.wiring", "time", "random", "os"),
    "activities": ("triggers", "orchestrators", "shared.adapters", "devhost"),
    "triggers": ("activities", "shared.adapters", "devhost"),
    "devhost": APP,
    "bench": (),
}  # fmt: skip
NON_DETERMINISTIC = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "uuid4", "uuid1", "uuid.uuid4", "uuid.uuid1",
    "open", "print", "input", "time.time", "time.sleep", "random.random", "os.urandom",
}  # fmt: skip


def files(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that a file imports, wherever in it, but not under `if TYPE_CHECKING`."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped.update(child for part in node.body for child in ast.walk(part))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("room", FORBIDDEN)
def test_who_may_know_whom(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(room)
        for module in imports(ast.parse(path.read_text()))
        for package in FORBIDDEN[room]
        if is_within(module, package)
    ]
    assert found == []


def test_only_the_wiring_picks_adapters() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in files(*APP)
        if "adapters" not in path.parts and path.name != "wiring.py"
        for module in imports(ast.parse(path.read_text()))
        if is_within(module, "shared.adapters")
    ]
    assert found == []


@pytest.mark.parametrize("room", ["orchestrators", "entities", *PURE])
def test_no_clock_no_chance_no_io_where_code_is_replayed_or_pure(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in files(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in NON_DETERMINISTIC
    ]
    assert found == []


def test_the_checks_see_what_they_look_for() -> None:
    tree = ast.parse("if TYPE_CHECKING:\n    import os\nfrom shared import wiring\ndef f():\n    import time")
    assert list(imports(tree)) == ["shared", "shared.wiring", "time"]


def test_files_and_functions_stay_readable() -> None:
    grown = []
    for path in files(*APP, "devhost", "bench"):
        text = path.read_text()
        lines = text.count("\n")
        if lines > FILE_LINES_MAX:
            grown.append(f"{path.relative_to(ROOT)} has {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno
                if length > FUNCTION_LINES_MAX:
                    grown.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length} lines")
    assert grown == []


def test_public_things_say_what_they_do() -> None:
    silent = []
    for path in files(*APP, "devhost"):
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if is_definition and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert silent == []
