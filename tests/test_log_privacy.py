"""The logs of a whole order, from the first question to the last payment: what belongs together is found in them by its
ids, and nobody is found by anything else."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import logs
from shared.traces import trace_of, trace_of_flow

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STREET, NAME, GREETING = "1200 Quillfeather Lane", "Annelise Quartermain", "may your marzipan never melt"
EMAIL, PHONE, CARD = "annelise.q@mail.example", "+1 (512) 555-0177", "4242 4242 4242 4242"
HOME = {"address": f"{STREET}, Austin, attn. {NAME} {PHONE}", "lat": 30.2583, "lng": -97.7826}
OF_THE_CLIENT = ("httpx", "httpcore")
PRIVATE = [
    "Quillfeather", "Annelise", "annelise", "Quartermain", "marzipan", "mail.example", "555-0177", "5550177",
    "4242 4242", "42424242", "Bearer ey", "eyJ", "30.2583", "97.7826",
]  # fmt: skip


class Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record, logs.Line) and not record.name.startswith(OF_THE_CLIENT):
            self.records.append(record)
            if isinstance(self.formatter, logs.JsonLines):  # before the first call the host alone speaks
                self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    """All that is logged in this process, at every level."""
    root, handler, factory = logging.getLogger(), Heard(), logging.getLogRecordFactory()
    formatters = [(one, one.formatter) for one in root.handlers]
    names = (None, logs.REQUESTS, logs.STEPS)
    levels = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    logging.setLogRecordFactory(factory)
    for one, formatter in formatters:
        one.setFormatter(formatter)
    for logger, level in levels:
        logger.setLevel(level)


@pytest.fixture(scope="module")
def story(heard: Heard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """An order with all that is private in every field that takes it; the ids that came of it."""
    from tests.conftest import ROOT, house

    heard.records.clear()
    with house(tmp_path_factory.mktemp("story"), ROOT, MONDAY, CITY="data/austin", LOGS="json") as town:
        yield tell(town)


def tell(town: Any) -> dict[str, Any]:
    ann = town.as_("customer", "c-81")
    ann.headers["traceparent"] = PARENT
    said = f"a blanket with monogram for {NAME}, {STREET}, {EMAIL}, {PHONE}, card {CARD}: {GREETING}"
    town.http.post("/api/v1/chat", json={"text": said, "location": {"lat": 30.2583, "lng": -97.7826}})
    town.http.get("/api/v1/products", params={"q": said, "lat": 30.2583, "lng": -97.7826})
    found = town.http.get("/api/v1/products", params={"q": "baby blanket monogram", "partner": "monogram-room"})
    line = {
        "product_id": found.json()["data"]["items"][0]["id"],
        "customization": {"kind": "monogramming", "text": "AQ"},
    }
    body = {
        "lines": [line, {"product_id": "rosie-and-thorn.ROSE-12"}],
        "deliver_to": HOME,
        "deliver_by": "2026-11-29T00:00:00Z",
        "payment": {"method": "card_ok"},
    }
    key = {"Idempotency-Key": f"{EMAIL} {NAME}"}
    placed = ann.post("/api/v1/orders", json=body, headers=key)
    assert placed.status_code == 202, placed.text
    order = placed.json()["data"]["id"]
    town.host.settle()
    ann.get(f"/api/v1/orders/{order}", headers={"X-Request-Id": "my-own-request"})
    assert ann.post("/api/v1/orders", json={**body, "name": NAME}, headers=key).status_code == 422
    declined = {**body, "payment": {"method": "card_declined"}}
    refused = ann.post("/api/v1/orders", json=declined, headers={"Idempotency-Key": PHONE}).json()["data"]["id"]
    town.host.settle()
    town.as_("customer", "bob").get(f"/api/v1/orders/{order}")
    town.http.get(f"/api/v1/orders/{order}", headers={"Authorization": f"Bearer {EMAIL}"})
    town.http.get(f"/api/v1/orders/{order}", headers={"Authorization": ann.headers["Authorization"] + "x"})
    town.http.get(f"/api/v1/{EMAIL}/{PHONE}")
    assert ann.post(f"/api/v1/orders/{order}/delivery-confirmation").status_code == 202
    town.host.settle()
    return {"order": order, "refused": refused, "answer": placed, "token": ann.headers["Authorization"]}


def lines(heard: Heard, **wanted: Any) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in heard.lines]
    return [one for one in told if all(one.get(name) == value for name, value in wanted.items())]


def test_a_line_a_request_is_the_hosts_to_tell_unless_json_is_wanted(run_app: Callable[..., Any], heard: Heard) -> None:
    with run_app() as house:
        assert house.http.get("/api/v1/health", headers={"X-Request-Id": "quiet-please"}).status_code == 200
    names = {record.name for record in heard.records}
    assert "audit" in names
    assert "app.requests" not in names
    assert heard.lines == []


def test_nobody_can_be_found_in_them(heard: Heard, story: dict[str, Any]) -> None:
    assert len(heard.lines) > 50, "or there was nothing to look at"
    secrets = [*PRIVATE, *story["token"].removeprefix("Bearer ").split(".")]
    found = [(secret, line) for line in heard.lines for secret in secrets if secret in line]
    assert found == []
    # What any other handler could get at.
    kept = [(secret, record) for record in heard.records for secret in secrets if secret in repr(vars(record))]
    assert kept == []


def test_every_line_is_json(heard: Heard, story: dict[str, Any]) -> None:
    for line in heard.lines:
        assert {"at", "level", "logger", "message"} <= json.loads(line).keys()


def test_a_request_is_found_by_its_id_with_its_trace_and_its_order(heard: Heard, story: dict[str, Any]) -> None:
    answer, order = story["answer"], story["order"]
    [line] = lines(heard, logger="app.requests", request=answer.headers["x-request-id"])
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/v1/orders", 202)
    assert line["order"] == order
    assert line["ms"] > 0
    given = trace_of(answer.headers["traceparent"])
    sent = trace_of(PARENT)
    assert given is not None
    assert sent is not None
    assert line["trace"] == given.trace_id == sent.trace_id
    assert given.span_id != sent.span_id
    [seen] = lines(heard, logger="app.requests", request="my-own-request")
    assert (seen["order"], seen["status"]) == (order, 200)
    [access] = lines(heard, logger="audit", request="my-own-request")
    assert (access["subject"], access["decision"], access["trace"]) == ("c-81", "allowed", sent.trace_id)


def test_all_steps_of_an_order_are_found_by_its_id(heard: Heard, story: dict[str, Any]) -> None:
    order = story["order"]
    steps = lines(heard, logger="app.steps", instance=order)
    assert {"read_order", "authorise", "capture", "tell_order"} <= {one["step"] for one in steps}
    assert {one["outcome"] for one in steps} == {"done"}
    [authorise] = [one for one in steps if one["step"] == "authorise"]
    assert authorise["key"].startswith(f"{order}:0:authorise:")
    assert authorise["order"] == order
    of_order = [one for one in lines(heard, logger="app.steps") if one["instance"].partition(":")[0] == order]
    assert len(of_order) > len(steps), "those of the flows that it has started"
    assert {one["trace"] for one in of_order} == {trace_of_flow(order).trace_id}


def test_a_refusal_is_told_by_its_reason(heard: Heard, story: dict[str, Any]) -> None:
    [authorise] = lines(heard, logger="app.steps", instance=story["refused"], step="authorise")
    assert (authorise["outcome"], authorise["reason"]) == ("refused", "card_declined")
