"""A loopback server that takes spans: as a collector does over OTLP (protobuf by HTTP), and as Application Insights
does over its track endpoint (JSON, in the shape that the exporter of Microsoft sends).

OTLP: https://opentelemetry.io/docs/specs/otlp.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class SpansPeer:
    """spans: what has come in, as name, trace, span, parent, is_error and attributes."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self.url = ""

    def otlp(self, body: bytes) -> bytes:
        """One export to a collector."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                self.spans.append(
                    {
                        "name": span.name,
                        "trace": span.trace_id.hex(),
                        "span": span.span_id.hex(),
                        "parent": span.parent_span_id.hex(),
                        "is_error": span.status.code == 2,
                        **{one.key: one.value.string_value or one.value.int_value for one in span.attributes},
                    }
                )
        return b""

    def track(self, body: bytes) -> bytes:
        """One export to Application Insights."""
        envelopes = json.loads(body)
        for one in envelopes:
            if one["data"]["baseType"] != "RemoteDependencyData":
                continue
            data, tags = one["data"]["baseData"], one["tags"]
            self.spans.append(
                {
                    "name": data["name"],
                    "trace": tags["ai.operation.id"],
                    "span": data["id"],
                    "parent": tags["ai.operation.parentId"],
                    "is_error": not data["success"],
                    **data["properties"],
                }
            )
        return json.dumps(
            {"itemsReceived": len(envelopes), "itemsAccepted": len(envelopes), "errors": []}
        ).encode()


@contextmanager
def running() -> Iterator[SpansPeer]:
    """A fresh server on a free loopback port; it ends with the block."""
    peer = SpansPeer()
    paths: dict[str, Callable[[bytes], bytes]] = {"/v1/traces": peer.otlp, "/v2.1/track": peer.track}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            take = paths.get(self.path)
            answer = take(body) if take else b""
            self.send_response(200 if take else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
