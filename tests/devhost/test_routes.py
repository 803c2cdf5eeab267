"""Route templates, their constraints, precedence, methods and conflicts."""

from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devhost.routes import Found, MethodNotAllowed, RouteError, RouteTable, Template


@dataclass(frozen=True)
class Handler:
    """What the table reads of a function."""

    name: str
    route: str
    methods: frozenset[str] = field(default_factory=frozenset)
    auth_level: str = "ANONYMOUS"
    where: str = "function_app.py:1"


def table(*routes: str, prefix: str = "api") -> RouteTable:
    """A table whose functions are named by their route; `GET,PUT a/b` limits the methods."""
    handlers = []
    for text in routes:
        methods, _, route = text.rpartition(" ")
        handlers.append(Handler(text, route, frozenset(methods.split(",")) if methods else frozenset()))
    return RouteTable(prefix, handlers)


def found(routes: RouteTable, path: str, method: str = "GET") -> str:
    result = routes.find(method, path)
    assert isinstance(result, Found), result
    return result.function.name


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("", "/", {}),
        ("", "", {}),
        ("", "/a", None),
        ("hello", "/hello", {}),
        ("hello", "hello", {}),
        ("/hello", "/hello", {}),
        ("~/hello/", "/hello", {}),
        ("hello", "/HeLLo/", {}),
        ("hello", "/hello//", None),
        ("hello", "//hello", None),
        ("hello", "/hello/there", None),
        ("café", "/caf%C3%A9", {}),
        ("CAFÉ", "/caf%c3%a9", {}),
        ("orders/{id}", "/orders/A-1", {"id": "A-1"}),
        ("orders/{id}", "/orders", None),
        ("orders/{id}", "/orders/", None),
        ("orders/{id}", "/orders//", None),
        ("orders/{Id}", "/orders/a%20b", {"Id": "a b"}),
        ("orders/{id}", "/orders/a%2Fb", {"id": "a/b"}),
        ("orders/{id}", "/orders/a%252Fb", {"id": "a%2Fb"}),
        ("orders/{id}", "/orders/a+b", {"id": "a+b"}),
        ("orders/{id}/lines", "/orders/1/LINES", {"id": "1"}),
        ("orders/{id?}", "/orders", {}),
        ("orders/{id?}", "/orders/7", {"id": "7"}),
        ("orders/{id:int?}", "/orders", {}),
        ("orders/{id:int?}", "/orders/x", None),
        ("orders/{id=all}", "/orders", {"id": "all"}),
        ("orders/{id=all}", "/orders/7", {"id": "7"}),
        ("orders/{id=}", "/orders", {"id": ""}),
        ("{a=1}/{b=2}", "/", {"a": "1", "b": "2"}),
        ("{a=1}/{b?}", "/x", {"a": "x"}),
        ("{a?}/x", "/x", None),
        ("files/{*rest}", "/files", {}),
        ("files/{*rest}", "/files/", {}),
        ("files/{*rest}", "/files/a/b", {"rest": "a/b"}),
        ("files/{**rest}", "/files/a/b/", {"rest": "a/b/"}),
        ("files/{*rest}", "/files/a//b", {"rest": "a//b"}),
        ("files/{*rest}", "/files//b", None),
        ("files/{*rest}", "/files/a%2Fb/..", {"rest": "a/b/.."}),
        ("files/{*rest=index}", "/files", {"rest": "index"}),
        ("files/{*rest:minlength(1)}", "/files", None),
        ("/{*route}", "/", {}),
        ("{a}-{b}", "/x-y", {"a": "x", "b": "y"}),
        ("{a}-{b}", "/x-y-z", {"a": "x-y", "b": "z"}),
        ("{a}-{b}", "/x--", {"a": "x", "b": "-"}),
        ("{a}-{b}", "/x-", None),
        ("{a}-{b}", "/-x", None),
        ("{a}-{b}", "/x", None),
        ("v{n:int}", "/V12", {"n": "12"}),
        ("v{n:int}", "/vx", None),
        ("v{n:int}.json", "/v1.JSON", {"n": "1"}),
        ("v{n}.json", "/v.json", None),
        ("a{n}b{m}c", "/a1b2c", {"n": "1", "m": "2"}),
        ("a{n}b{m}c", "/xa1b2c", None),
        ("a{n}b{m}c", "/a1b2cx", None),
        ("{name}.{ext?}", "/readme.md", {"name": "readme", "ext": "md"}),
        ("{name}.{ext?}", "/readme", {"name": "readme"}),
        ("{name}.{ext?}", "/readme.", None),
        ("{{a}}/{b}", "/%7Ba%7D/1", {"b": "1"}),
        (r"{tin:regex(^\d{{3}}-\d{{2}}$)}", "/123-45", {"tin": "123-45"}),
        (r"{tin:regex(^\d{{3}}-\d{{2}}$)}", "/1234-5", None),
        ("{a:regex(^(x|y:z)=1$)}/b", "/y%3Az%3D1/b", {"a": "y:z=1"}),
        ("{a:regex(^x/y$)}", "/x%2Fy", {"a": "x/y"}),
        ("{a:regex(^x:y$):int=5}", "/", None),
        ("{a:regex(^(5|6)$):int=5}", "/", {"a": "5"}),
        ("{a:regex(^x=y$)}", "/x%3Dy", {"a": "x=y"}),
        ("{a::int}", "/5", {"a": "5"}),
        ("{a:int:min(5):max(7)=6}", "/", {"a": "6"}),
        ("{a:int:min(5):max(7)}", "/8", None),
        ("{a:int:min(5):max(7)}", "/7", {"a": "7"}),
    ],
)
def test_what_a_template_takes_from_a_path(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert Template(template).match(path) == expected


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", ["0", "-5", "+7", "2147483647", " 1 ", "007"], ["2147483648", "1.0", "x", "٣", "9" * 9999]),
        ("long", ["9223372036854775807", "-9223372036854775808"], ["9223372036854775808", "1e3"]),
        ("bool", ["true", "FALSE"], ["1", "yes"]),
        (
            "datetime",
            ["2026-12-31", "2026-12-31T23:59:59", "2026-12-31 7:32pm", "2026-12-31 07:32 PM", "12-31-2026",
             "2026-12-31T10:00:00.5Z", "2026-12-31T10:00:00+02:00", "12/31/2026 10:00"],
            ["2026-13-01", "soon", "1", "2" * 9999],
        ),
        ("decimal", ["1", "-1.5", ".5", "1,000.5", "5."], ["1e5", "x", "1" * 40, "1" * 9999 + "x"]),
        ("double", ["1e5", "-1.5", "NaN", "Infinity", "1" * 400], ["x", "1e", "", "1" * 9999 + "x"]),
        ("float", ["1.5"], ["one"]),
        (
            "guid",
            ["0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5BD9CB469FA16570867728950E",
             "{0f8fad5b-d9cb-469f-a165-70867728950e}", "(0f8fad5b-d9cb-469f-a165-70867728950e)"],
            ["0f8fad5b-d9cb-469f-a165", "{0f8fad5b-d9cb-469f-a165-70867728950e)", "x"],
        ),
        ("alpha", ["abcXYZ"], ["a1", "é"]),
        ("length(3)", ["abc"], ["ab", "abcd"]),
        ("length(2, 3)", ["ab", "abc"], ["a", "abcd"]),
        ("minlength(2)", ["ab"], ["a"]),
        ("maxlength(2)", ["ab"], ["abc"]),
        ("min(18)", ["18", "99"], ["17", "x"]),
        ("max(-1)", ["-1"], ["0", "x"]),
        ("range(1,9)", ["1", "9"], ["0", "10", "x"]),
        ("regex(^a+$)", ["a", "AAA"], ["b"]),
        ("required", ["x"], []),
        ("file", ["a.txt", ".htaccess"], ["a", "a."]),
        ("nonfile", ["a", "a."], ["a.txt"]),
        ("INT", ["5"], ["x"]),
        ("int:min(3):max(5)", ["4"], ["2", "6"]),
    ],
)  # fmt: skip
def test_constraints(constraint: str, good: list[str], bad: list[str]) -> None:
    template = Template(f"{{x:{constraint}}}")
    for value in good:
        assert template.match("/" + quote(value, safe="")) == {"x": value}
    for value in bad:
        assert template.match("/" + quote(value, safe="")) is None


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("a//b", "two slashes in a row"),
        ("{a", "brace without its partner"),
        ("a}", "brace without its partner"),
        ("{a:regex({2})}", "brace without its partner"),
        ("{}", "no proper name"),
        ("{*}", "no proper name"),
        ("{a?b}", "no proper name"),
        ("{:int}", "no proper name"),
        ("{a}/{A}", "twice"),
        ("{a}{b}", "right beside"),
        ("{*a}/b", "whole last segment"),
        ("x{*a}", "whole last segment"),
        ("{*a?}", "cannot be optional"),
        ("{a=1?}", "cannot be optional"),
        ("{a}-{b?}", "only a full stop"),
        ("{a?}.x", "has to end its segment"),
        ("a?b", "routes have no query"),
        ("{a:number}", 'constraint "number" is not known; write one of int, long'),
        ("{a:length}", 'constraint "length" takes one or two numbers in brackets, found ""'),
        ("{a:min(x)}", 'constraint "min" takes one number in brackets, found "x"'),
        ("{a:range(1)}", 'constraint "range" takes two numbers'),
        ("{a:int(3)}", 'constraint "int" takes nothing in brackets'),
        ("{a:regex}", 'constraint "regex" takes an expression'),
        ("{a:regex([)}", "cannot read"),
        ("{a:length(3}", "close its bracket"),
    ],
)
def test_bad_templates_are_refused(template: str, sentence: str) -> None:
    with pytest.raises(RouteError) as refused:
        Template(template)
    assert sentence in str(refused.value)


def test_the_more_specific_route_wins_whatever_the_order() -> None:
    texts = ["{*rest}", "{a}/{b}", "{a}/{b:int}", "{a}/x-{b}", "items/{b}", "items/{b:int}", "items/new",
             "items", "items/{b?}", "items/{*rest}"]  # fmt: skip
    for routes in (table(*texts), table(*reversed(texts))):
        assert found(routes, "/api/items") == "items"
        assert found(routes, "/api/items/new") == "items/new"
        assert found(routes, "/api/items/7") == "items/{b:int}"
        assert found(routes, "/api/items/seven") == "items/{b}"
        assert found(routes, "/api/items/7/8") == "items/{*rest}"
        assert found(routes, "/api/other/7") == "{a}/{b:int}"
        assert found(routes, "/api/other/x-y") == "{a}/x-{b}"
        assert found(routes, "/api/other/y") == "{a}/{b}"
        assert found(routes, "/api/other") == "{*rest}"
        assert found(routes, "/api") == "{*rest}"
        assert routes.find("GET", "/") is None


def test_a_literal_beginning_that_leads_nowhere_does_not_hide_a_parameter() -> None:
    routes = table("a/b/c", "{x}/b/d", "{x}/{y}/e")
    assert found(routes, "/api/a/b/d") == "{x}/b/d"
    assert found(routes, "/api/a/b/e") == "{x}/{y}/e"


def test_methods() -> None:
    routes = table("GET a", "PUT,POST a", "b", "get c")
    assert found(routes, "/api/a", "get") == "GET a"
    assert found(routes, "/api/a", "POST") == "PUT,POST a"
    assert routes.find("DELETE", "/api/a") == MethodNotAllowed(("GET", "POST", "PUT"))
    assert found(routes, "/api/b", "PATCH") == "b"
    assert found(routes, "/api/c", "GET") == "get c"


def test_a_lesser_route_that_accepts_the_method_wins_over_405() -> None:
    routes = table("GET items/{id}", "POST items/new", "{*rest}")
    assert found(routes, "/api/items/new", "POST") == "POST items/new"
    assert found(routes, "/api/items/new", "GET") == "GET items/{id}"
    assert found(routes, "/api/items/new", "DELETE") == "{*rest}"


def test_the_allowed_methods_are_those_of_routes_whose_constraints_hold() -> None:
    routes = table("PUT items/{id:int}", "DELETE items/{id}")
    assert routes.find("GET", "/api/items/x") == MethodNotAllowed(("DELETE",))
    assert routes.find("GET", "/api/items/1") == MethodNotAllowed(("DELETE", "PUT"))


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("", "/hello/x"),
        ("api", "/api/hello/x"),
        ("/v1/api/", "/V1/api/hello/x"),
        ("{tenant}", "/acme/hello/x"),
    ],
)
def test_the_prefix_is_joined(prefix: str, path: str) -> None:
    assert found(table("/hello/{who}", prefix=prefix), path) == "/hello/{who}"
    assert table("/hello/{who}", prefix=prefix).find("GET", "/hello") is None


def test_an_empty_route_is_the_prefix_itself() -> None:
    routes = RouteTable("api", [Handler("root", "")])
    assert found(routes, "/api") == "root"
    assert found(routes, "/api/") == "root"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a/{x}", "A/{y}"),
        ("GET,PUT a", "POST,PUT a"),
        ("{*x}", "{**y}"),
        ("a/", "/a"),
        ("{x:int}", "GET {y:int}"),
    ],
)
def test_two_functions_with_one_route_are_refused_by_name(one: str, two: str) -> None:
    with pytest.raises(RouteError) as refused:
        table(one, two)
    assert f"{one} (function_app.py:1) and {two} (function_app.py:1) both serve" in str(refused.value)


@pytest.mark.parametrize(
    ("one", "two"), [("GET a", "PUT a"), ("{x:int}", "{x:guid}"), ("a/{x}", "a/{x?}"), ("{x}", "{*x}")]
)
def test_routes_that_differ_are_no_conflict(one: str, two: str) -> None:
    table(one, two)


def test_a_bad_route_names_its_function() -> None:
    with pytest.raises(RouteError, match=r"^broken \(function_app.py:1\): \"api/a//b\" has two slashes"):
        RouteTable("api", [Handler("broken", "a//b")])
    with pytest.raises(RouteError, match="route prefix"):
        RouteTable("{", [])


HOSTILE = [
    "", "/", "//", "///" * 99, "/..", "/../../etc/passwd", "/%2e%2e/%2f", "/%", "/%zz", "/%ff%fe", "/%00",
    "/a\0b", "/\ud800", "/" + "a" * 10_000, "/a" * 10_000, "/" + "-" * 10_000, "/" + "%2d" * 3_000, "/İ-İ",
    "/" + "." * 10_000, "/?x=1", "/{a}", "api", "/api/" + "9" * 10_000, "/api/" + " " * 10_000 + "x",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE, ids=range(len(HOSTILE)))
def test_no_path_raises(path: str) -> None:
    routes = table(
        "{a}-{b}-{c}-{d}.txt", "{a}/{b}/{c?}", "{n:int}", "{n:double}/x", "x/{d:datetime}", "{g:guid}",
        "api/{n:long}", "api/{f:float}", "api/{m:decimal}", "{*r:decimal}", "{a}.{b?}", prefix="",
    )  # fmt: skip
    routes.find("GET", path)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises_as_a_path(path: str) -> None:
    table("{a}-{b}", "{a}/{b?}", "x{a}y", "{*rest}", prefix="").find("GET", path)


@settings(deadline=None)
@given(st.text(alphabet="{}/:=?*()ab.-1", max_size=20))
def test_a_template_is_read_or_refused(text: str) -> None:
    try:
        Template(text).match("/a/b-1.a")
    except RouteError as refused:
        assert str(refused)


names = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=5)
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
words = st.text(alphabet="abc", min_size=1)


@settings(deadline=None)
@given(names, st.data())
def test_a_formatted_template_gives_its_parameters_back(parameters: list[str], data: st.DataObject) -> None:
    template, path, expected = "", "", {}
    for name in parameters:
        value = data.draw(values)
        literal = data.draw(st.sampled_from(["", "items/", "ä/"]))
        mark = data.draw(st.sampled_from(["", "", "?", "=x"])) if name == parameters[-1] else ""
        template += f"/{literal}{{{name}{mark}}}"
        path += f"/{quote(literal)}{quote(value, safe='')}"
        expected[name] = value
    assert Template(template).match(path) == expected
    assert found(table(template), "/api" + path) == template


@settings(deadline=None)
@given(st.text(alphabet="abc_", min_size=1), words, words)
def test_a_mixed_segment_gives_its_parameters_back(a: str, b: str, c: str) -> None:
    assert Template("{a}_{b}-{c}.json").match(f"/{a}_{b}-{c}.json") == {"a": a, "b": b, "c": c}
