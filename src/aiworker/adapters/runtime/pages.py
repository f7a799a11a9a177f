"""A release without a program: its files are served as they are."""

from pathlib import Path

from aiworker.adapters.runtime.state import Release
from aiworker.delivery.ports.runtime import Folder, Health, Target, Waiting


class Pages:
    """The files of one release."""

    def __init__(self, release: Release, root: Path) -> None:
        self.release = release
        self._root = root

    def target(self) -> Target:
        """Where the files are now."""
        if self._root.is_dir():
            return Folder(self._root)
        return Waiting("stopped", "Its files are gone; deploy it again.")

    async def check(self) -> tuple[Health, str | None]:
        """Whether the files are there."""
        return ("healthy", None) if self._root.is_dir() else ("stopped", "Its files are gone.")

    async def end(self) -> None:
        """There is nothing to end."""

    async def leave(self) -> None:
        """There is nothing to look after."""
