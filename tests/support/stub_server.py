"""A server that answers what a test tells it to, and keeps what it was asked: for tests of clients."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


def data(value: Any, **more: Any) -> Reply:
    """Success."""
    return Reply({"success": True, "data": value, **more})


def problem(status: int, code: str, message: str, **more: Any) -> Reply:
    """Failure."""
    return Reply({"success": False, "error": {"code": code, "message": message, "details": {}, **more}}, status)


@dataclass(slots=True)
class Stub:
    """Answers by method and path (`GET /api/tasks`); the last answer of a list is given again and again."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def on(self, what: str, *replies: Reply) -> None:
        """Set the answers to one kind of request."""
        self.replies[what] = list(replies)

    def answer(self, asked: Asked) -> Reply:
        """The next answer to a request."""
        self.asked.append(asked)
        replies = self.replies.get(f"{asked.method} {asked.path}")
        if not replies:
            return problem(404, "not_found", f"Nothing is planned for {asked.method} {asked.path}.")
        return replies.pop(0) if len(replies) > 1 else replies[0]


@contextmanager
def stub_server() -> Generator[Stub]:
    """A stub on a free port of this machine."""
    stub = Stub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub.answer))
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _read(raw: bytes, kind: str) -> Any:
    if kind == "application/x-ndjson":
        return [json.loads(line) for line in raw.splitlines()]
    return json.loads(raw) if raw else None


def _handler(answer: Callable[[Asked], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", "0"))
            raw = self.rfile.read(length)
            reply = answer(
                Asked(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=_read(raw, self.headers.get("Content-Type", "")),
                )
            )
            payload = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(payload)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Tests read `Stub.asked` instead."""

    return Handler
