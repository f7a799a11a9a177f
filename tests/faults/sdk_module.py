"""Plain robots done by a module of the SDK, a program of its own: `python -m tests.faults.sdk_module LEDGER KEY URL`.

Each robot's effect is a line of the ledger. AIWORKER_HOME must be the same after a kill: what is not told yet is there.
"""

import asyncio
import sys
from pathlib import Path

from pydantic import BaseModel

from aiworker.sdk import Context, Module
from tests.faults.ledger import Ledger
from tests.faults.robot_worker import MODULE, ROBOT_TYPE

_LEASE_SECONDS = 15


class Numbered(BaseModel):
    """`until`: a file that the handler waits for, if it is to be long at work."""

    n: int
    until: Path | None = None


class Counted(BaseModel):
    n: int


def module(ledger: Ledger, *, health_port: int | None = None) -> Module:
    plain = Module(
        MODULE, concurrency=4, prefetch=20, lease_seconds=_LEASE_SECONDS, wait_seconds=5, health_port=health_port
    )

    @plain.handler(ROBOT_TYPE)
    async def count(ctx: Context, given: Numbered) -> Counted:
        async with ctx.step("count"):
            while given.until is not None and not given.until.exists():  # noqa: ASYNC110 (another process makes it)
                await asyncio.sleep(0.02)
            ledger.write("sent", robot=ctx.robot_id, execution=ctx.execute_id)
        return Counted(n=given.n + 1)

    return plain


if __name__ == "__main__":
    _ledger, _key, _url = sys.argv[1:]
    module(Ledger(Path(_ledger))).run(url=_url, token=_key)
