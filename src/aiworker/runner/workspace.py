"""A clean clone for each attempt, with a credential for this repository only, and the project's `setup` run in it."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

from aiworker.core.connection import is_loopback
from aiworker.core.errors import Unavailable
from aiworker.core.files import write_private
from aiworker.core.logging import without_secrets
from aiworker.git.clones import Origin, clone, refresh
from aiworker.git.process import GitFailed
from aiworker.git.program import Git
from aiworker.runner.addresses import from_here
from aiworker.runner.drivers.driver import Tell, line
from aiworker.runner.folders import AttemptFolder
from aiworker.runner.program import environment, running
from aiworker.wire.agents import LogLevel
from aiworker.wire.work import WorkProject

SETUP_SECONDS = 30 * 60.0
_LONGEST_LINE = 8_000


class SetupFailed(Unavailable):
    """The project's `setup` did not do its work."""

    default_code = "setup_failed"


class Workspace:
    """The clone of one attempt. `mirrors`: where what was fetched before is kept for the next clones. `server`: its
    address, as it is known here."""

    def __init__(self, folder: AttemptFolder, project: WorkProject, branch: str, *, mirrors: Path, server: str) -> None:
        self._folder = folder
        self._project = project
        self._branch = branch
        self._mirror = mirrors / f"{re.sub(r'[^a-z0-9-]', '-', project.key.lower())}.git"
        self._clone_url = from_here(project.clone_url, server)
        self.path = folder.repository

    def credential(self, key: str) -> Origin:
        """Give git the attempt's key, in a file of its own."""
        parts = urlsplit(self._clone_url)
        file = self._folder.path / "credentials"
        write_private(file, f"{parts.scheme}://agent:{key}@{parts.netloc}")
        return Origin(self._clone_url, file, direct=is_loopback(self._clone_url))

    async def make(self, origin: Origin, *, name: str) -> None:
        """A clean clone on the task's branch. Raises: Unavailable."""
        await refresh(self._mirror, origin, default_branch=self._project.default_branch)
        email = f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}@agents.aiworker.invalid"
        await clone(self._mirror, origin, self.path, branch=self._branch, name=name, email=email)

    async def set_up(self, tell: Tell, token: str, *, seconds: float = SETUP_SECONDS) -> None:
        """Run the project's `setup`, its output into the log. Raises: SetupFailed."""
        command = self._project.setup_command
        if command is None:
            return
        tell(_said(f"$ {command}"))
        last = ""
        try:
            async with (
                asyncio.timeout(seconds),
                running(
                    ["/bin/sh", "-c", command], cwd=self.path, environment=environment(), token=token, both=True
                ) as program,
            ):
                async for text in program.lines(longest=_LONGEST_LINE):
                    if (told := line(without_secrets(text), LogLevel.DEBUG)) is not None:
                        last = told.message
                        tell(told)
                status = await program.wait()
        except TimeoutError:
            raise SetupFailed(f"The project's setup `{command}` took longer than {seconds / 60:g} minutes.") from None
        if status != 0:
            raise SetupFailed(f"The project's setup `{command}` ended with exit status {status}: {last}"[:2_000])

    async def push(self) -> bool:
        """Push what is committed; whether the branch has anything that the default branch lacks."""
        git = Git(self.path / ".git", environment=Origin("", self._folder.path / "credentials").environment())
        head = f"HEAD:refs/heads/{self._branch}"
        try:
            await git.run("push", "--quiet", "--no-verify", "origin", head, seconds=600)
            counted = await git.run("rev-list", "--count", f"origin/{self._project.default_branch}..HEAD")
        except GitFailed:
            return False
        return int(counted.out or b"0") > 0


def _said(text: str):
    told = line(text)
    assert told is not None  # noqa: S101 (it has words)
    return told
