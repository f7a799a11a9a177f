"""The runner beside `aiworker up`: a process of its own, so that what agents do never slows the server."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiworker.core import pipes
from aiworker.core.logging import get_logger
from aiworker.core.settings import Settings, own_variables

_FAREWELL_SECONDS = 25.0
_PAUSE_SECONDS = 2.0
# It has said in a sentence why it cannot work here; to start it again would not help.
_REFUSED = (1, 2)

_log = get_logger(__name__)


@asynccontextmanager
async def agents_beside(settings: Settings, count: int) -> AsyncGenerator[None]:
    """Run `count` agents as long as the context lasts; then they give back what they have in hand."""
    if count == 0:
        yield
        return
    keeping = asyncio.create_task(_keep(settings, count))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep(settings: Settings, count: int) -> None:
    while True:
        process = await _start(settings, count)
        try:
            status = await process.wait()
        finally:
            await _end(process)
        if status in _REFUSED:
            _log.warning("agents_not_started", status=status)
            return
        _log.warning("agents_ended", status=status)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _start(settings: Settings, count: int) -> Process:
    kept = {name: value for name, value in os.environ.items() if name not in own_variables()}
    log = {name: os.environ[name] for name in ("LOG_LEVEL", "LOG_FORMAT") if name in os.environ}
    return await pipes.begun(
        asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "aiworker", "agent", f"--count={count}", "--grace=0"),
            env={**kept, **log, "AIWORKER_HOME": str(settings.home)},
            stdin=DEVNULL,
            # Ctrl-C is for the server, which tells its agents in its turn.
            start_new_session=True,
        ),
        _end,
    )


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
