"""A loopback server that answers what a test lays out for it and keeps what it was asked, in Cosmos DB's wire format.

It decides nothing by itself: it shows which requests the store sends, and what the store makes of answers that the npm
server cannot give (transactional batches, throttling, change feeds, refusals by role).
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

RESOURCE_ID = "gAABAIAAAAE="


class Answer(NamedTuple):
    """One answer to come."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


class Asked(NamedTuple):
    """One request; kind says what it is about, headers have lower-case names."""

    kind: str
    headers: dict[str, str]
    body: Any


class Gateway:
    """answers: kind → what to answer, in turn, the last one again and again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []
        self.endpoint = ""

    def of(self, kind: str) -> list[Asked]:
        """The requests of one kind."""
        return [asked for asked in self.asked if asked.kind == kind]

    def answer(self, asked: Asked) -> Answer:
        """Keep the request and take its answer."""
        self.asked.append(asked)
        if asked.kind == "account":
            return Answer(200, self._account())
        if asked.kind == "ranges":
            return self._ranges(asked)
        laid_out = self.answers[asked.kind]
        return laid_out.pop(0) if len(laid_out) > 1 else laid_out[0]

    def _account(self) -> dict[str, Any]:
        here = [{"name": "Here", "databaseAccountEndpoint": self.endpoint}]
        return {
            "id": "account",
            "writableLocations": here,
            "readableLocations": here,
            "userConsistencyPolicy": {"defaultConsistencyLevel": "Session"},
            "queryEngineConfiguration": "{}",
        }

    def _ranges(self, asked: Asked) -> Answer:
        """The container's physical partitions, as a feed: those at first, then nothing new."""
        if "if-none-match" in asked.headers:
            return Answer(304, None, {"etag": '"1"'})
        whole = {"id": "0", "minInclusive": "", "maxExclusive": "FF", "parents": []}
        return Answer(200, {"PartitionKeyRanges": [whole], "_rid": RESOURCE_ID, "_count": 1}, {"etag": '"1"'})


def kind_of(method: str, path: str, headers: dict[str, str]) -> str:
    """What a request is about."""
    parts = path.split("?")[0].strip("/").split("/")
    if parts == [""]:
        return "account"
    if parts[-1] == "pkranges":
        return "ranges"
    if headers.get("x-ms-cosmos-is-batch-request", "").lower() == "true":
        return "batch"
    if method == "GET" and parts[-1] == "docs":
        return "changes"
    resource = {2: "database", 4: "container", 6: "record"}.get(len(parts), parts[-1])
    return f"{method} {resource}"


@contextmanager
def running() -> Iterator[Gateway]:
    """A fresh gateway on a free loopback port; it ends with the block."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            text = self.rfile.read(int(headers.get("content-length", 0)))
            kind = kind_of(self.command, self.path, headers)
            answer = gateway.answer(Asked(kind, headers, json.loads(text) if text else None))
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  (http.server names them so)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway.endpoint = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
