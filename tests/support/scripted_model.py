"""A stand-in for the model behind a coding CLI: the messages API over HTTP, played from a scenario."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

from tests.support.scenario import Failure, Script, ScriptedModel, Step, Turn
from tests.support.talk import Json, Talk

_PIECE = 48


@contextmanager
def scripted_model(*turns: Step | Script) -> Generator[ScriptedModel]:
    """A model on a free port of this machine that plays these turns, or several scripts; none may have failed."""
    scripts = [turn for turn in turns if isinstance(turn, Script)]
    steps = [turn for turn in turns if not isinstance(turn, Script)]
    model = ScriptedModel(*scripts, *([Script(steps)] if steps else []))
    server = _Server(model)
    model.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert not model.problems, model.problems


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, model: ScriptedModel) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _model(self) -> ScriptedModel:
        return cast("_Server", self.server).model

    def do_HEAD(self) -> None:
        self._send(200, {})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        if path == "/v1/messages/count_tokens":
            self._send(200, {"input_tokens": len(raw) // 4})
        elif path == "/v1/messages":
            self._message(json.loads(raw))
        else:
            self._send(404, _error("not_found_error"))

    def _message(self, body: Json) -> None:
        key = self.headers.get("x-api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")
        answer = self._model.reply(Talk(key, self.headers.get("x-claude-code-session-id", ""), body))
        if isinstance(answer, Failure):
            self._send(answer.status, _error(_KINDS.get(answer.status, "api_error")), answer.headers)
            return
        message = _message(answer, body.get("model", "scripted"))
        try:
            if body.get("stream"):
                self._stream(answer, message)
            else:
                self._model.wait_for(answer, lambda: None)
                self._send(200, message)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client was ended: tests do that

    def _stream(self, answer: Turn, message: Json) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        usage = {**message["usage"], "output_tokens": 1}
        self._event("message_start", message={**message, "content": [], "stop_reason": None, "usage": usage})
        self._model.wait_for(answer, lambda: self._event("ping"))
        for index, block in enumerate(message["content"]):
            begun, deltas = _pieces(block)
            self._event("content_block_start", index=index, content_block=begun)
            for delta in deltas:
                self._event("content_block_delta", index=index, delta=delta)
            self._event("content_block_stop", index=index)
        ended = {"stop_reason": message["stop_reason"], "stop_sequence": None}
        self._event("message_delta", delta=ended, usage=message["usage"])
        self._event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, kind: str, **data: Any) -> None:
        event = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.flush()

    def _send(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests read `ScriptedModel.asked` instead."""


_KINDS = {401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error"}


def _error(kind: str) -> Json:
    return {"type": "error", "error": {"type": kind, "message": kind.replace("_", " ")}}


def _message(turn: Turn, name: str) -> Json:
    content: list[Json] = [{"type": "text", "text": turn.text}] if turn.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{uuid4().hex}", "name": call.tool, "input": dict(call.input)}
        for call in turn.calls
    ]
    return {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": name,
        "content": content,
        "stop_reason": "tool_use" if turn.calls else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": turn.tokens_in,
            "output_tokens": turn.tokens_out,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }


def _pieces(block: Json) -> tuple[Json, list[Json]]:
    """A block of content as a stream begins it, and what follows piece by piece."""
    if block["type"] == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in _cut(block["text"])]
    written = json.dumps(block["input"])
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in _cut(written)]


def _cut(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
