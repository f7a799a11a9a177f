"""A server that is killed at any moment leaves nothing that stops the next one."""

import asyncio
import os
import random
import signal
import sys
import tempfile
import threading
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.adapters.forge.locks import try_lock
from aiworker.adapters.forge.pulls import Pulls
from aiworker.core.errors import NotFound, Unavailable
from aiworker.delivery.ports.forge import Pick
from aiworker.git import export
from tests.support.checkouts import Checkout, run_git


async def killed_at_work(root: Path, task: str, rounds: int, after: float) -> None:
    """Let a server work for some rounds and a fraction of one, then end it with SIGKILL."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.forge_server", str(root), task, stdout=PIPE
    )
    assert server.stdout is not None
    began = time.monotonic()
    for _ in range(rounds):
        assert await server.stdout.readline()
    fraction = (time.monotonic() - began) / rounds * after
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(fraction):
            await server.wait()
    os.kill(server.pid, signal.SIGKILL)
    await server.communicate()


async def test_a_server_killed_in_the_middle_of_shipping_is_followed_by_one_that_goes_on(
    forge: LocalForge, root: Path, upstream: Checkout
):
    upstream.switch("task")
    task = upstream.commit("Task", task__txt="task\n")
    await forge.fetch_upstream("shop", source=upstream.source, branch="task")
    start = await forge.create_branch("shop", "staging", at=upstream.head("main"))

    for _ in range(4):
        await killed_at_work(root, task, rounds=1, after=random.random())

        after = LocalForge(root, "http://127.0.0.1:3000")
        # Whoever writes waits for the git that the server has left at work; it may just be moving staging.
        await after.delete_branch("shop", "nobody-has-this")
        for pull in await after.list_pull_requests("shop", state="open"):
            await after.close_pull_request("shop", pull.number)
        at = await after.head("shop", "staging")
        assert at is not None
        shipped = await after.integrate("shop", branch="try/ship", onto=at, picks=[Pick(task, "Ship", "SHOP-1")])
        back = await after.revert("shop", branch="try/back", onto=shipped.head, commits=shipped.commits, message="Back")
        await after.move_branch("shop", "staging", to=back.head, expected=at)
        assert await after.is_ancestor("shop", start, back.head)
        assert run_git(root / "shop.git", "fsck", "--full", "--strict").returncode == 0


def leave_behind(root: Path) -> list[Path]:
    """What a git that was killed leaves in a repository."""
    repository = root / "shop.git"
    left = [
        repository / "HEAD.lock",
        repository / "packed-refs.lock",
        repository / "refs/heads/main.lock",
        repository / "refs/heads/try/1.lock",
        repository / "objects/pack/tmp_pack_abc",
        repository / "objects/incoming-abc/pack/x",
        repository / "objects/tmp_objdir-incoming-abc/pack/x",
        repository / "aiworker/push-abc",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return left


async def test_locks_of_a_killed_git_do_not_stop_the_next_server(forge: LocalForge, root: Path, upstream: Checkout):
    left = leave_behind(root)
    commit = upstream.commit("Later")

    after = LocalForge(root, "http://127.0.0.1:3000")

    assert (await after.fetch_upstream("shop", source=upstream.source, branch="main")).head == commit
    assert not [path for path in left if path.exists()]


async def test_locks_of_a_git_that_was_killed_under_a_living_server_stop_it_only_once(
    forge: LocalForge, root: Path, upstream: Checkout
):
    await forge.create_branch("shop", "other", at=upstream.head())
    (root / "shop.git/refs/heads/task.lock").touch()

    with pytest.raises(Unavailable):
        await forge.create_branch("shop", "task", at=upstream.head())
    assert await forge.create_branch("shop", "task", at=upstream.head()) == upstream.head()


async def test_locks_of_a_git_that_is_at_work_are_left_to_it(forge: LocalForge, root: Path, upstream: Checkout):
    left = leave_behind(root)
    pushing = try_lock(root / "shop.git/aiworker/writers", shared=True)
    assert pushing is not None

    after = LocalForge(root, "http://127.0.0.1:3000")
    await after.create_branch("shop", "task", at=upstream.head())
    assert all(path.exists() for path in left)

    os.close(pushing)
    await after.create_branch("shop", "other", at=upstream.head())
    assert not [path for path in left if path.exists()]


async def test_what_another_process_does_to_a_repository_is_waited_for(
    forge: LocalForge, root: Path, upstream: Checkout
):
    other = try_lock(root / "shop.git/aiworker/lock")
    assert other is not None
    making = asyncio.create_task(forge.create_branch("shop", "task", at=upstream.head()))

    await asyncio.wait({making}, timeout=0.2)
    assert not making.done()
    assert await forge.head("shop", "main") == upstream.head(), "reading waits for nobody"

    os.close(other)
    assert await making == upstream.head()


async def test_a_repository_removed_while_one_waits_for_it_is_not_found(
    forge: LocalForge, root: Path, upstream: Checkout
):
    other = try_lock(root / "shop.git/aiworker/lock")
    assert other is not None
    making = asyncio.create_task(forge.create_branch("shop", "task", at=upstream.head()))
    await asyncio.wait({making}, timeout=0.1)

    (root / "shop.git").rename(root / "gone")
    os.close(other)

    with pytest.raises(NotFound):
        await making


async def test_two_servers_on_one_folder_give_each_pull_request_its_own_number(
    forge: LocalForge, root: Path, upstream: Checkout
):
    names = [f"task-{n}" for n in range(8)]
    for name in names:
        await forge.create_branch("shop", name, at=upstream.head())
    servers = (forge, LocalForge(root, "http://127.0.0.1:3000"))

    pulls = await asyncio.gather(
        *(
            servers[n % 2].open_pull_request("shop", head=name, base="main", title=name, body="")
            for n, name in enumerate(names)
        )
    )

    assert sorted(pull.number for pull in pulls) == list(range(1, 9))


async def test_half_a_pull_request_is_none(forge: LocalForge, root: Path, upstream: Checkout):
    await forge.create_branch("shop", "task", at=upstream.head())
    half = root / "shop.git/aiworker/pulls/open/1.coming"
    half.parent.mkdir(parents=True)
    half.write_text('{"number": 1, "ti')

    pull = await forge.open_pull_request("shop", head="task", base="main", title="T", body="")

    assert pull.number == 1
    assert [one.number for one in await forge.list_pull_requests("shop")] == [1]


async def test_a_pull_request_that_was_just_being_closed_is_closed(forge: LocalForge, root: Path, upstream: Checkout):
    await forge.create_branch("shop", "task", at=upstream.head())
    await forge.open_pull_request("shop", head="task", base="main", title="T", body="")
    pulls = root / "shop.git/aiworker/pulls"
    opened = (pulls / "open/1.json").read_bytes()
    await forge.close_pull_request("shop", 1)
    (pulls / "open/1.json").write_bytes(opened)

    assert (await forge.get_pull_request("shop", 1)).state == "closed"
    assert await forge.list_pull_requests("shop", state="open") == []
    assert (await forge.open_pull_request("shop", head="task", base="main", title="T", body="")).number == 2


async def test_an_import_that_was_killed_is_swept_away_and_done_again(root: Path, upstream: Checkout):
    leftover = root / ".coming/tmpabc/repository"
    leftover.mkdir(parents=True)
    (leftover / "HEAD").touch()
    os.utime(leftover.parent, (0, 0))
    mine = root / ".coming/tmpdef"
    mine.mkdir()
    held = try_lock(mine)
    assert held is not None
    os.utime(mine, (0, 0))

    forge = LocalForge(root, "http://127.0.0.1:3000")
    await forge.import_repository("shop", source=upstream.source)

    assert [path.name for path in (root / ".coming").iterdir()] == ["tmpdef"], "one that is at work stays"
    os.close(held)


async def test_an_import_that_is_given_up_leaves_nothing(root: Path, upstream: Checkout):
    forge = LocalForge(root, "http://127.0.0.1:3000")
    importing = asyncio.create_task(forge.import_repository("shop", source=upstream.source))
    await asyncio.wait({importing}, timeout=0.02)
    importing.cancel()
    await asyncio.wait({importing})

    if importing.cancelled():
        with pytest.raises(NotFound):
            await forge.get_repository("shop")
    assert list((root / ".coming").glob("*")) == []
    assert (await forge.import_repository("shop", source=upstream.source)).head == upstream.head()


def cancelled_at_its_folder(work: asyncio.Task[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up in the moment in which it has made a folder for itself."""
    loop, make = asyncio.get_running_loop(), tempfile.mkdtemp

    def make_and_cancel(*arguments: Any, **named: Any) -> str:
        folder = make(*arguments, **named)
        loop.call_soon_threadsafe(work.cancel)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_cancel)


async def test_an_import_that_is_given_up_before_it_has_a_folder_leaves_nothing(
    root: Path, upstream: Checkout, monkeypatch: pytest.MonkeyPatch
):
    forge = LocalForge(root, "http://127.0.0.1:3000")
    importing = asyncio.create_task(forge.import_repository("shop", source=upstream.source))
    cancelled_at_its_folder(importing, monkeypatch)
    await asyncio.wait({importing})

    assert importing.cancelled()
    assert list((root / ".coming").glob("*")) == []


async def test_an_export_that_is_given_up_leaves_nothing(
    forge: LocalForge, upstream: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    exporting = asyncio.create_task(forge.export("shop", upstream.head(), tmp_path / "room/files"))
    cancelled_at_its_folder(exporting, monkeypatch)
    await asyncio.wait({exporting})

    assert exporting.cancelled()
    assert list((tmp_path / "room").iterdir()) == []


async def test_an_export_that_is_given_up_at_its_end_is_whole(
    forge: LocalForge, upstream: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    begun, go_on = threading.Event(), threading.Event()
    settle: Any = export._settle  # pyright: ignore[reportPrivateUsage]

    def slowly(work: Path, to: Path) -> None:
        begun.set()
        go_on.wait(60)
        settle(work, to)

    monkeypatch.setattr(export, "_settle", slowly)
    exporting = asyncio.create_task(forge.export("shop", upstream.head(), tmp_path / "room/files"))
    await asyncio.to_thread(begun.wait, 60)
    exporting.cancel()
    await asyncio.wait({exporting}, timeout=0.05)
    go_on.set()
    await asyncio.wait({exporting})

    assert exporting.cancelled()
    assert (tmp_path / "room/files/readme.md").read_text() == "one\n"


async def test_who_is_given_up_while_it_writes_lets_nobody_in_before_it_has_written(
    forge: LocalForge, root: Path, upstream: Checkout, monkeypatch: pytest.MonkeyPatch
):
    begun, go_on = threading.Event(), threading.Event()
    make = Pulls.make

    def slowly(self: Pulls, **fields: Any) -> Any:
        begun.set()
        go_on.wait(60)
        return make(self, **fields)

    await forge.create_branch("shop", "task", at=upstream.head())
    monkeypatch.setattr(Pulls, "make", slowly)
    opening = asyncio.create_task(forge.open_pull_request("shop", head="task", base="main", title="T", body=""))
    await asyncio.to_thread(begun.wait, 60)
    opening.cancel()
    await asyncio.wait({opening}, timeout=0.05)
    assert try_lock(root / "shop.git/aiworker/lock") is None

    go_on.set()
    await asyncio.wait({opening})
    assert opening.cancelled()
    assert [one.number for one in await forge.list_pull_requests("shop")] == [1]


async def test_shipping_that_is_given_up_lets_the_next_one_in(forge: LocalForge, upstream: Checkout):
    upstream.switch("task")
    task = upstream.commit("Task", task__txt="task\n")
    await forge.fetch_upstream("shop", source=upstream.source, branch="task")
    picks = [Pick(task, "Ship", f"SHOP-{n}") for n in range(20)]
    shipping = asyncio.create_task(forge.integrate("shop", branch="try/1", onto=upstream.head("main"), picks=picks))
    await asyncio.wait({shipping}, timeout=0.05)
    shipping.cancel()
    await asyncio.wait({shipping})

    made = await forge.integrate("shop", branch="try/1", onto=upstream.head("main"), picks=picks)

    assert len(made.commits) == 20


async def test_tidying_keeps_every_commit_also_those_that_nothing_refers_to(
    forge: LocalForge, root: Path, upstream: Checkout
):
    upstream.switch("task")
    forgotten = upstream.commit("Forgotten")
    await forge.fetch_upstream("shop", source=upstream.source, branch="task")
    await forge.delete_branch("shop", "task")
    upstream.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "Rewritten")
    for n in range(3):
        upstream.switch("main")
        upstream.commit(**{f"f{m}": f"{n} {m}\n" for m in range(1_000)})
        await forge.fetch_upstream("shop", source=upstream.source, branch="main")

    await forge.tidy("shop")

    assert (await forge.get_commit("shop", forgotten)).subject == "Forgotten"
    assert await forge.head("shop", "main") == upstream.head("main")
