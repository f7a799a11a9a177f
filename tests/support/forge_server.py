"""A process that ships and rolls back on a local forge without end, and says so each time: for a test to kill."""

import asyncio
import sys
from pathlib import Path

from aiworker.adapters.forge import LocalForge
from aiworker.delivery.ports.forge import Pick


async def main(root: Path, task: str) -> None:
    """Ship, roll back, write it down in a pull request, again and again."""
    forge = LocalForge(root, "http://127.0.0.1:3000")
    while True:
        at = await forge.head("shop", "staging")
        assert at is not None
        shipped = await forge.integrate("shop", branch="try/ship", onto=at, picks=[Pick(task, "Ship", "SHOP-1")])
        pull = await forge.open_pull_request("shop", head="try/ship", base="staging", title="Release", body="")
        await forge.merge_pull_request("shop", pull.number, expected=shipped.head)
        back = await forge.revert(
            "shop", branch="try/back", onto=shipped.head, commits=shipped.commits, message="Roll back"
        )
        await forge.move_branch("shop", "staging", to=back.head, expected=shipped.head)
        sys.stdout.write(f"{pull.number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
