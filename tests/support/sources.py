"""Commits without git: folders of files, for who runs them."""

import asyncio
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from aiworker.core.errors import NotFound


class FolderSources:
    """The port Sources over a folder. `commit` makes a commit out of files."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.exports = 0

    def commit(self, files: Mapping[str, str]) -> str:
        """Write the files as a commit; the same files give the same one."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        for path, text in files.items():
            file = self.folder(commit) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return commit

    def folder(self, commit: str) -> Path:
        """Where the files of a commit are."""
        return self._root / commit

    async def export(self, name: str, commit: str, to: Path) -> None:
        """Copy the files of a commit into a new folder."""
        self.exports += 1
        if not self.folder(commit).is_dir():
            raise NotFound(f"{name} has no commit {commit}.")
        await asyncio.to_thread(shutil.copytree, self.folder(commit), to, symlinks=True)
