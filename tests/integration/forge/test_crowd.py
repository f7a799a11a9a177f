"""Pushes, merges and housekeeping on one repository at the same time: nothing is lost, nothing is broken."""

import asyncio
from pathlib import Path

from aiworker.adapters.forge import LocalForge
from aiworker.core.errors import Conflict
from aiworker.delivery.ports.forge import Pick
from tests.support.checkouts import Checkout, run_git

PUSHERS, ROUNDS, RELEASES = 4, 4, 5


async def test_pushes_and_merges_and_housekeeping_do_not_disturb_each_other(
    forge: LocalForge, root: Path, upstream: Checkout
):
    start = upstream.head()
    await forge.create_branch("shop", "staging", at=start)
    task_heads: dict[str, str] = {}

    async def push(number: int) -> None:
        """Somebody's commits, straight into the repository as a push would bring them."""
        name = f"task-{number}"
        for turn in range(ROUNDS):
            upstream_branch = f"refs/heads/{name}"
            tree = upstream.git("write-tree") if turn == 0 else upstream.git("rev-parse", f"{upstream_branch}^{{tree}}")
            parent = start if turn == 0 else upstream.head(name)
            commit = upstream.git("commit-tree", tree, "-p", parent, "-m", f"{name} {turn}")
            upstream.git("update-ref", upstream_branch, commit)
            fetched = await forge.fetch_upstream("shop", source=upstream.source, branch=name)
            assert fetched.head == commit
            task_heads[name] = commit

    async def ship() -> None:
        for number in range(RELEASES):
            at = await forge.head("shop", "staging")
            assert at is not None
            made = await forge.integrate(
                "shop", branch=f"release/{number}", onto=at, picks=[Pick(start, f"Release {number}", "SHOP-1")]
            )
            await forge.foresee("shop", onto=at, picks=[Pick(start, "Look", "SHOP-1")])
            await forge.move_branch("shop", "staging", to=made.head, expected=at)
            await forge.delete_branch("shop", f"release/{number}")

    async def tidy() -> None:
        for _ in range(RELEASES):
            await forge.tidy("shop")

    await asyncio.gather(*(push(number) for number in range(PUSHERS)), ship(), tidy())

    for name, commit in task_heads.items():
        assert await forge.head("shop", name) == commit
    staging = await forge.head("shop", "staging")
    assert (await forge.compare("shop", base=start, head=str(staging))).ahead == RELEASES
    assert run_git(root / "shop.git", "fsck", "--full", "--strict").returncode == 0


async def test_of_many_who_move_a_branch_from_the_same_place_one_succeeds(forge: LocalForge, upstream: Checkout):
    start = upstream.head()
    await forge.create_branch("shop", "staging", at=start)
    heads: list[str] = []
    for number in range(6):
        tree = upstream.git("write-tree")
        heads.append(upstream.git("commit-tree", tree, "-p", start, "-m", f"Move {number}"))
        upstream.git("update-ref", f"refs/heads/m{number}", heads[-1])
        await forge.fetch_upstream("shop", source=upstream.source, branch=f"m{number}")

    async def move(to: str) -> bool:
        try:
            await forge.move_branch("shop", "staging", to=to, expected=start)
        except Conflict:
            return False
        return True

    done = await asyncio.gather(*(move(head) for head in heads))
    assert sum(done) == 1
    assert await forge.head("shop", "staging") == heads[done.index(True)]
