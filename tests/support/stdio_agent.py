"""A process that speaks MCP on standard input and output, as `aiworker mcp` does."""

import asyncio
import sys

from aiworker.core.logging import configure_logging
from aiworker.runner.stdio import run_stdio

if __name__ == "__main__":
    configure_logging(level="info")
    url, token, *capabilities = sys.argv[1:]
    asyncio.run(run_stdio(url, token, capabilities))
