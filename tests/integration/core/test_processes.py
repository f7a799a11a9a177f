"""Processes that are found again by what they carry."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from aiworker.core.processes import TOKEN_VARIABLE, Processes, Run
from tests.support.waiting import eventually

BARE_THEN_CARRYING = f"""
import os, sys
sys.stdin.readline()
os.execve(sys.executable, [sys.executable, "-c", "import sys; sys.stdin.read()"], {{"{TOKEN_VARIABLE}": sys.argv[1]}})
"""


async def test_a_program_looked_at_while_it_had_no_environment_yet_is_found_once_it_has_one() -> None:
    processes, run = Processes(), Run("looked-at-too-early")
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", BARE_THEN_CARRYING, run.token, env={}, stdin=PIPE
    )
    try:
        assert processes.members(run) == set()
        assert program.stdin is not None
        program.stdin.write(b"go\n")
        await eventually(lambda: [each.pid for each in processes.members(run)] == [program.pid])
    finally:
        program.kill()
        await program.wait()
