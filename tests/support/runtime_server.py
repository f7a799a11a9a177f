"""A process that runs a local runtime and obeys orders, one JSON object per line: so that a test can kill it."""

import asyncio
import json
import sys
from pathlib import Path

from aiworker.core.logging import configure_logging
from tests.support.runtimes import local_runtime, rollout, unheard
from tests.support.sources import FolderSources


async def main(folder: Path) -> None:
    """Say `ready`; then answer each order with `done`."""
    configure_logging(level="error")
    runtime = local_runtime(folder / "runtime", FolderSources(folder / "commits"))
    await runtime.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        await runtime.deploy(rollout(order["commit"], *order["words"], **order["settings"]), unheard)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
