"""A runner in a process of its own, for tests that kill it: `python -m tests.support.runner_process` does the work."""

import asyncio
import sys
from pathlib import Path

from aiworker.core.logging import configure_logging
from aiworker.runner.agents import Orders, work
from aiworker.runner.drivers.command import Command

if __name__ == "__main__":
    configure_logging(level="info")
    url, key, home, *argv = sys.argv[1:]
    orders = Orders(url=url, key=key, home=Path(home), driver=Command(argv), once=True, grace=0.0, watch=0.2)
    asyncio.run(work(orders))
