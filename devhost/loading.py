"""Importing an app as the worker does: its folder on sys.path, function_app as a top-level module."""

import ast
import importlib
import sys
import traceback
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from azure.functions import AsgiFunctionApp, FunctionRegister
from azure.functions.decorators.function_app import DecoratorApi

from devhost.rules import Problem, Refused

SCRIPT = "function_app.py"
_MODULE = "function_app"
_PACKAGES = ".python_packages/lib/site-packages"

# What the SDK raises while decorators run: (text in the message, rule, remedy).
_DECORATOR_ERRORS = (
    (
        "A trigger was already registered",
        "it has two triggers",
        "a function has exactly one trigger: split it into two functions",
    ),
    ("HttpMethod", "an HTTP method is unknown", 'write methods as a list of names, such as methods=["GET", "POST"]'),
    (
        "AuthLevel",
        "the auth level is unknown",
        "write ANONYMOUS, FUNCTION or ADMIN, or use func.AuthLevel",
    ),
    (
        "'FunctionBuilder' object has no attribute '__name__'",
        "a decorator was given a function that is already decorated",
        "put orchestration_trigger, entity_trigger and the app's own decorators last, directly above def",
    ),
    (
        "functions can not be type of FunctionRegister",
        "register_functions was given a whole app",
        "make it a df.Blueprint() or func.Blueprint()",
    ),
)


class Imported:
    """An app's modules in this process, until `forget()` takes them out again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._app: FunctionRegister | None = None
        self._paths = [str(p) for p in (directory, directory / _PACKAGES) if p.is_dir()]
        self._before = frozenset(sys.modules) - {_MODULE}
        sys.path[:0] = self._paths
        sys.modules.pop(_MODULE, None)
        importlib.invalidate_caches()

    def function_app(self) -> ModuleType:
        """Import function_app; raises Refused with the line of the app that failed."""
        script = self.directory / SCRIPT
        if not script.is_file():
            remedy = f"create {SCRIPT} there; folders with function.json (the v1 model) are not offered"
            raise Refused([Problem("", f"{self.directory} has no {SCRIPT}", remedy, SCRIPT)])
        try:
            return importlib.import_module(_MODULE)
        except (Exception, SystemExit) as error:
            raise Refused([self._import_problem(error)]) from error

    def app(self, module: ModuleType) -> FunctionRegister:
        """The module's only app object; raises Refused when there is none or more than one."""
        names = [n for n, value in vars(module).items() if isinstance(value, FunctionRegister)]
        if len(names) == 1:
            app: FunctionRegister = vars(module)[names[0]]
            self._app = app
            return app
        if names:
            rule = f"there are {len(names)} app objects at module level: {', '.join(names)}"
            remedy = "keep one: no alias, no imported app, and blueprints or an ASGI app registered on it"
            raise Refused([Problem("", rule, remedy, self._assigned_at(names[-1]))])
        blueprints = [n for n, value in vars(module).items() if isinstance(value, DecoratorApi)]
        hint = f"; {', '.join(blueprints)} is a blueprint and is not indexed by itself" if blueprints else ""
        remedy = "write app = df.DFApp() at module level (one made inside a function is not found)" + (
            f" and app.register_functions({blueprints[0]})" if blueprints else ""
        )
        raise Refused([Problem("", f"there is no app object at module level{hint}", remedy, SCRIPT)])

    def unregistered(self, app: FunctionRegister) -> list[str]:
        """Names of the app's blueprints that hold functions none of which `app` knows: `module.name`."""
        known = {id(builder) for builder in builders(app)}
        return [
            f"{module.__name__}.{name}"
            for module in self._modules().values()
            for name, value in vars(module).items()
            if isinstance(value, DecoratorApi) and not isinstance(value, FunctionRegister)
            if builders(value) and not any(id(builder) in known for builder in builders(value))
        ]

    def where(self, code: CodeType | None) -> str:
        """`file.py:12` of a function, relative to the app; just function_app.py for code from elsewhere."""
        if code is None or not self._owns(code.co_filename):
            return SCRIPT
        return f"{Path(code.co_filename).relative_to(self.directory)}:{code.co_firstlineno}"

    def forget(self) -> None:
        """Take the app's modules and paths out of this process, so that another app can be imported."""
        if isinstance(self._app, AsgiFunctionApp):
            self._app.startup_task_done = False  # or its __del__ starts an event loop, perhaps inside another
        for name in self._modules():
            del sys.modules[name]
        for path in self._paths:
            if path in sys.path:
                sys.path.remove(path)

    def _modules(self) -> dict[str, ModuleType]:
        """Modules of the app that were imported since; never this host's own, nor installed packages."""
        host = __name__.partition(".")[0]
        return {
            name: module
            for name, module in list(sys.modules.items())
            if name not in self._before and name.partition(".")[0] != host and self._owns(_place_of(module))
        }

    def _owns(self, file: str | None) -> bool:
        if file is None:
            return False
        path = Path(file)
        return path.is_relative_to(self.directory) and "site-packages" not in path.parts

    def _import_problem(self, error: BaseException) -> Problem:
        if isinstance(error, SyntaxError) and self._owns(error.filename):
            assert error.filename is not None
            where = f"{Path(error.filename).relative_to(self.directory)}:{error.lineno}"
            return Problem("", f"{type(error).__name__}: {error.msg}", "correct the syntax", where)
        frames = [f for f in traceback.extract_tb(error.__traceback__) if self._owns(f.filename)]
        file, line = (Path(frames[-1].filename), frames[-1].lineno) if frames else (self.directory / SCRIPT, None)
        where = str(file.relative_to(self.directory)) + (f":{line}" if line else "")
        return Problem(_decorated_at(file, line), *_explained(error), where)

    def _assigned_at(self, name: str) -> str:
        """Where function_app binds `name` at module level."""
        for node in ast.parse((self.directory / SCRIPT).read_bytes()).body:
            bound = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound = [alias.asname or alias.name for alias in node.names]
            if name in bound:
                return f"{SCRIPT}:{node.lineno}"
        return SCRIPT


def builders(holder: DecoratorApi) -> list[Any]:
    """The functions declared on an app or blueprint, in order, as the SDK's FunctionBuilders."""
    declared: list[Any] = vars(holder)["_function_builders"]
    return declared


def _place_of(module: ModuleType) -> str | None:
    """A module's file, or the folder of a package without __init__.py; sys.modules may hold other things, too."""
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    return file if isinstance(file, str) else None


def _explained(error: BaseException) -> tuple[str, str]:
    """Rule and remedy for an error raised while function_app was imported."""
    text = str(error.args[0]) if error.args else ""
    for sign, rule, remedy in _DECORATOR_ERRORS:
        if sign in text:
            return f"{rule}: {text}", remedy
    raised_in = [frame.f_code.co_qualname for frame, _ in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, KeyError) and "HttpFunctionsAuthLevelMixin.__init__" in raised_in:
        rule = f"http_auth_level={text!r} is not one of ANONYMOUS, FUNCTION, ADMIN"
        return rule, "write an app's auth level in upper case, or use func.AuthLevel"
    if isinstance(error, ModuleNotFoundError):
        return f"importing it failed: {error}", "add the package to requirements.txt and install it"
    rule = f"importing it raised {type(error).__name__}: {error}"
    return rule, "a module of the app must import without an error"


def _decorated_at(file: Path, line: int | None) -> str:
    """The name of the function whose decorators stand at `line`, or nothing."""
    if line is None or file.suffix != ".py" or not file.is_file():
        return ""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list:
            first = node.decorator_list[0].lineno
            if first <= line <= node.lineno:
                return node.name
    return ""
