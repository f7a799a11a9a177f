"""What every contestant in Python does with its engine, and how it is timed.

A contestant is started as `PROGRAM TASK`, where TASK is the JSON of a `Task`; the last line that it prints is the JSON
of its answer. Nothing but the standard library is imported here: each contestant runs in an environment of its own.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

_FILLED_AT_ONCE = 500
_LOOK_SECONDS = 0.002
_PATIENCE_SECONDS = 300.0

Payload = dict[str, Any]
Handler = Callable[[Payload], None]
Runner = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What to do. `do`: prepare, fill, drain, create, listen, send, or both of these.

    `spacing`: seconds from one send to the next.
    """

    do: str
    url: str
    redis: str = ""
    count: int = 0
    at_once: int = 1
    mode: str = "default"
    concurrency: int = 16
    spacing: float = 0.05


class Contestant(Protocol):
    """One engine."""

    async def open(self) -> None:
        """Connect."""
        ...

    async def prepare(self) -> None:
        """Make the tables; called before `open`, once for each database."""
        ...

    async def create(self, payloads: list[Payload]) -> None:
        """One job for each, durable when this returns; many of them by the engine's way for many."""
        ...

    async def work(self, handle: Handler) -> None:
        """Be one worker process, until cancelled."""
        ...

    async def unfinished(self) -> bool:
        """Whether a job is not yet acknowledged in the database."""
        ...


def main(make: Callable[[Task], Contestant], run: Runner = asyncio.run) -> None:
    """Do the task of the command line, and print the answer."""
    task = Task(**json.loads(sys.argv[1]))
    answer = run(_DEEDS[task.do](make(task), task))
    print(json.dumps(answer), flush=True)


def payload(number: int) -> Payload:
    """1 KiB of JSON."""
    filler = f"page {number} of a scanned document; "
    return {"page": number, "text": (filler * 40)[:1000]}


async def _prepare(contestant: Contestant, _task: Task) -> dict[str, Any]:
    await contestant.prepare()
    return {}


async def _fill(contestant: Contestant, task: Task) -> dict[str, Any]:
    await contestant.open()
    for start in range(0, task.count, _FILLED_AT_ONCE):
        await contestant.create([payload(n) for n in range(start, min(start + _FILLED_AT_ONCE, task.count))])
    return {}


async def _create(contestant: Contestant, task: Task) -> dict[str, Any]:
    """How long each call took, in seconds, one after the other."""
    await contestant.open()
    took: list[float] = []
    for number in range(task.count):
        payloads = [payload(number + n) for n in range(task.at_once)]
        began = time.perf_counter()
        await contestant.create(payloads)
        took.append(time.perf_counter() - began)
    return {"took": took}


async def _drain(contestant: Contestant, task: Task) -> dict[str, Any]:
    """From the first handler that ran to the last acknowledgement that is in the database."""
    await contestant.open()
    handled, began, cpu, all_handled = 0, 0.0, 0.0, asyncio.Event()

    def handle(_: Payload) -> None:
        nonlocal handled, began, cpu
        if handled == 0:
            began, cpu = time.perf_counter(), time.process_time()
        handled += 1
        if handled >= task.count:
            all_handled.set()

    async def finish() -> dict[str, Any]:
        await all_handled.wait()
        while await contestant.unfinished():  # noqa: ASYNC110 (it is the database that changes)
            await asyncio.sleep(_LOOK_SECONDS)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        return {"seconds": seconds, "cpu": cpu_seconds, "handled": handled}

    return await _while_at_work(contestant, handle, finish())


async def _listen(contestant: Contestant, task: Task) -> dict[str, Any]:
    """From the call that made a job, in another process, to the start of its handler here, in seconds."""
    await contestant.open()
    waited: list[float] = []
    enough = asyncio.Event()

    def handle(job: Payload) -> None:
        waited.append((time.monotonic_ns() - job["sent"]) / 1e9)
        if len(waited) >= task.count:
            enough.set()

    print("ready", flush=True)
    sending = asyncio.create_task(_send_all(contestant, task)) if task.do == "both" else None
    await _while_at_work(contestant, handle, enough.wait())
    if sending is not None:
        await sending
    return {"waited": waited}


async def _send(contestant: Contestant, task: Task) -> dict[str, Any]:
    await contestant.open()
    await _send_all(contestant, task)
    return {}


async def _send_all(contestant: Contestant, task: Task) -> None:
    for number in range(task.count):
        await contestant.create([payload(number) | {"sent": time.monotonic_ns()}])
        # Uneven, so that nobody's polling falls into step with it.
        await asyncio.sleep(task.spacing * (0.5 + (number * 0.618) % 1))


async def _while_at_work(contestant: Contestant, handle: Handler, until: Awaitable[Any]) -> Any:
    working = asyncio.create_task(contestant.work(handle))
    waiting = asyncio.ensure_future(until)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            working.result()
            raise RuntimeError("the worker ended before its work did")
        return waiting.result()
    finally:
        working.cancel()
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({working}, timeout=5)


_DEEDS: dict[str, Callable[[Contestant, Task], Coroutine[Any, Any, dict[str, Any]]]] = {
    "prepare": _prepare,
    "fill": _fill,
    "create": _create,
    "drain": _drain,
    "listen": _listen,
    "both": _listen,
    "send": _send,
}
