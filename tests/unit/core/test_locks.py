import asyncio
import fcntl
import threading
from pathlib import Path

from aiworker.core.locks import lock


async def test_a_lock_is_had_once_the_other_lets_it_go(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as ours, (tmp_path / "lock").open("w") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        waiting = asyncio.create_task(lock(ours.fileno()))
        await asyncio.wait({waiting}, timeout=0.05)
        assert not waiting.done()

        fcntl.flock(theirs, fcntl.LOCK_UN)
        await waiting


def test_who_waits_for_a_lock_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as ours, (tmp_path / "lock").open("w") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)

        async def wait() -> None:
            waiting = asyncio.create_task(lock(ours.fileno()))
            await asyncio.wait({waiting}, timeout=0.05)
            waiting.cancel()

        program = threading.Thread(target=asyncio.run, args=(wait(),))
        program.start()
        program.join(20)
        ended = not program.is_alive()
        fcntl.flock(theirs, fcntl.LOCK_UN)
        program.join()
    assert ended
