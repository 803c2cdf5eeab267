"""What indexing refuses and accepts: one tiny app per rule of the real worker and host."""

import logging
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost import index
from devhost.index import App, Refused, Trigger, load

HEAD = """
import typing
import azure.functions as func
import azure.durable_functions as df
app = df.DFApp()
"""


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path) -> Iterator[None]:
    """Each app gets a fresh process as far as modules go."""
    index._forget()
    paths = list(sys.path)
    yield
    index._forget()
    assert sys.path == paths
    assert not [n for n, m in sys.modules.items() if str(getattr(m, "__file__", "")).startswith(str(tmp_path))]


def write(directory: Path, source: str, **modules: str) -> Path:
    for name, text in {"function_app": source, **modules}.items():
        directory.joinpath(f"{name}.py").write_text(textwrap.dedent(text))
    return directory


def refusal(directory: Path, source: str, settings: dict[str, str] | None = None, **modules: str) -> Refused:
    with pytest.raises(Refused) as caught:
        load(write(directory, source, **modules), settings or {})
    return caught.value


def accepted(directory: Path, source: str, settings: dict[str, str] | None = None, **modules: str) -> App:
    return load(write(directory, source, **modules), settings or {})


ACTIVITY = '@app.activity_trigger(input_name="x")\n'
ROUTE = '@app.route(route="a")\n'
ENTITY = '@app.entity_trigger(context_name="context")\n'
TIMER = '@app.timer_trigger(arg_name="t", schedule="0 * * * * *")\n'

# id: (source after HEAD, refused function, words of the rule, words of the remedy)
REFUSED = {
    "parameter without binding": (ACTIVITY + "def f(x, y): ...", "f", "'y' is no binding", "remove it"),
    "default": (ACTIVITY + "def f(x, y=1): ...", "f", "'y' is no binding (its default", "remove it"),
    "args": (ACTIVITY + "def f(x, *rest): ...", "f", "*args or **kwargs", "name every parameter"),
    "decorator without wraps": (
        "def logged(f):\n    def wrapper(*args, **kwargs): return f(*args, **kwargs)\n    return wrapper\n"
        + ACTIVITY
        + "@logged\ndef f(x): ...",
        "wrapper",
        "*args or **kwargs",
        "functools.wraps",
    ),
    "binding without parameter": (ACTIVITY + "def f(): ...", "f", "fills a parameter 'x'", "the same name"),
    "context annotated": (
        ACTIVITY + "def f(x, context: dict): ...",
        "f",
        "'context' is annotated dict",
        "func.Context",
    ),
    "context None": (ACTIVITY + "def f(x, context: None): ...", "f", "'context' is annotated", "func.Context"),
    "orchestrator context_name": (
        '@app.orchestration_trigger(context_name="ctx")\ndef f(ctx): yield',
        "f",
        "context_name is 'ctx'",
        'context_name="context"',
    ),
    "entity context_name": (
        '@app.entity_trigger(context_name="ctx")\ndef f(ctx): ...',
        "f",
        "context_name is 'ctx'",
        'context_name="context"',
    ),
    "activity dict[str, int]": (ACTIVITY + "def f(x: dict[str, int]): ...", "f", "annotated dict[str, int]", "class"),
    "activity X | None": (ACTIVITY + "def f(x: dict | None): ...", "f", "annotated dict | None", "class"),
    "activity Optional": (ACTIVITY + "def f(x: typing.Optional[str]): ...", "f", "annotated typing.Optional", "class"),
    "activity NewType": (
        'Id = typing.NewType("Id", str)\n' + ACTIVITY + "def f(x: Id): ...",
        "f",
        "annotated function_app.Id",
        "class",
    ),
    "activity Out": (ACTIVITY + "def f(x: func.Out[str]): ...", "f", "annotated azure.functions", "class"),
    "http req annotated": (
        ROUTE + "def f(req: dict): ...",
        "f",
        "httpTrigger parameter 'req' is annotated dict",
        "HttpRequest",
    ),
    "http req generic": (ROUTE + "def f(req: typing.List[int]): ...", "f", "annotated typing.List[int]", "HttpRequest"),
    "http returns dict": (ROUTE + "def f(req) -> dict: ...", "f", "return is annotated dict", "func.HttpResponse"),
    "http returns Optional": (
        ROUTE + "def f(req) -> typing.Optional[func.HttpResponse]: ...",
        "f",
        "return is annotated typing.Optional",
        "func.HttpResponse",
    ),
    "http returns None": (ROUTE + "def f(req) -> None: ...", "f", "return is annotated NoneType", "func.HttpResponse"),
    "http out parameter": (
        '@app.route(route="a", binding_arg_name="res")\ndef f(req, res: func.Out[func.HttpResponse]): ...',
        "f",
        "return value only",
        "binding_arg_name",
    ),
    "timer annotated": (
        TIMER + "def f(t: dict): ...",
        "f",
        "timerTrigger parameter 't' is annotated dict",
        "TimerRequest",
    ),
    "no trigger": ('@app.function_name("f")\ndef g(x): ...', "f", "does not have a trigger", "add a trigger"),
    "same function name": (
        ACTIVITY + "def f(x): ...\n" + ROUTE + '@app.function_name("f")\ndef g(req): ...',
        "f",
        "its name is taken already by function 'f' at function_app.py:6",
        "own name",
    ),
    "two triggers": (TIMER + ROUTE + "def f(req, t): ...", "f", "it has two triggers", "split"),
    "decorated orchestrator": (
        '@app.orchestration_trigger(context_name="context")\n@app.function_name("g")\ndef f(context): yield',
        "f",
        "already decorated",
        "directly above def",
    ),
    "unknown method": (
        '@app.route(route="a", methods=["FETCH"])\ndef f(req): ...',
        "f",
        "FETCH",
        'methods=["GET", "POST"]',
    ),
    "methods as text": ('@app.route(route="a", methods="GET")\ndef f(req): ...', "f", "method is unknown", "as a list"),
    "unknown auth level": ('@app.route(route="a", auth_level="open")\ndef f(req): ...', "f", "'open'", "ANONYMOUS"),
    "app auth level lower case": (
        'df.DFApp(http_auth_level="anonymous")',
        "",
        "http_auth_level='anonymous'",
        "upper case",
    ),
    "unresolved annotation": (
        "if typing.TYPE_CHECKING:\n    from decimal import Decimal\n" + ACTIVITY + 'def f(x: "Decimal"): ...',
        "f",
        "name 'Decimal' is not defined",
        "module level",
    ),
    "leading underscore": (ACTIVITY + "def _f(x): ...", "_f", "name must match", "leading underscore"),
    "called host": (ACTIVITY + "def Host(x): ...", "Host", "must not be 'host'", "rename"),
    "long name": (ACTIVITY + f"def {'f' * 129}(x): ...", "f" * 129, "name must match", "rename"),
    "binding name": (
        '@app.activity_trigger(input_name="x__y")\ndef f(x__y): ...',
        "f",
        "'x__y' must match",
        "single underscores",
    ),
    "binding names differ by case": (
        '@app.durable_client_input(client_name="X")\n' + ACTIVITY + "async def f(x, X): ...",
        "f",
        "two bindings are named 'X'",
        "rename",
    ),
    "route admin": (
        '@app.route(route="/Admin/x")\ndef f(req): ...',
        "f",
        "starts with 'admin' or 'runtime'",
        "first segment",
    ),
    "route runtime-info": (
        '@app.route(route="runtime-info")\ndef f(req): ...',
        "f",
        "starts with 'admin' or",
        "first segment",
    ),
    "route from the name": (
        "@app.route()\ndef administer(req): ...",
        "administer",
        "starts with 'admin' or",
        "first segment",
    ),
    "route template": ('@app.route(route="a/{id")\ndef f(req): ...', "f", "not a valid template", "correct"),
    "same activity name": (
        '@app.activity_trigger(input_name="x", activity="g")\ndef f(x): ...\n' + ACTIVITY + "def g(x): ...",
        "g",
        "it is called 'g', and so is function 'f' at function_app.py:6",
        "another activity=",
    ),
    "same entity name in other case": (
        '@app.entity_trigger(context_name="context", entity_name="Till")\ndef f(context): ...\n'
        + ENTITY
        + "def till(context): ...",
        "till",
        "it is called 'till'",
        "another entity_name=",
    ),
    "cron text": ('@app.timer_trigger(arg_name="t", schedule="0 0 25 * * *")\ndef f(t): ...', "f", "hour", "{second}"),
    "cron setting": (
        '@app.timer_trigger(arg_name="t", schedule="%WHEN%")\ndef f(t): ...',
        "f",
        "WHEN",
        "local.settings.json",
    ),
    "queue trigger": (
        '@app.queue_trigger(arg_name="m", queue_name="q", connection="C")\ndef f(m): ...',
        "f",
        "'queueTrigger' is not offered",
        "httpTrigger, timerTrigger",
    ),
    "blob output": (
        '@app.blob_output(arg_name="b", path="p", connection="C")\n' + ROUTE + "def f(req, b): ...",
        "f",
        "'blob' is not offered",
        "durableClient",
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_broken_rule_is_refused_by_name(row: str, tmp_path: Path) -> None:
    source, function, rule, remedy = REFUSED[row]
    problems = refusal(tmp_path, HEAD + source).problems
    assert [p.function for p in problems] == [function], problems
    assert rule in problems[0].rule
    assert remedy in problems[0].remedy
    assert re.fullmatch(r"function_app\.py:\d+", problems[0].where), problems[0]


# id: (whole source, words of the rule, words of the remedy, where)
REFUSED_APPS = {
    "no app object": ("x = 1", "no app object", "df.DFApp()", "function_app.py"),
    "app inside a function": (
        "import azure.functions as func\ndef make():\n    return func.FunctionApp()",
        "no app object",
        "inside a function is not found",
        "function_app.py",
    ),
    "blueprint alone": (
        "import azure.durable_functions as df\nbp = df.Blueprint()",
        "bp is a blueprint",
        "app.register_functions(bp)",
        "function_app.py",
    ),
    "blueprint not registered": (
        HEAD + 'bp = df.Blueprint()\n@bp.activity_trigger(input_name="x")\ndef f(x): ...',
        "no functions; blueprint function_app.bp is not registered",
        "app.register_functions",
        "function_app.py",
    ),
    "no function": (HEAD, "the app has no functions", "declare functions", "function_app.py"),
    "alias": (
        HEAD + "application = app",
        "2 app objects at module level: app, application",
        "no alias",
        "function_app.py:6",
    ),
    "imported app": (
        "from other import app\nimport azure.functions as func\nmine = func.FunctionApp()",
        "2 app objects",
        "no imported app",
        "function_app.py:3",
    ),
    "asgi app beside": (
        HEAD + "asgi = func.AsgiFunctionApp(app=None)",
        "2 app objects at module level: app, asgi",
        "registered on it",
        "function_app.py:6",
    ),
    "app registered on app": (
        HEAD + "app.register_functions(func.FunctionApp())",
        "whole app",
        "Blueprint",
        "function_app.py:6",
    ),
    "syntax": ("x = (", "SyntaxError", "correct", "function_app.py:1"),
    "missing package": ("import no_such_package", "no_such_package", "requirements.txt", "function_app.py:1"),
    "error in a module": ("import broken", "KeyError: 'SECRET'", "without an error", "broken.py:2"),
    "syntax in a module": ("import unreadable", "SyntaxError", "correct", "unreadable.py:1"),
    "exit at import": ("import sys\nsys.exit(3)", "SystemExit: 3", "without an error", "function_app.py:2"),
}


@pytest.mark.parametrize("row", REFUSED_APPS)
def test_an_app_without_functions_says_why(row: str, tmp_path: Path) -> None:
    source, rule, remedy, where = REFUSED_APPS[row]
    modules = {"other": HEAD, "broken": 'import os\nos.environ["SECRET"]', "unreadable": "def f(:"}
    (problem,) = refusal(tmp_path, source, **modules).problems
    assert (rule in problem.rule, remedy in problem.remedy, problem.where) == (True, True, where), problem
    assert str(problem).startswith(f"{where}: ")


def test_a_folder_without_function_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"has no function_app\.py"):
        load(tmp_path, {})


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    source = (
        HEAD
        + ACTIVITY
        + "def _f(x: dict | None, y): ...\n"
        + TIMER
        + "def tick(t: int): ...\n"
        + ACTIVITY
        + "def fine(x): ..."
    )
    error = refusal(tmp_path, source)
    assert sorted(p.function for p in error.problems) == ["_f", "_f", "_f", "tick"]
    text = str(error)
    assert text.count("\n") == 7
    assert (
        "function_app.py:8: function 'tick': the timerTrigger parameter 't' is annotated int\n    annotate it" in text
    )


def test_two_functions_without_a_trigger_are_both_named(tmp_path: Path) -> None:
    source = HEAD + '@app.function_name("a")\ndef f(): ...\n@app.function_name("b")\ndef g(): ...'
    assert [p.function for p in refusal(tmp_path, source).problems] == ["a", "b"]


def test_overlapping_routes_are_refused(tmp_path: Path) -> None:
    source = HEAD + ROUTE + "def f(req): ...\n" + '@app.route(route="A", methods=["GET"])\ndef g(req): ...'
    source += (
        '\n@app.route(route="b/{id}")\ndef h(req): ...\n@app.route(route="/B/{key}", methods=["GET"])\ndef i(req): ...'
    )
    g, i = refusal(tmp_path, source).problems
    assert (g.function, g.rule) == ("g", "its route 'A' (GET) is also the one of function 'f' at function_app.py:6")
    assert (i.function, i.rule) == (
        "i",
        "its route '/B/{key}' (GET) is also the one of function 'h' at function_app.py:10",
    )


# id: source after HEAD
ACCEPTED = {
    "bare": ACTIVITY + "def f(x): ...",
    "activity dict": ACTIVITY + "def f(x: dict) -> list[int]: ...",
    "activity str": ACTIVITY + "def f(x: str) -> dict | None: ...",
    "activity Dict[..]": ACTIVITY + "def f(x: typing.Dict[str, int]): ...",
    "activity Any": ACTIVITY + "def f(x: typing.Any): ...",
    "activity Literal": ACTIVITY + 'def f(x: typing.Literal["a"]): ...',
    "activity TypedDict": 'T = typing.TypedDict("T", {"a": int})\n' + ACTIVITY + "def f(x: T): ...",
    "activity Annotated": ACTIVITY + 'def f(x: typing.Annotated[dict, "a"]): ...',
    "activity class": "class M: ...\n" + ACTIVITY + "def f(x: M): ...",
    "activity with context": ACTIVITY + "def f(x, context: func.Context): ...",
    "activity with bare context": ACTIVITY + "def f(x, context): ...",
    "async activity": ACTIVITY + "async def f(x): ...",
    "activity with client": '@app.durable_client_input(client_name="c")\n' + ACTIVITY + "async def f(x, c): ...",
    "default on a binding": ACTIVITY + "def f(x=1): ...",
    "wraps": "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def wrapper(*a, **k): return f(*a, **k)\n"
    "    return wrapper\n" + ACTIVITY + "@logged\ndef f(x): ...",
    "orchestrator with unresolved annotations": '@app.orchestration_trigger(context_name="context")\n'
    'def f(context: "Nowhere", other: "Missing" = None): yield',
    "entity": '@app.entity_trigger(context_name="context")\ndef f(context): ...',
    "client annotated": ROUTE + '@app.durable_client_input(client_name="client")\n'
    "async def f(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse: ...",
    "http bare": ROUTE + "def f(req): ...",
    "http returns str": ROUTE + "def f(req: func.HttpRequest) -> str: ...",
    "http returns a subclass": "class R(func.HttpResponse): ...\n" + ROUTE + "def f(req) -> R: ...",
    "http req str, which fails when called": ROUTE + "def f(req: str): ...",
    "methods in lower case": '@app.route(route="a", methods=["get"], auth_level="anonymous")\ndef f(req): ...',
    "same route, other method": '@app.route(route="a", methods=["GET"])\ndef f(req): ...\n'
    '@app.route(route="a", methods=["POST"])\ndef g(req): ...',
    "timer": TIMER + "def f(t: func.TimerRequest) -> None: ...",
    "timer text": TIMER + "def f(t: str): ...",
    "one underscore in a binding": '@app.activity_trigger(input_name="the_input")\ndef f(the_input): ...',
    "private annotation": "class _Private: ...\n" + ACTIVITY + "def f(x: _Private): ...",
    "underscores and hyphens in a name": ACTIVITY + '@app.function_name("F-1_a")\ndef _f(x): ...',
    "same durable name, other kinds": '@app.activity_trigger(input_name="x", activity="n")\ndef f(x): ...\n'
    '@app.orchestration_trigger(context_name="context", orchestration="n")\ndef g(context): yield',
    "blueprint": 'bp = df.Blueprint()\n@bp.activity_trigger(input_name="x")\ndef f(x): ...\napp.register_functions(bp)',
    "function blueprint": 'bp = func.Blueprint()\n@bp.route(route="a")\ndef f(req): ...\napp.register_blueprint(bp)',
}


@pytest.mark.parametrize("row", ACCEPTED)
def test_what_the_worker_accepts_is_accepted(row: str, tmp_path: Path) -> None:
    assert accepted(tmp_path, HEAD + ACCEPTED[row]).functions


def test_future_annotations_are_accepted_when_they_resolve(tmp_path: Path) -> None:
    source = (
        "from __future__ import annotations\n"
        + HEAD
        + ROUTE
        + (
            '@app.durable_client_input(client_name="client")\n'
            "async def f(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse: ..."
        )
    )
    (function,) = accepted(tmp_path, source).functions
    assert function.clients == ("client",)


def test_an_asgi_app_with_a_durable_blueprint_is_accepted(tmp_path: Path) -> None:
    source = """
        import azure.functions as func
        import azure.durable_functions as df
        bp = df.Blueprint()
        @bp.orchestration_trigger(context_name="context")
        def flow(context): yield
        async def site(scope, receive, send): ...
        app = func.AsgiFunctionApp(app=site, http_auth_level=func.AuthLevel.ANONYMOUS)
        app.register_functions(bp)
    """
    site, flow = accepted(tmp_path, source).functions
    assert (site.name, site.route, site.is_async, site.wants_context) == ("http_app_func", "/{*route}", True, True)
    assert (site.auth_level, site.where, flow.where) == ("ANONYMOUS", "function_app.py", "function_app.py:5")
    assert "PATCH" in site.methods


def test_every_field_of_an_http_function(tmp_path: Path) -> None:
    source = HEAD + (
        '@app.function_name("Greet")\n@app.route(route="hi/{id}", methods=["get", "POST"], auth_level="admin")\n'
        '@app.durable_client_input(client_name="starter")\nasync def f(req, starter, context): ...'
    )
    app = accepted(tmp_path, source)
    (f,) = app.triggered_by(Trigger.HTTP)
    assert (f.name, f.durable_name, f.parameter, f.clients) == ("Greet", "Greet", "req", ("starter",))
    assert (f.route, f.methods, f.auth_level) == ("hi/{id}", {"GET", "POST"}, "ADMIN")
    assert (f.wants_context, f.is_async, f.where) == (True, True, "function_app.py:6")
    assert app.directory == tmp_path.resolve()
    assert app.triggered_by(Trigger.ENTITY) == ()


def test_http_defaults(tmp_path: Path) -> None:
    (f,) = accepted(tmp_path, HEAD + "@app.route()\ndef f(req): ...").functions
    assert (f.route, f.methods, f.auth_level, f.is_async) == ("f", frozenset(), "FUNCTION", False)


def test_every_field_of_a_timer(tmp_path: Path) -> None:
    source = HEAD + (
        '@app.timer_trigger(arg_name="t", schedule="%WHEN%", run_on_startup=True, use_monitor=False)\ndef f(t): ...\n'
        '@app.timer_trigger(arg_name="t", schedule="01:00:00")\ndef g(t): ...'
    )
    f, g = accepted(tmp_path, source, {"WHEN": "0 0 9 * * *"}).triggered_by(Trigger.TIMER)
    assert (f.schedule, f.run_on_startup, f.use_monitor) == ("0 0 9 * * *", True, False)
    assert (g.schedule, g.run_on_startup, g.use_monitor) == ("01:00:00", False, True)


def test_durable_names(tmp_path: Path) -> None:
    source = HEAD + (
        '@app.orchestration_trigger(context_name="context", orchestration="Flow")\ndef o(context): yield\n'
        '@app.activity_trigger(input_name="x", activity="Step")\ndef a(x): ...\n'
        '@app.entity_trigger(context_name="context", entity_name="Till")\ndef e(context): ...\n'
        '@app.entity_trigger(context_name="context")\ndef Purse(context): ...'
    )
    functions = accepted(tmp_path, source).functions
    assert [f.name for f in functions] == ["o", "a", "e", "Purse"]
    assert [f.durable_name for f in functions] == ["Flow", "Step", "till", "purse"]
    assert [f.parameter for f in functions] == ["context", "x", "context", "context"]
    assert not any(f.wants_context or f.is_async for f in functions)


def test_where_names_the_blueprints_file(tmp_path: Path) -> None:
    blueprint = "import azure.durable_functions as df\nbp = df.Blueprint()\n\n"
    blueprint += '@bp.activity_trigger(input_name="x")\ndef _f(x): ...'
    source = HEAD + "from steps import bp\napp.register_functions(bp)"
    assert refusal(tmp_path, source, steps=blueprint).problems[0].where == "steps.py:4"


def test_packages_of_the_app_are_found(tmp_path: Path) -> None:
    packages = tmp_path / ".python_packages/lib/site-packages"
    packages.mkdir(parents=True)
    (packages / "vendored_here.py").write_text("name = 'Vendored'")
    source = HEAD + "import vendored_here\n" + ACTIVITY + "@app.function_name(vendored_here.name)\ndef f(x): ..."
    assert accepted(tmp_path, source).functions[0].name == "Vendored"
    del sys.modules["vendored_here"]


def test_the_same_app_is_imported_once_and_settings_are_read_again(tmp_path: Path) -> None:
    source = HEAD + '@app.timer_trigger(arg_name="t", schedule="%WHEN%")\ndef f(t): ...'
    (first,) = accepted(tmp_path, source, {"WHEN": "* * * * * *"}).functions
    (second,) = load(tmp_path, {"WHEN": "0 * * * * *"}).functions
    assert first.call is second.call
    assert (first.schedule, second.schedule) == ("* * * * * *", "0 * * * * *")


def test_apps_of_one_process_do_not_see_each_others_modules(tmp_path: Path) -> None:
    source = HEAD + "import helper\n" + ACTIVITY + "def f(x): return helper.NAME"
    for name in ("one", "two", "one"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (function,) = accepted(folder, source, helper=f"NAME = {name!r}").functions
        assert function.call(None) == name
        assert name == function.call.__globals__["helper"].NAME


def test_a_folder_without_init_does_not_hide_the_next_apps_package(tmp_path: Path) -> None:
    source = HEAD + "import parts.one\n" + ACTIVITY + "def f(x): return parts.one.NAME"
    for name in ("plain", "package"):
        (tmp_path / name / "parts").mkdir(parents=True)
        (tmp_path / name / "parts/one.py").write_text(f"NAME = {name!r}")
    (tmp_path / "package/parts/__init__.py").touch()
    for name in ("plain", "package", "plain"):
        (function,) = accepted(tmp_path / name, source).functions
        assert function.call(None) == name


def test_a_refused_app_can_be_corrected_and_loaded_again(tmp_path: Path) -> None:
    for mistake in ("x = (", HEAD + ACTIVITY + "def _f(x): ...", HEAD + "import helper", HEAD):
        refusal(tmp_path, mistake)
        assert "function_app" not in sys.modules
    assert accepted(tmp_path, HEAD + ACTIVITY + "def corrected(x): ...").functions[0].name == "corrected"


def test_a_host_inside_the_app_folder_survives_the_next_app(tmp_path: Path) -> None:
    """As when an app at a repository's root is loaded by a host that lives in the same repository."""
    root = Path(index.__file__).parents[1]
    imported = index.Imported(root)
    imported.forget()
    assert sys.modules["devhost.index"] is index


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('@app.entity_trigger(context_name="context")\nasync def f(context): ...', "does nothing"),
        ('@app.orchestration_trigger(context_name="context")\nasync def f(context): ...', "will fail; write def and"),
        (ROUTE + '@app.durable_client_input(client_name="c")\ndef f(req, c): ...', "write async def"),
        (
            ACTIVITY + 'def f(x): ...\nbp = df.Blueprint()\n@bp.route(route="a")\ndef g(req): ...',
            "function_app.bp is not",
        ),
    ],
)
def test_what_is_accepted_but_cannot_work_is_warned_of(
    source: str, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "devhost"):
        accepted(tmp_path, HEAD + source)
    assert [words in record.getMessage() for record in caplog.records if record.name.startswith("devhost")] == [True]
