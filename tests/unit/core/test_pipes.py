import asyncio
import sys
from asyncio.subprocess import PIPE

from aiworker.core import pipes


async def test_a_program_reads_what_is_written() -> None:
    program = "import sys; sys.stdout.write(sys.stdin.read().upper())"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert await pipes.write(process.stdin, b"hello")
    process.stdin.close()
    out, _ = await process.communicate()
    assert out == b"HELLO"


async def test_a_program_that_has_ended_is_told_nothing() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "", stdin=PIPE)
    assert process.stdin is not None
    await process.wait()
    # The first writes may still find the pipe open; none raises, and soon they are refused.
    assert any([not await pipes.write(process.stdin, b"x") for _ in range(100)])
