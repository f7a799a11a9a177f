"""The programs of a local runtime as another process sees them: a server beside the worker that keeps them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiworker.adapters.runtime.checks import NAME, check_name
from aiworker.adapters.runtime.folders import InstanceFolder, static_root
from aiworker.adapters.runtime.output import tail
from aiworker.adapters.runtime.probe import answers, as_sentence
from aiworker.adapters.runtime.state import Record, Release, Vault, load
from aiworker.adapters.runtime.turn import kept_on, machine
from aiworker.core.errors import Invalid, Unavailable
from aiworker.delivery.ports.runtime import Folder, Instance, Listening, Progress, Rollout, Target, Waiting

_SEEN_AT_ONCE = 1_000
_ELSEWHERE = Waiting("stopped", "It runs on another machine, which this server cannot reach.")
_COMING = Waiting("starting", "It is being rolled out.")


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: tuple[int, int, int]
    record: Record


class LocalRuntimeView:
    """Fills the ports Runtime and Targets for looking; rolling out is the keeper's, and refused here."""

    kind = "local"

    def __init__(self, root: Path, url_for: Callable[[str], str], *, vault: Vault) -> None:
        self._root = root
        self._url_for = url_for
        self._vault = vault
        self._seen: dict[str, _Seen] = {}

    def url(self, name: str) -> str:
        """The address reserved for an instance."""
        return self._url_for(check_name(name))

    def target(self, name: str) -> Target | None:
        """Where the instance answers at this moment."""
        record = self._record(name)
        if record is None:
            return None
        if record.current is None:
            return _COMING
        if kept_on(self._root) != machine():
            return _ELSEWHERE
        release = record.current
        if not release.rollout.start_command:
            root = self._static_root(name, release)
            return Folder(root) if root else Waiting("stopped", "Its files are gone; deploy it again.")
        return Listening(release.port) if release.port is not None else _COMING

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:  # noqa: ARG002
        """Refused. Raises: Unavailable."""
        raise _not_here()

    async def remove(self, name: str) -> None:  # noqa: ARG002
        """Refused. Raises: Unavailable."""
        raise _not_here()

    async def get(self, name: str) -> Instance | None:
        """See the port."""
        record = self._record(name)
        return None if record is None or record.current is None else await self._look(name, record.current)

    async def list(self) -> list[Instance]:
        """See the port."""
        found = await asyncio.gather(*(self.get(name) for name in await self.names()))
        return [instance for instance in found if instance is not None]

    async def names(self) -> Sequence[str]:
        """See the port."""
        return await asyncio.to_thread(self._names)

    async def logs(self, name: str, *, lines: int = 200) -> str:
        """See the port. While nothing runs: what the last failed roll-out wrote."""
        if NAME.fullmatch(name) is None:
            return ""
        folder = InstanceFolder(self._root / name)
        return await asyncio.to_thread(lambda: tail(folder.last_output(), lines))

    async def _look(self, name: str, release: Release) -> Instance:
        match self.target(name):
            case Listening(port):
                host = urlsplit(self._url_for(name)).netloc
                reason = await answers(port, release.rollout.health_path, host)
                health = "healthy" if reason is None else "unhealthy"
                error = None if reason is None else as_sentence(reason)
            case Folder():
                health, error = "healthy", None
            case Waiting(health, error):
                pass
            case None:
                health, error = "stopped", None
        return Instance(name, release.rollout.commit, health, self._url_for(name), release.since, error, release.limits)

    def _record(self, name: str) -> Record | None:
        """What stands on disk; read again only when it has changed."""
        if NAME.fullmatch(name) is None:
            return None
        file = InstanceFolder(self._root / name).record
        try:
            found = file.stat()
        except OSError:
            self._seen.pop(name, None)
            return None
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        seen = self._seen.get(name)
        if seen is not None and seen.stamp == stamp:
            return seen.record
        try:
            record = load(file, self._vault)
        except (OSError, ValueError):
            return None
        if len(self._seen) >= _SEEN_AT_ONCE:
            self._seen.clear()
        self._seen[name] = _Seen(stamp, record)
        return record

    def _static_root(self, name: str, release: Release) -> Path | None:
        try:
            return static_root(InstanceFolder(self._root / name).release(release.id).files, release.rollout.static_root)
        except Invalid:
            return None

    def _names(self) -> Sequence[str]:
        if not self._root.is_dir():
            return []
        return sorted(folder.name for folder in self._root.iterdir() if NAME.fullmatch(folder.name))[:_SEEN_AT_ONCE]


def _not_here() -> Unavailable:
    return Unavailable(
        "Programs are kept by the worker (`aiworker worker`), not by this server.", code="not_the_keeper"
    )
