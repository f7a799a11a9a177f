"""Processes that are found again by what they carry."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from subprocess import Popen

import psutil

from aiworker.core.ids import new_token
from aiworker.core.processes import TOKEN_VARIABLE, Processes, Run
from tests.support.waiting import eventually

BARE_THEN_CARRYING = f"""
import os, sys
sys.stdin.readline()
os.execve(sys.executable, [sys.executable, "-c", "import sys; sys.stdin.read()"], {{"{TOKEN_VARIABLE}": sys.argv[1]}})
"""


async def test_a_program_looked_at_while_it_had_no_environment_yet_is_found_once_it_has_one() -> None:
    processes, run = Processes(), Run(new_token())
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


def test_what_had_no_environment_yet_at_the_first_look_is_ended_too() -> None:
    processes, run = Processes(), Run(new_token())
    told = "import sys; print('carrying', flush=True); sys.stdin.read()"
    program = BARE_THEN_CARRYING.replace("import sys; sys.stdin.read()", told)
    words = [sys.executable, "-S", "-c", program, run.token]
    looks: list[str] = []
    with Popen(words, env={}, stdin=PIPE, stdout=PIPE, bufsize=0) as late:

        def it_carries_its_token_after_the_first_look() -> set[psutil.Process]:
            assert late.stdin is not None
            assert late.stdout is not None
            if not looks:
                late.stdin.write(b"go\n")
                late.stdout.readline()
            looks.append("one more")
            return set()

        try:
            asyncio.run(processes.end(run, grace_seconds=5, also=it_carries_its_token_after_the_first_look))
            assert late.poll() is not None
        finally:
            late.kill()
