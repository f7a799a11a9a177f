"""A worker for plain robots, as a program of its own: `python -m tests.faults.robot_worker NAME LEDGER KEY SEED URL…`.

It claims in batches, notes what it is about to confirm, confirms, and notes that it was confirmed.
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

from tests.faults.ledger import Ledger
from tests.faults.rest import Refused, Rest

MODULE = "plain"
ROBOT_TYPE = "plain.count"
_BATCH = 20
_AT_ONCE = 4
_LEASE_SECONDS = 15


async def work(name: str, ledger: Ledger, rest: Rest) -> None:
    """Until killed."""
    while True:
        claim = {"holder": name, "limit": _BATCH, "waitSeconds": 5, "leaseSeconds": _LEASE_SECONDS}
        robots = await rest.post(f"modules/{MODULE}/claim", claim, once=False)
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(robot: dict[str, Any], room: asyncio.Semaphore = room) -> None:
            async with room:
                await _complete(ledger, rest, robot)

        await asyncio.gather(*(one(robot) for robot in robots))


async def _complete(ledger: Ledger, rest: Rest, robot: dict[str, Any]) -> None:
    known = {"robot": robot["robotId"], "execution": robot["executeId"]}
    ledger.write("sent", **known)
    result = {"leaseToken": robot["leaseToken"], "outputData": {"n": robot["inputData"]["n"] + 1}}
    try:
        await rest.post(f"executions/{robot['executeId']}/complete", result)
    except Refused as refused:
        ledger.write("refused", code=refused.code, **known)
    else:
        ledger.write("confirmed", **known)


if __name__ == "__main__":
    _name, _ledger, _key, _seed, *_urls = sys.argv[1:]
    asyncio.run(work(_name, Ledger(Path(_ledger)), Rest(_urls, _key, random.Random(_seed))))
