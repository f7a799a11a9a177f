import asyncio
import os
import sys
from pathlib import Path

import pytest

from aiworker.git import Git, GitFailed, transfer
from aiworker.git.process import run, started
from tests.support.children import children
from tests.support.waiting import eventually

# A program with a child that both ignore a polite end, as a hanging transport would.
STUBBORN = ["sh", "-c", "trap '' TERM; (trap '' TERM; echo child; while :; do read x </dev/zero; done) & wait"]


async def sh(script: str, folder: Path, *, seconds: float = 20, max_output: int = 1_000_000, stdin: bytes = b""):
    return await run(
        ["sh", "-c", script],
        cwd=folder,
        environment={"PATH": os.environ["PATH"]},
        seconds=seconds,
        max_output=max_output,
        stdin=stdin,
    )


async def test_a_program_is_fed_and_heard(tmp_path: Path):
    finished = await sh("cat; echo mistake >&2; exit 3", tmp_path, stdin=b"words")

    assert (finished.code, finished.out, finished.err, finished.cut) == (3, b"words", "mistake\n", False)


async def test_much_is_fed_to_a_program_that_does_not_listen(tmp_path: Path):
    assert (await sh("exec true", tmp_path, stdin=b"x" * 5_000_000)).code == 0


async def test_a_program_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(GitFailed, match="nobody-has-this"):
        await run(["nobody-has-this"], cwd=tmp_path, environment={}, seconds=5, max_output=10)


async def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path):
    with pytest.raises(GitFailed, match=r"0\.2 seconds"):
        await run(STUBBORN, cwd=tmp_path, environment={"PATH": os.environ["PATH"]}, seconds=0.2, max_output=10)

    assert children() == []


async def test_a_program_that_writes_without_end_is_cut_off(tmp_path: Path):
    finished = await sh("yes", tmp_path, max_output=100_000)

    assert finished.cut
    assert len(finished.out) == 100_000
    assert children() == []


async def test_a_long_complaint_is_kept_from_its_end(tmp_path: Path):
    finished = await sh("yes nonsense | head -c 1000000 >&2; echo the reason >&2", tmp_path)

    assert finished.err.endswith("the reason\n")
    assert len(finished.err) < 20_000


async def test_a_program_that_is_given_up_is_ended_with_its_children(tmp_path: Path):
    running = asyncio.create_task(
        run(STUBBORN, cwd=tmp_path, environment={"PATH": os.environ["PATH"]}, seconds=60, max_output=1_000)
    )
    await eventually(lambda: len(children()) >= 2)

    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    await eventually(lambda: not children())


async def test_a_program_that_is_given_up_while_it_starts_is_ended_with_its_children(tmp_path: Path):
    running = asyncio.create_task(
        run(STUBBORN, cwd=tmp_path, environment={"PATH": os.environ["PATH"]}, seconds=60, max_output=1_000)
    )
    while not children():  # noqa: ASYNC110 (no moment longer)
        await asyncio.sleep(0)
    # The loop is held, so nobody has been told yet that it was started.
    while len(family := children()) < 2:
        pass

    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    await eventually(lambda: not any(process.is_running() for process in family))


async def test_a_program_ends_with_its_context_though_nobody_read_it(tmp_path: Path):
    async with started(["yes"], cwd=tmp_path, environment={"PATH": os.environ["PATH"]}) as process:
        assert process.returncode is None

    assert process.returncode is not None
    assert children() == []


async def test_a_lock_that_was_handed_down_lives_as_long_as_the_program(tmp_path: Path):
    reader, writer = os.pipe()
    async with started(
        [sys.executable, "-c", f"import os; os.fstat({writer}); print('there', flush=True); input()"],
        cwd=tmp_path,
        environment={},
        held=(writer,),
    ) as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"there\n"
    os.close(reader)
    os.close(writer)


async def test_an_unexpected_end_is_an_error_without_paths_in_its_sentence(tmp_path: Path):
    git = await transfer.init(tmp_path / "shop.git", default_branch="main")

    with pytest.raises(GitFailed) as failed:
        await git.run("cat-file", "-p", "1" * 40)

    assert failed.value.message == "git cat-file failed."
    assert "1" * 40 in failed.value.stderr
    assert failed.value.kind == "unavailable"


async def test_more_output_than_allowed_is_an_error_unless_it_may_be_cut(tmp_path: Path):
    git = await transfer.init(tmp_path / "shop.git", default_branch="main")

    with pytest.raises(GitFailed, match="more than 3 bytes"):
        await git.run("version", max_output=3)
    assert (await git.run("version", max_output=3, cut=True)).out == b"git"


async def test_git_asks_nobody_and_runs_no_helper(tmp_path: Path):
    git = await transfer.init(tmp_path / "shop.git", default_branch="main")

    refused = await git.run("ls-remote", "https://127.0.0.1:9/x", ok=(128,))
    assert "transport 'https' not allowed" in refused.err
    outside = Git(git.directory, environment={**git.environment, "GIT_ALLOW_PROTOCOL": "file"})
    helper = await outside.run("ls-remote", f"ext::touch {tmp_path}/pwned", ok=(128,))
    assert "transport 'ext' not allowed" in helper.err
    assert not (tmp_path / "pwned").exists()
