"""The least that the host's HTTP server can do: what an answer costs before any host stands behind it."""

from starlette.types import Receive, Scope, Send

_BODY = b"pong 1"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with the same few bytes."""
    if scope["type"] == "http":
        await receive()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(_BODY)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _BODY})
