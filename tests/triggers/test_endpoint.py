"""What every declared route gets: parsing, access, the envelope, problems, repetition, limits."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest


@pytest.fixture
def ann(example: Any) -> Iterator[httpx.Client]:
    with example.as_("customer", "ann") as client:
        yield client


def write(client: httpx.Client, key: str, **note: Any) -> httpx.Response:
    return client.post("/api/v1/notes", json={"text": "hello", **note}, headers={"Idempotency-Key": key})


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["remedy"]
    return body


def test_the_envelope(example: Any, ann: httpx.Client) -> None:
    answer = write(ann, "envelope-1")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"data", "machine_readable", "metadata"}
    assert body["metadata"]["api_version"] == "v1"
    assert body["metadata"]["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["location"] == f"/api/v1/notes/{body['data']['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert ann.get(answer.headers["location"]).json()["data"]["text"] == "hello"


def test_a_request_id_is_taken_over_if_it_is_a_plain_word(example: Any) -> None:
    assert example.http.get("/api/v1/health", headers={"X-Request-Id": "trace-12345678"}).headers["x-request-id"] == (
        "trace-12345678"
    )
    hostile = example.http.get("/api/v1/health", headers={"X-Request-Id": "a\tb" * 9})
    assert hostile.headers["x-request-id"].isalnum()


@pytest.mark.parametrize(
    ("content", "status", "code", "said"),
    [
        (b"{", 400, "malformed_json", "EOF"),
        (b"[]", 422, "invalid_request", "body"),
        (b"", 422, "invalid_request", "body.text"),
        (b'{"text": ""}', 422, "invalid_request", "body.text"),
        (b'{"text": "x", "stars": 6}', 422, "invalid_request", "body.stars"),
        (b'{"text": "x", "stars": "many"}', 422, "invalid_request", "body.stars"),
        (b'{"text": "x", "admin": true}', 422, "invalid_request", "body.admin"),
        (b'{"text": "' + b"x" * 201 + b'"}', 422, "invalid_request", "body.text"),
        (b'{"text": NaN}', 422, "invalid_request", "body.text"),
        (b'{"text": "\\ud800"}', 400, "malformed_json", ""),
        (b'{"text": "a\\u0000b"}', 422, "invalid_request", "NUL"),
        (b"\xff\xfe", 400, "malformed_json", ""),
        (b"[" * 100_000, 400, "malformed_json", ""),
        (b'{"text": "' + b"x" * 1_000_001 + b'"}', 413, "body_too_large", "1,000,000"),
    ],
)
def test_bad_bodies_are_answered_field_by_field(
    ann: httpx.Client, content: bytes, status: int, code: str, said: str
) -> None:
    headers = {"Idempotency-Key": "bad", "Content-Type": "application/json"}
    body = assert_problem(ann.post("/api/v1/notes", content=content, headers=headers), status, code)
    assert said in json.dumps(body)


def test_another_media_type(ann: httpx.Client) -> None:
    headers = {"Idempotency-Key": "media", "Content-Type": "text/csv"}
    assert_problem(ann.post("/api/v1/notes", content=b"a,b", headers=headers), 415, "unsupported_media_type")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "stars=9", "colour=red", "after=nonsense"])
def test_bad_queries(ann: httpx.Client, query: str) -> None:
    body = assert_problem(ann.get(f"/api/v1/notes?{query}"), 422, "invalid_request")
    assert f"query.{query.split('=')[0]}" in json.dumps(body["errors"])


def test_who_is_let_in(example: Any) -> None:
    path = "/api/v1/notes"
    assert_problem(example.http.get(path), 401, "unauthenticated")
    assert example.http.get(path).headers["www-authenticate"] == "Bearer"
    for header in ("Bearer", "Bearer x", "Basic YTpi", "Bearer a.b.c"):
        assert_problem(example.http.get(path, headers={"Authorization": header}), 401, "unauthenticated")
    with example.as_("partner", "shop") as partner:
        body = assert_problem(partner.get(path), 403, "forbidden")
        assert "customer" in body["detail"]
    assert_problem(
        example.http.get("/api/v1/health", headers={"Authorization": "Bearer x"}), 401, "unauthenticated"
    )


def test_a_stranger_and_nobody_get_the_same_answer(example: Any, ann: httpx.Client) -> None:
    path = write(ann, "private").headers["location"]
    with example.as_("customer", "bob") as bob:
        theirs = assert_problem(bob.get(path), 404, "not_found")
        nobodys = assert_problem(bob.get("/api/v1/notes/missing"), 404, "not_found")
        changed = bob.put(path, json={"text": "mine now"})
        assert_problem(changed, 404, "not_found")
    assert {**theirs, "request_id": ""} == {**nobodys, "request_id": ""}
    assert ann.get(path).json()["data"]["text"] == "hello"


def test_decisions_are_audited_without_the_token(example: Any, caplog: pytest.LogCaptureFixture) -> None:
    token = example.token("partner", "shop-7")
    with caplog.at_level(logging.INFO, logger="audit"):
        example.http.get("/api/v1/notes", headers={"Authorization": f"Bearer {token}"})
        example.http.get("/api/v1/notes", headers={"Authorization": "Bearer secret-token"})
    lines = [json.loads(record.message) for record in caplog.records if record.name == "audit"]
    assert [(line["decision"], line.get("subject")) for line in lines] == [("refused", "shop-7"), ("refused", None)]
    assert lines[0]["route"] == "GET /api/v1/notes"
    assert token not in caplog.text
    assert "secret-token" not in caplog.text


def test_the_same_key_and_body_get_the_first_answer_again(ann: httpx.Client) -> None:
    first, second = write(ann, "again"), write(ann, "again")
    assert second.json() == first.json()
    assert second.status_code == 201
    assert second.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(ann: httpx.Client) -> None:
    write(ann, "other")
    assert_problem(write(ann, "other", text="something else"), 409, "idempotency_key_reused")


def test_no_key_and_keys_that_cannot_be(ann: httpx.Client) -> None:
    assert_problem(ann.post("/api/v1/notes", json={"text": "x"}), 400, "idempotency_key_required")
    assert_problem(write(ann, "k" * 256), 422, "invalid_request")


def test_keys_of_others_are_others(example: Any, ann: httpx.Client) -> None:
    write(ann, "shared-key")
    with example.as_("customer", "bob") as bob:
        assert "idempotent-replayed" not in write(bob, "shared-key").headers


def test_a_refused_request_is_refused_again_and_can_be_mended_with_a_new_key(ann: httpx.Client) -> None:
    assert write(ann, "mend", stars=9).status_code == 422
    assert write(ann, "mend", stars=9).status_code == 422
    assert write(ann, "mend-2", stars=5).status_code == 201


def test_many_at_once_with_one_key_make_one(example: Any) -> None:
    with example.as_("customer", "crowd") as client, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: write(client, "one"), range(40)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        made = {answer.json()["data"]["id"] for answer in answers if answer.status_code == 201}
        assert len(made) == 1
        assert len(client.get("/api/v1/notes").json()["data"]["items"]) == 1
        for answer in answers:
            if answer.status_code == 409:
                assert_problem(answer, 409, "idempotency_in_progress")
                assert answer.headers["retry-after"]


def test_etags(ann: httpx.Client) -> None:
    path = write(ann, "etag").headers["location"]
    read = ann.get(path)
    unchanged = ann.get(path, headers={"If-None-Match": read.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    changed = ann.put(path, json={"text": "two"}, headers={"If-Match": read.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != read.headers["etag"]
    late = ann.put(path, json={"text": "three"}, headers={"If-Match": read.headers["etag"]})
    assert_problem(late, 412, "changed_meanwhile")
    assert ann.get(path, headers={"If-None-Match": read.headers["etag"]}).json()["data"]["text"] == "two"


def test_whoever_asks_for_no_version_is_not_told_that_somebody_was_quicker(ann: httpx.Client) -> None:
    path = write(ann, "stars").headers["location"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ann.post(f"{path}/stars"), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert ann.get(path).json()["data"]["stars"] == 4


def test_lists_page_to_their_end(example: Any) -> None:
    with example.as_("customer", "reader") as client:
        wanted = {write(client, f"n{number}", stars=number % 3).json()["data"]["id"] for number in range(11)}
        seen: list[str] = []
        after = None
        while True:
            page = client.get("/api/v1/notes", params={"limit": 4} | ({"after": after} if after else {})).json()["data"]
            seen += [note["id"] for note in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert len(seen) == 11
        assert set(seen) == wanted
        starred = client.get("/api/v1/notes", params={"stars": 2}).json()["data"]["items"]
        assert {note["stars"] for note in starred} == {2}


def test_a_fault_tells_nothing_and_is_noted(example: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = example.http.get("/api/v1/broken")
    assert_problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "no_such_route"),
        ("GET", "/api/v1/notes/a/b", 404, "no_such_route"),
        ("DELETE", "/api/v1/notes", 405, "method_not_allowed"),
        ("PATCH", "/api/v1/notes/x", 405, "method_not_allowed"),
    ],
)
def test_routes_that_are_not_there(example: Any, method: str, path: str, status: int, code: str) -> None:
    answer = example.http.request(method, path)
    assert_problem(answer, status, code)
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_ids_of_any_kind_are_just_not_there(ann: httpx.Client) -> None:
    ids = ["%23", "a%3Fb", "a%5Cb", "%20", "a%20", ".%2e", "%00"]
    for hostile in (*ids, "..%2F..%2Fetc", "x" * 256, "'%20OR%201=1--", "%E2%80%AE"):
        assert_problem(ann.get(f"/api/v1/notes/{hostile}"), 404, "not_found")
        assert_problem(ann.put(f"/api/v1/notes/{hostile}", json={"text": "x"}), 404, "not_found")


def test_rate_limits(run_app: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    app = request.path.parents[1] / "example"
    with (
        run_app(app, CALLS_PER_MINUTE="40", ANONYMOUS_CALLS_PER_MINUTE="400") as house,
        house.as_("customer", "eager") as eager,
        house.as_("customer", "calm") as calm,
    ):
        answers = [eager.get("/api/v1/notes") for _ in range(12)]
        assert [answer.status_code for answer in answers].count(200) in (10, 11)
        assert_problem(answers[-1], 429, "too_many_requests")
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert calm.get("/api/v1/notes").status_code == 200


def test_web_pages_of_other_origins(run_app: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    app = request.path.parents[1] / "example"
    with run_app(app, CORS_ORIGINS="https://shop.example") as house:
        asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        preflight = house.http.options("/api/v1/notes", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
        assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
        called = house.http.get("/api/v1/health", headers={"Origin": "https://shop.example"})
        assert called.headers["access-control-allow-origin"] == "https://shop.example"
        stranger = house.http.get("/api/v1/health", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
