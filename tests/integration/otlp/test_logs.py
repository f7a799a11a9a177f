"""Log lines by OTLP: what a collector receives, and what happens without one."""

import gzip
import json
import logging
import threading
import time
import weakref
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from aiworker.adapters.otlp.logs import OtlpHandler
from aiworker.core.logging import configure_logging, get_logger, log_context
from tests.support.http_server import free_socket


class Collector:
    """What a collector was sent."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.requests: list[ExportLogsServiceRequest] = []
        self.url = ""

    @property
    def records(self) -> list[tuple[str, dict[str, str]]]:
        """Severity, and the line itself."""
        return [
            (record.severity_text, json.loads(record.body.string_value))
            for request in self.requests
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def service(self) -> str:
        """What the process calls itself."""
        attributes = self.requests[0].resource_logs[0].resource.attributes
        return next(each.value.string_value for each in attributes if each.key == "service.name")


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            found.paths.append(self.path)
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            found.requests.append(ExportLogsServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("restored")
def test_a_collector_receives_the_same_lines_with_their_ids_and_without_secrets(collector: Collector) -> None:
    handler = OtlpHandler(collector.url, {"x-scope-orgid": "team"})
    here = StringIO()
    configure_logging(level="info", format="text", stream=here, beside=handler)
    with log_context(task_id="SHOP-12"):
        get_logger("aiworker.sent").warning("it_happened", token="hunter2", url="https://ada:hunter2@git.example")
    logging.getLogger("some.library").error("broken by %s", "hand")
    handler.close()
    (severity, line), (other, foreign) = collector.records
    assert (severity, line["message"], line["task_id"]) == ("WARNING", "it_happened", "SHOP-12")
    assert (other, foreign["message"]) == ("ERROR", "broken by hand")
    assert "hunter2" not in str(collector.requests)
    assert "it_happened" in here.getvalue()
    assert collector.paths[0] == "/v1/logs"
    assert collector.headers[0]["x-scope-orgid"] == "team"
    assert collector.service() == "aiworker"


@pytest.mark.usefixtures("restored")
def test_without_a_collector_nobody_waits_and_nothing_runs_in_circles() -> None:
    bound = free_socket()
    port: int = bound.getsockname()[1]
    bound.close()
    handler = OtlpHandler(f"http://127.0.0.1:{port}", {}, farewell=0.2)
    began = time.monotonic()
    configure_logging(stream=StringIO(), beside=handler)
    for number in range(1_000):
        get_logger("aiworker.sent").info("said", number=number)
    # As at the end of the process.
    logging.shutdown([weakref.ref(handler)])
    assert time.monotonic() - began < 4


@pytest.mark.usefixtures("restored")
def test_what_the_sender_complains_of_is_not_sent(collector: Collector) -> None:
    handler = OtlpHandler(collector.url, {})
    configure_logging(stream=StringIO(), beside=handler)
    logging.getLogger("opentelemetry.sdk").error("no collector")
    logging.getLogger("urllib3.connectionpool").warning("retrying")
    handler.close()
    assert collector.requests == []
