"""`aiworker mcp`: MCP on standard input and output, for the server that the settings name."""

from aiworker.app.logs import start_logging
from aiworker.core.connection import address_and_key
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.runner.stdio import run_stdio


async def mcp() -> None:
    """Speak until the client goes away."""
    settings = load_settings(ClientSettings)
    start_logging(settings)
    url, key = address_and_key(settings)
    await run_stdio(url, key, ())
