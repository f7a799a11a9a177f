"""A program that works for an agent: its environment, its output, and the end of all that came of it."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiworker.core import pipes
from aiworker.core.errors import Unavailable
from aiworker.core.processes import TOKEN_VARIABLE, Processes, Run, born
from aiworker.core.settings import own_variables
from aiworker.runner.lines import lines_of

GRACE_SECONDS = 5.0
_LONGEST_LINE = 4 * 1024 * 1024
_LONGEST_PLAIN = 8_000
_LAST_WORDS = 20


class Program:
    """One run of a program. `lines` is read once."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def lines(self, *, longest: int = _LONGEST_LINE) -> AsyncGenerator[str]:
        """What it writes, line by line, until it ends."""
        assert self._process.stdout is not None  # noqa: S101 (made with a pipe)
        async for line in lines_of(self._process.stdout, longest=longest):
            yield line

    async def complaints(self) -> list[str]:
        """The last lines of its standard error, once it has closed it."""
        assert self._process.stderr is not None  # noqa: S101 (made with a pipe)
        last: list[str] = []
        async for line in lines_of(self._process.stderr, longest=_LONGEST_PLAIN):
            last = [*last[1 - _LAST_WORDS :], line] if line.strip() else last
        return last

    async def wait(self) -> int:
        """Its exit status; negative if a signal ended it."""
        return await self._process.wait()


@asynccontextmanager
async def running(
    argv: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    token: str,
    stdin: str = "",
    both: bool = False,
) -> AsyncGenerator[Program]:
    """A running program; every process that came of it ends with the context. `both`: errors go with the output.

    `token` marks its processes, so that another runner can find them. Raises: Unavailable if it cannot be started.
    """

    async def end(process: Process) -> None:
        run = Run(token, process.pid, await asyncio.to_thread(born, process.pid))
        await asyncio.shield(Processes().end(run, grace_seconds=GRACE_SECONDS))

    try:
        process = await pipes.begun(
            asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                env={**environment, TOKEN_VARIABLE: token},
                stdin=PIPE if stdin else DEVNULL,
                stdout=PIPE,
                stderr=STDOUT if both else PIPE,
                start_new_session=True,
            ),
            end,
        )
    except OSError as error:
        raise Unavailable(f"{argv[0]} cannot be started: {error.strerror}.", code="program_missing") from error
    feeding = asyncio.create_task(pipes.feed(process, stdin.encode())) if stdin else None
    try:
        yield Program(process)
    finally:
        if feeding is not None:
            feeding.cancel()
        await end(process)


async def end_left_behind(token: str) -> None:
    """End what a runner that was killed has left of a program."""
    await Processes().end(Run(token), grace_seconds=GRACE_SECONDS)


def environment(**given: str) -> dict[str, str]:
    """The person's own environment, without AiWorker's settings and without the folder that AiWorker itself runs in."""
    hidden = own_variables()
    own = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in hidden and not name.startswith("AIWORKER_") and (name, value) != ("VIRTUAL_ENV", sys.prefix)
    }
    path = os.pathsep.join(folder for folder in folders if folder and Path(folder) != own)
    return {**kept, "PATH": path, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":", "GIT_PAGER": "cat", **given}
