"""Run a program to its end: within a time limit, with bounded output, and with its whole process tree ended."""

import asyncio
import os
import re
import resource
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aiworker.core import pipes
from aiworker.core.errors import Unavailable

CHUNK = 64 * 1024
_ERRORS_KEPT = 16 * 1024
_GRACE_SECONDS = 2.0
# Of data; packs, which are mapped, are not counted.
_MOST_MEMORY = 2 * 1024**3
_LINE_END = re.compile(rb"[\r\n]+")

# Called with each line that a program writes on its standard error while it runs; progress overwrites its line.
Heard = Callable[[str], None]


class GitFailed(Unavailable):
    """Git did not do what it was asked for. `stderr` is for the log: it may hold paths and addresses."""

    default_code = "git_failed"

    def __init__(self, message: str, *, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. `cut` tells that it was stopped because it wrote more than was asked for."""

    code: int
    out: bytes
    err: str
    cut: bool = False


@asynccontextmanager
async def started(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    held: Sequence[int] = (),
) -> AsyncGenerator[Process]:
    """A running program with three pipes and a process group of its own, all of which ends with the context.

    `held` are file descriptors (locks) that it inherits. Raises: GitFailed if the program is not there.
    """
    try:
        process = await pipes.begun(
            asyncio.create_subprocess_exec(
                *command,
                cwd=cwd,
                env=environment,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                pass_fds=held,
                start_new_session=True,
            ),
            end,
        )
    except FileNotFoundError as error:
        raise GitFailed(f"{command[0]} could not be started: it, or the folder it works in, is not there.") from error
    _bound(process)
    try:
        yield process
    finally:
        await end(process)


def _bound(process: Process) -> None:
    """A repository can make git ask for any amount of memory; where the kernel allows it, it gets so much and fails."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


async def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    held: Sequence[int] = (),
    stdin: bytes = b"",
    seconds: float,
    max_output: int,
    heard: Heard | None = None,
) -> Finished:
    """Run to the end. Output beyond `max_output` bytes stops it (`cut`).

    Raises: GitFailed if it takes longer than `seconds`.
    """
    try:
        async with (
            asyncio.timeout(seconds),
            started(command, cwd=cwd, environment=environment, held=held) as process,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(pipes.feed(process, stdin))
            errors = tasks.create_task(read_tail(process, heard))
            out, cut = await _read_head(process, max_output)
            if cut:
                await end(process)
            code = await process.wait()
            err = await errors
    except TimeoutError as error:
        raise GitFailed(f"git did not finish within {seconds:g} seconds.", stderr=" ".join(command)) from error
    return Finished(code, out, err, cut)


async def read_tail(process: Process, heard: Heard | None = None) -> str:
    """The last of what the program says on its standard error, once it has closed it."""
    assert process.stderr is not None  # noqa: S101 (made with a pipe)
    kept = rest = b""
    while chunk := await process.stderr.read(CHUNK):
        kept = (kept + chunk)[-_ERRORS_KEPT:]
        if heard is not None:
            *lines, rest = _LINE_END.split(rest[-_ERRORS_KEPT:] + chunk)
            for line in lines:
                heard(line.decode(errors="replace").strip())
    return kept.decode(errors="replace")


async def _read_head(process: Process, limit: int) -> tuple[bytes, bool]:
    assert process.stdout is not None  # noqa: S101 (made with a pipe)
    chunks: list[bytes] = []
    size = 0
    while chunk := await process.stdout.read(CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return b"".join(chunks)[:limit], True
    return b"".join(chunks), False


async def end(process: Process) -> None:
    """End the program and its children: politely first, so that git removes its lock files; then for certain."""
    if process.returncode is None:
        stop(process)
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await _gone(process)
        except TimeoutError:
            kill(process)
            await _gone(process)
        except BaseException:
            kill(process)
            raise
    if process.stdin is not None:
        process.stdin.close()


def stop(process: Process) -> None:
    """Ask the program and its children to end; `end` still has to be awaited."""
    _signal(process, signal.SIGTERM)


def kill(process: Process) -> None:
    """End the program and its children at once; `end` still has to be awaited."""
    _signal(process, signal.SIGKILL)


async def _gone(process: Process) -> None:
    # A pipe that nobody reads keeps asyncio from seeing the end of the process.
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            with suppress(RuntimeError):  # somebody else reads it to the end
                while await stream.read(CHUNK):
                    pass
    await process.wait()


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
