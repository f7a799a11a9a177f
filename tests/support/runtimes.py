"""Runtimes for tests."""

from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from httpcore2 import AsyncConnectionPool

from aiworker.adapters.runtime import LocalRuntime, Patience
from aiworker.delivery.ports.runtime import Folder, Listening, Rollout, Targets
from tests.support.sources import FolderSources
from tests.support.waiting import eventually
from tests.support.webapp import START

QUICK = Patience(
    look=0.02, pulse=0.05, watch=0.1, grace=2.0, setup=3.0, backoff=0.05, backoff_ceiling=0.2, restarts=3, steady=60.0
)
# Two runtimes that follow each other must have the same one.
VAULT = Fernet(b"cGVyaGFwcyBhIGtleSBmb3IgdGVzdHMgb25seSEhISE=")


def local_runtime(root: Path, sources: FolderSources, *, patience: Patience = QUICK) -> LocalRuntime:
    """A local runtime below `root` that loses patience quickly."""
    return LocalRuntime(
        root, sources, lambda name: f"http://{name}.preview.localhost:3000", vault=VAULT, patience=patience
    )


def rollout(commit: str, *words: str, name: str = "task-shop-1", **settings: Any) -> Rollout:
    """A roll-out of the small web application; `words` tell it how to behave."""
    chosen: dict[str, Any] = {"start_command": " ".join((START, *words)), "health_timeout_seconds": 10.0, **settings}
    return Rollout(name, "shop", commit, **chosen)


async def restored(runtime: LocalRuntime, target: type[Folder | Listening] = Listening) -> None:
    """Start it, and wait until what it found is up: on a busy machine that goes on behind the start."""
    await runtime.start()
    await eventually(lambda: isinstance(runtime.target("task-shop-1"), target))


async def unheard(step: str, sentence: str) -> None:
    """Progress that nobody follows."""


async def ask(targets: Targets, name: str, path: str = "/") -> tuple[int, str]:
    """What the program of an instance answers, asked directly."""
    target = targets.target(name)
    assert isinstance(target, Listening), target
    async with AsyncConnectionPool() as pool:
        response = await pool.request("GET", f"http://127.0.0.1:{target.port}{path}", headers={"host": f"{name}.test"})
        return response.status, response.content.decode()
