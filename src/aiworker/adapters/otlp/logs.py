"""Sends log lines by OTLP over HTTP, as they are: in batches, from a thread of its own, never in anybody's way."""

import logging
import os
import socket
import threading
from collections.abc import Mapping
from importlib.metadata import version

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

_TIMEOUT_SECONDS = 5
_FAREWELL_SECONDS = 3.0
_MOST_WAITING = 20_000
_BATCH = 500
_EVERY_MILLISECONDS = 1_000
# What the sender itself complains of stays here: to send that, too, would never end.
_OWN = ("opentelemetry", "urllib3", "requests")
_SEVERITIES = (
    (logging.CRITICAL, SeverityNumber.FATAL),
    (logging.ERROR, SeverityNumber.ERROR),
    (logging.WARNING, SeverityNumber.WARN),
    (logging.INFO, SeverityNumber.INFO),
)


class OtlpHandler(logging.Handler):
    """Hands each line to the sender. While the collector is away, the oldest of 20,000 waiting lines are dropped.

    `farewell`: seconds that the end of the process waits for it.
    """

    def __init__(self, endpoint: str, headers: Mapping[str, str], *, farewell: float = _FAREWELL_SECONDS) -> None:
        super().__init__()
        self._farewell = farewell
        # Before the lock of this handler is asked for: who closes it holds that, and waits for the sender.
        self.addFilter(_is_not_the_senders)
        resource = Resource.create(
            {
                "service.name": "aiworker",
                "service.version": version("aiworker"),
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        )
        self._exporter = OTLPLogExporter(
            endpoint=f"{endpoint.rstrip('/')}/v1/logs", headers=dict(headers), timeout=_TIMEOUT_SECONDS
        )
        self._provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_log_record_processor(
            BatchLogRecordProcessor(
                self._exporter,
                schedule_delay_millis=_EVERY_MILLISECONDS,
                max_export_batch_size=_BATCH,
                max_queue_size=_MOST_WAITING,
            )
        )
        self._logger = self._provider.get_logger("aiworker")

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on one line, in the words of the formatter."""
        try:
            self._logger.emit(
                LogRecord(
                    timestamp=int(record.created * 1e9),
                    severity_text=record.levelname,
                    severity_number=_severity(record.levelno),
                    body=self.format(record),
                    attributes={"logger": record.name},
                )
            )
        except Exception:  # noqa: BLE001 (as every handler: a log line never breaks what it tells of)
            self.handleError(record)

    def close(self) -> None:
        """Send what waits, and end; called at the end of the process."""
        super().close()
        impatience = threading.Timer(self._farewell, self._exporter.shutdown)
        impatience.daemon = True
        impatience.start()
        self._provider.shutdown()
        impatience.cancel()


def _is_not_the_senders(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] not in _OWN


def _severity(level: int) -> SeverityNumber:
    return next((number for least, number in _SEVERITIES if level >= least), SeverityNumber.DEBUG)
