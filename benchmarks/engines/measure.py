"""Runs the contestants' programs and reads their answers."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.engines.contestants.protocol import Task
from benchmarks.engines.entrants import Entrant
from benchmarks.engines.environment import command
from benchmarks.servers import Servers, plain, settle

# The first calls also open connections and prepare statements.
_WARM_UP = 10
_SETTLE_SECONDS = 1.0
_PATIENCE_SECONDS = 600


class Failed(Exception):
    """A contestant's program failed; the end of what it said is in the sentence."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: robots drained, calls that create one, calls that create 500, pickups."""

    robots: int = 20_000
    singles: int = 500
    batches: int = 30
    pickups: int = 200


@dataclass(frozen=True, slots=True)
class Drained:
    """Robots per second, and milliseconds of CPU for each, in the worker and in the server."""

    rate: float
    worker_ms: float
    server_ms: float


async def drained(servers: Servers, entrant: Entrant, mode: str, robots: int) -> Drained:
    """How one worker process empties a full queue."""
    task = await _prepared(servers, entrant, Task("drain", "", count=robots, mode=mode))
    await _run(entrant, replace(task, do="fill"))
    if entrant.server != "redis":
        await settle(task.url)
    used = servers.cpu_seconds(entrant.server)
    answer = await _run(entrant, task)
    used = servers.cpu_seconds(entrant.server) - used
    if answer["handled"] != robots:
        raise Failed(f"{entrant.name} handled {answer['handled']} of {robots}")
    return Drained(robots / answer["seconds"], 1000 * answer["cpu"] / robots, 1000 * used / robots)


async def creates(servers: Servers, entrant: Entrant, calls: int, at_once: int) -> list[float]:
    """Seconds of each call that creates `at_once` robots."""
    task = await _prepared(servers, entrant, Task("create", "", count=calls + _WARM_UP, at_once=at_once))
    answer = await _run(entrant, task)
    return answer["took"][_WARM_UP:]


async def pickups(servers: Servers, entrant: Entrant, count: int) -> list[float]:
    """Seconds from a call that creates a robot in one process to the start of its handler in another, idle one."""
    task = await _prepared(servers, entrant, Task("listen", "", count=count + _WARM_UP))
    listener = await _start(entrant, task)
    try:
        assert listener.stdout is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await listener.stdout.readline()
            await asyncio.sleep(_SETTLE_SECONDS)
            await _run(entrant, replace(task, do="send"))
        return (await _answer(entrant, listener))["waited"][_WARM_UP:]
    finally:
        if listener.returncode is None:
            listener.kill()


async def pickups_within(servers: Servers, entrant: Entrant, count: int) -> list[float]:
    """The same, where one process does both."""
    task = await _prepared(servers, entrant, Task("both", "", count=count + _WARM_UP))
    answer = await _run(entrant, replace(task, redis=""))
    return answer["waited"][_WARM_UP:]


async def _prepared(servers: Servers, entrant: Entrant, task: Task) -> Task:
    """The task on a new database."""
    redis = plain(servers.url("redis")) if entrant.uses_redis else ""
    ready = replace(task, url=await servers.fresh(entrant.server), redis=redis)
    await _run(entrant, replace(ready, do="prepare"))
    return ready


async def _run(entrant: Entrant, task: Task) -> dict[str, Any]:
    return await _answer(entrant, await _start(entrant, task))


async def _start(entrant: Entrant, task: Task) -> asyncio.subprocess.Process:
    arguments = {name: getattr(task, name) for name in Task.__slots__}
    return await asyncio.create_subprocess_exec(
        *command(entrant.program, entrant.environment),
        json.dumps(arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,
    )


async def _answer(entrant: Entrant, process: asyncio.subprocess.Process) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            out, said = await process.communicate()
    except TimeoutError:
        process.kill()
        raise Failed(f"{entrant.name} did not end") from None
    if process.returncode != 0:
        raise Failed(f"{entrant.name}: {said.decode(errors='replace').strip()[-2000:]}")
    return json.loads(out.decode().strip().splitlines()[-1])
