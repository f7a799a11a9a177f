"""One talk with `git http-backend`, git's own program for the smart HTTP protocol, streamed both ways."""

import asyncio
import zlib
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field

from aiworker.core import pipes
from aiworker.core.errors import Invalid, TooLarge, Unavailable
from aiworker.git import Git
from aiworker.git.process import CHUNK, end, kill, read_tail, stop

_IDLE_SECONDS = 120.0
_WHOLE_SECONDS = 3_600.0
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(slots=True)
class Head:
    """Status and headers of the answer, known before its body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


async def talk(
    git: Git, environment: Mapping[str, str], body: AsyncIterator[bytes], head: Head
) -> AsyncGenerator[bytes]:
    """Feeds `body` to git and yields its answer; the first thing yielded is empty and means that `head` is known.

    Git ends with the generator. Raises: GitFailed; Unavailable if the client stops sending for two minutes; whatever
    `body` raises.
    """
    async with git.stream("http-backend", extra=environment) as process:
        feeder = asyncio.create_task(_feed(process, body))
        errors = asyncio.create_task(read_tail(process))
        overdue = asyncio.get_running_loop().call_later(_WHOLE_SECONDS, kill, process)
        try:
            try:
                _parse(await _stdout(process).readuntil(b"\r\n\r\n"), head)
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                _raise_from(feeder)
                raise git.failed("http-backend", await errors) from error
            yield b""
            while chunk := await _stdout(process).read(CHUNK):
                yield chunk
            _raise_from(feeder)
            await process.wait()
        finally:
            overdue.cancel()
            feeder.cancel()
            await end(process)
            await asyncio.gather(feeder, errors, return_exceptions=True)


async def inflated(body: AsyncIterator[bytes], *, encoding: str, limit: int) -> AsyncIterator[bytes]:
    """The body as git wants it, in small pieces. Raises: TooLarge beyond `limit` bytes (unpacked); Invalid."""
    size = 0
    async for piece in _unpacked(body) if encoding in ("gzip", "x-gzip") else body:
        size += len(piece)
        if size > limit:
            raise TooLarge(f"A request of git is at most {limit // 1024**2} MiB.", code="pack_too_large")
        yield piece


async def _unpacked(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for piece in body:
            yield unpacker.decompress(piece, CHUNK)
            # A few kilobytes can stand for gigabytes, so they come out one piece at a time.
            while unpacker.unconsumed_tail:
                yield unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
    except zlib.error as error:
        raise Invalid("The body is not what its Content-Encoding says, gzip.", code="body_invalid") from error
    if not unpacker.eof:
        raise Invalid("The gzip body ends too early.", code="body_invalid")


async def _feed(process: Process, body: AsyncIterator[bytes]) -> None:
    stdin = process.stdin
    assert stdin is not None  # noqa: S101 (made with a pipe)
    try:
        # When git has heard enough, its answer says why.
        while (piece := await _next_of(body)) is not None and await pipes.write(stdin, piece):
            pass
    except BaseException:
        # Half a request must not look like a whole one. Asked to stop, git takes what it wrote away.
        stop(process)
        raise
    stdin.close()


async def _next_of(body: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(_IDLE_SECONDS):
            return await anext(body, None)
    except TimeoutError as error:
        raise Unavailable("The client stopped sending.", code="client_silent") from error


def _stdout(process: Process) -> asyncio.StreamReader:
    assert process.stdout is not None  # noqa: S101 (made with a pipe)
    return process.stdout


def _raise_from(feeder: asyncio.Task[None]) -> None:
    if feeder.done() and not feeder.cancelled():
        feeder.result()


def _parse(raw: bytes, head: Head) -> None:
    for line in raw.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "status":
            head.status = int(value.split()[0])
        elif name:
            head.headers[name.lower()] = value.strip()
