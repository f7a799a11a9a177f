"""The git program, bound to one repository."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiworker.core.logging import get_logger
from aiworker.git.environment import local_environment
from aiworker.git.process import Finished, GitFailed, Heard, Process, run, started

_log = get_logger(__name__)

MINUTE = 60.0
_MEBIBYTE = 1024 * 1024
_PROGRAM = "git"


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git commands on the repository in `directory` (bare, or a `.git` folder).

    `held` are file descriptors of locks; git inherits them, so that a lock lives as long as the work it guards.
    """

    directory: Path
    held: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=local_environment)

    async def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        ok: Collection[int] = (0,),
        seconds: float = MINUTE,
        max_output: int = 16 * _MEBIBYTE,
        cut: bool = False,
        heard: Heard | None = None,
    ) -> Finished:
        """Run one command; `extra` is added to its environment. More than `max_output` bytes: an error, unless `cut`.

        Raises: GitFailed if its exit status is not one of `ok`, or it takes longer than `seconds`.
        """
        finished = await run(
            self._command(arguments),
            cwd=self.directory,
            environment={**self.environment, **(extra or {})},
            held=self.held,
            stdin=stdin,
            seconds=seconds,
            max_output=max_output,
            heard=heard,
        )
        if finished.cut:
            if cut:
                return finished
            raise GitFailed(f"git {arguments[0]} wrote more than {max_output} bytes.")
        if finished.code not in ok:
            raise self.failed(arguments[0], finished.err)
        return finished

    def failed(self, command: str, stderr: str) -> GitFailed:
        """The error for a command that failed for a reason nobody thought of; the log has git's own words."""
        _log.warning("git_failed", command=command, repository=self.directory.name, stderr=stderr)
        return GitFailed(f"git {command} failed.", stderr=stderr)

    async def text(self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None) -> str:
        """What one command writes, without the newline at its end."""
        finished = await self.run(*arguments, stdin=stdin, extra=extra)
        return finished.out.decode(errors="replace").removesuffix("\n")

    @asynccontextmanager
    async def stream(self, *arguments: str, extra: Mapping[str, str] | None = None) -> AsyncGenerator[Process]:
        """A running command, for those who read or write while it runs; it ends with the context at the latest."""
        async with started(
            self._command(arguments),
            cwd=self.directory,
            environment={**self.environment, **(extra or {})},
            held=self.held,
        ) as process:
            yield process

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [_PROGRAM, f"--git-dir={self.directory}", *arguments]
