"""Where the log lines of this process go."""

import logging
import sys
from importlib import import_module

from aiworker.core.errors import Invalid
from aiworker.core.logging import configure_logging
from aiworker.core.settings import ClientSettings


def start_logging(settings: ClientSettings) -> None:
    """To standard error, and by OTLP where that is set. Raises: Invalid if the packages for that are missing."""
    configure_logging(level=settings.log_level, format=settings.log_format, stream=sys.stderr, beside=_otlp(settings))


def _otlp(settings: ClientSettings) -> logging.Handler | None:
    if settings.otlp_endpoint is None:
        return None
    try:
        # Loaded where it is used: it is large, and an extra.
        library = import_module("aiworker.adapters.otlp.logs")
    except ImportError as error:
        raise Invalid(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs packages that are not installed: pip install 'aiworker[otlp]'.",
            code="otlp_not_installed",
            details={"variable": "OTEL_EXPORTER_OTLP_ENDPOINT"},
        ) from error
    return library.OtlpHandler(settings.otlp_endpoint, settings.otlp_header_fields)
