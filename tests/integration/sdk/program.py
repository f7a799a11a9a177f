"""A module as a program of its own: `python -m tests.integration.sdk.program LEDGER`."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from aiworker.sdk import Context, Module
from tests.faults.ledger import Ledger

module = Module("program", concurrency=4, lease_seconds=5, wait_seconds=2.0, grace_seconds=0.5)


class Numbers(BaseModel):
    numbers: list[int]


class Block(BaseModel):
    seconds: float


def ledger() -> Ledger:
    return Ledger(Path(sys.argv[1]))


@module.handler("sdk.hang")
def hang(_: Context) -> None:
    ledger().write("hang", pid=os.getpid())
    threading.Event().wait()


@module.handler("sdk.sum", process=True)
def add(ctx: Context, given: Numbers) -> dict[str, Any]:
    with ctx.step("add"):
        return {"sum": sum(given.numbers), "pid": os.getpid()}


@module.handler("sdk.die", process=True)
def die(_: Context) -> None:
    os._exit(3)


@module.handler("sdk.spin", process=True)
def spin(_: Context) -> None:
    ledger().write("spin", pid=os.getpid())
    while True:
        time.sleep(0.01)


@module.handler("sdk.block")
async def block(given: Block) -> None:
    time.sleep(given.seconds)  # noqa: ASYNC251 (what a handler must not do, and does all the same)


if __name__ == "__main__":
    module.run()
