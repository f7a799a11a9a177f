"""`aiworker mcp`: MCP on standard input and output, for the server that the settings name."""

import sys

from aiworker.cli.client import address_and_key
from aiworker.core.logging import configure_logging
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.runner.stdio import run_stdio


async def mcp() -> None:
    """Speak until the client goes away."""
    settings = load_settings(ClientSettings)
    configure_logging(level=settings.log_level, format=settings.log_format, stream=sys.stderr)
    url, key = address_and_key(settings)
    await run_stdio(url, key, ())
