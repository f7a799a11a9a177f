"""A clone of one's own for somebody who works on a branch, by way of a mirror that saves most of the transfer."""

import asyncio
import os
import shlex
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiworker.core.errors import Unavailable
from aiworker.core.locks import lock
from aiworker.core.logging import without_secrets
from aiworker.git.environment import configured, network_environment
from aiworker.git.process import CHUNK, run
from aiworker.git.program import MINUTE, Git
from aiworker.git.transfer import init

_TRANSFER_SECONDS = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository on a server. `credentials`: a file in the form of git-credential-store, for its owner only.

    `direct`: it is on this machine, and never asked for through a proxy.
    """

    url: str
    credentials: Path
    direct: bool = False

    def settings(self) -> list[tuple[str, str]]:
        """What git has to be told to get in, and no secret. The helpers of whoever runs this are left out."""
        helper = f"store --file={shlex.quote(str(self.credentials))}"
        proxy = [("http.proxy", "")] if self.direct else []
        return [("credential.helper", ""), ("credential.helper", helper), *proxy]

    def environment(self) -> dict[str, str]:
        """For a git command that asks it, now and in no repository's settings."""
        return network_environment() | configured(self.settings())


async def refresh(mirror: Path, origin: Origin, *, default_branch: str) -> None:
    """Bring the bare repository `mirror` to where its origin is, one process at a time; made if it is missing.

    Raises: Unavailable.
    """
    await asyncio.to_thread(mirror.parent.mkdir, parents=True, exist_ok=True)
    async with _alone(mirror.with_suffix(".lock")):
        if not (mirror / "HEAD").exists():
            await asyncio.to_thread(shutil.rmtree, mirror, ignore_errors=True)
            await init(mirror, default_branch=default_branch)
        fetched = await Git(mirror, environment=origin.environment()).run(
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--end-of-options",
            origin.url,
            "+refs/heads/*:refs/heads/*",
            ok=(0, 1, 128),
            seconds=_TRANSFER_SECONDS,
        )
    if fetched.code != 0:
        reason = _reason(fetched.err)
        raise Unavailable(f"The repository cannot be fetched: {reason}", code="clone_failed", details={"error": reason})


async def clone(mirror: Path, origin: Origin, to: Path, *, branch: str, name: str, email: str) -> None:
    """Check `branch` out into the new folder `to`, ready to commit (as `name`) and to push to the origin.

    The objects are links into the mirror, where the disk can do that, and need it no more. Submodules are left empty,
    and large files as pointers. Raises: Unavailable.
    """
    settings = [
        *origin.settings(),
        ("user.name", name),
        ("user.email", email),
        ("commit.gpgSign", "false"),
        ("tag.gpgSign", "false"),
    ]
    command = ["git", "clone", "--quiet", "--local", "--template=", "--no-tags", f"--branch={branch}"]
    command += [part for name, value in settings for part in ("--config", f"{name}={value}")]
    made = await run(
        [*command, "--", str(mirror), str(to)],
        cwd=mirror.parent,
        environment=network_environment(),
        seconds=_TRANSFER_SECONDS,
        max_output=CHUNK,
    )
    if made.code != 0:
        reason = _reason(made.err)
        raise Unavailable(f"The repository cannot be cloned: {reason}", code="clone_failed", details={"error": reason})
    await Git(to / ".git").run("remote", "set-url", "origin", origin.url)


@asynccontextmanager
async def _alone(file: Path) -> AsyncGenerator[None]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        await lock(handle)
        yield
    finally:
        os.close(handle)


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return without_secrets(lines[-1] if lines else "git gave no reason")[:300]
