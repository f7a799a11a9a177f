import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable

import pytest
import uvloop

from aiworker.core import pipes

both_loops = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["own", "uvloop"])


@both_loops
def test_a_program_reads_what_is_written(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def shout() -> bytes:
        program = "import sys; sys.stdout.write(sys.stdin.read().upper())"
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
        assert process.stdin is not None
        assert await pipes.write(process.stdin, b"hello")
        process.stdin.close()
        out, _ = await process.communicate()
        return out

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(shout()) == b"HELLO"


@both_loops
def test_a_program_that_has_ended_is_told_nothing(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def tell_the_dead() -> bool:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "", stdin=PIPE)
        assert process.stdin is not None
        await process.wait()
        # The first writes may still find the pipe open; none raises, and soon they are refused.
        return any([not await pipes.write(process.stdin, b"x") for _ in range(100)])

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(tell_the_dead())
