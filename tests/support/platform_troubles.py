"""How the neighbours of a platform misbehave while one step of the story is told."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from tests.support.gitea import Answer, Cut, Slow
from tests.support.kube_argocd import Mood
from tests.support.platform import Platform

_MERGE = "POST /repos/*/pulls/*/merge"
_SLOW_SECONDS = 0.7
# What a person would mend is mended so soon.
_MENDED_SECONDS = 1.5

Misbehaviour = Callable[[Platform, random.Random], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _well(_world: Platform, _dice: random.Random) -> AsyncGenerator[None]:
    yield


def _of_gitea(*answers: Answer | Cut, at: str = "*") -> Misbehaviour:
    """Gitea's next requests are answered like this; which ones, the dice say."""

    @asynccontextmanager
    async def misbehaves(world: Platform, dice: random.Random) -> AsyncGenerator[None]:
        for _ in range(dice.randint(1, 2)):
            world.gitea.trouble(at, *answers)
        try:
            yield
        finally:
            world.gitea.calm()

    return misbehaves


def _of_cluster(what: int | str, method: str = "", path: str = "", **how: object) -> Misbehaviour:
    @asynccontextmanager
    async def misbehaves(world: Platform, dice: random.Random) -> AsyncGenerator[None]:
        world.cluster.goes_wrong(what, method, path, times=dice.randint(1, 3), **how)
        try:
            yield
        finally:
            world.cluster.troubles.clear()

    return misbehaves


@asynccontextmanager
async def _slow(world: Platform, dice: random.Random) -> AsyncGenerator[None]:
    world.cluster.goes_wrong("slow", seconds=_SLOW_SECONDS, times=dice.randint(1, 3))
    until = asyncio.Event()
    world.gitea.trouble("*", Slow(until), Slow(until))
    timer = asyncio.get_running_loop().call_later(_SLOW_SECONDS, until.set)
    try:
        yield
    finally:
        timer.cancel()
        until.set()
        world.gitea.calm()
        world.cluster.troubles.clear()


def _webhooks(which: str) -> Misbehaviour:
    @asynccontextmanager
    async def misbehaves(world: Platform, _dice: random.Random) -> AsyncGenerator[None]:
        setattr(world.gitea.deliveries, which, 1_000)
        try:
            yield
        finally:
            setattr(world.gitea.deliveries, which, 0)

    return misbehaves


@asynccontextmanager
async def _watches_end(world: Platform, dice: random.Random) -> AsyncGenerator[None]:
    """Again and again the history is forgotten (410), and the connections of all watches are cut."""

    async def again() -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.1, 0.5))
            world.cluster.store.forget_history()
            world.cluster.cut_watches()

    async with _meanwhile(again()):
        yield


def _argo(mood: Mood, seconds: float | None = None) -> Misbehaviour:
    @asynccontextmanager
    async def misbehaves(world: Platform, _dice: random.Random) -> AsyncGenerator[None]:
        async def soon_over() -> None:
            if seconds is not None:
                await asyncio.sleep(seconds)
                world.argo.mood = "works"

        world.argo.mood = mood
        try:
            async with _meanwhile(soon_over()):
                yield
        finally:
            world.argo.mood = "works"

    return misbehaves


@asynccontextmanager
async def _without_a_scope(world: Platform, _dice: random.Random) -> AsyncGenerator[None]:
    """Somebody takes a scope from the token, and gives it back."""
    tokens = world.gitea.world.tokens
    whole = tokens["token-aiworker"]

    async def mended() -> None:
        await asyncio.sleep(_MENDED_SECONDS)
        tokens["token-aiworker"] = whole

    tokens["token-aiworker"] = replace(whole, scopes=frozenset({"read:repository", "read:user"}))
    try:
        async with _meanwhile(mended()):
            yield
    finally:
        tokens["token-aiworker"] = whole


@asynccontextmanager
async def _without_a_permission(world: Platform, _dice: random.Random) -> AsyncGenerator[None]:
    """Somebody takes a permission in the cluster away, and gives it back."""

    async def mended() -> None:
        await asyncio.sleep(_MENDED_SECONDS)
        world.cluster.denied.clear()

    for plural in ("applications", "namespaces"):
        world.cluster.deny("patch", plural)
    try:
        async with _meanwhile(mended()):
            yield
    finally:
        world.cluster.denied.clear()


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def killed(world: Platform, dice: random.Random) -> AsyncGenerator[None]:
    """`kill -9` of the server at some moment of the step; the next one is up when the step is over."""
    moment = dice.uniform(0.0, 1.2)
    over = asyncio.Event()

    async def strike() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(moment):
                await over.wait()
        await world.kill()

    task = asyncio.create_task(strike())
    try:
        yield
    finally:
        over.set()
        await task


WELL: Misbehaviour = _well
# A patient client gets through these without anybody's help.
PASSING: dict[str, Misbehaviour] = {
    "slow": _slow,
    "gitea-5xx": _of_gitea(Answer(500), Answer(503)),
    "gitea-git-5xx": _of_gitea(Answer(502), at="* /team/shop.git/*"),
    "gitea-cut": _of_gitea(Cut()),
    "gitea-cut-when-done": _of_gitea(Cut(after=True), at="P* /repos/*"),
    "gitea-push-cut-when-done": _of_gitea(Cut(after=True), at="POST /team/shop.git/git-receive-pack"),
    "gitea-limit": _of_gitea(Answer(429, "slow down", {"Retry-After": "1"})),
    "gitea-merge-later": _of_gitea(Answer(405, "Please try again later"), at=_MERGE),
    "gitea-merge-409": _of_gitea(Answer(409, "head out of date"), at=_MERGE),
    "gitea-merge-never": _of_gitea(*[Answer(405, "User not allowed to merge PR")] * 20, at=_MERGE),
    "webhooks-lost": _webhooks("lose"),
    "webhooks-doubled": _webhooks("double"),
    "cluster-5xx": _of_cluster(503),
    "cluster-cut": _of_cluster("cut"),
    "cluster-409": _of_cluster(409, "PATCH"),
    "cluster-limit": _of_cluster(429, headers={"Retry-After": "1"}),
    "watch-410": _watches_end,
    "argo-late": _argo("late"),
    "argo-stuck": _argo("stuck", 1.5),
    "argo-lies": _argo("lies", 1.5),
}
# These end in a refusal that names what is missing; when it is mended, a person says so again.
REFUSING: dict[str, Misbehaviour] = {
    "gitea-scope": _without_a_scope,
    "cluster-permission": _without_a_permission,
}
