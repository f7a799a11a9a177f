"""Where the files of an instance lie.

{name}/instance.json            what should run
{name}/home, {name}/tmp         kept from release to release (package caches, data that the program keeps)
{name}/releases/{id}/files      the commit's files
{name}/releases/{id}/output     what setup and program wrote
{name}/failed                   what the last failed roll-out wrote
"""

import os
import shutil
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence

_OUTSIDE = Sentence("static_root_outside", "The static root `{folder}` leads out of the repository.")
_NO_FOLDER = Sentence(
    "static_root_missing", "The static root `{folder}` is not a folder of the repository at this commit."
)
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class ReleaseFolder:
    """One version's files and output."""

    path: Path

    @property
    def files(self) -> Path:
        """The commit's files."""
        return self.path / "files"

    @property
    def temporary(self) -> Path:
        """The program's TMPDIR."""
        return self.path / "tmp"

    @property
    def output(self) -> Path:
        """What setup and program wrote."""
        return self.path / "output"


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """Everything of one instance."""

    path: Path

    @property
    def record(self) -> Path:
        """What should run."""
        return self.path / "instance.json"

    @property
    def home(self) -> Path:
        """The program's HOME."""
        return self.path / "home"

    @property
    def failed_output(self) -> Path:
        """What the last failed roll-out wrote."""
        return self.path / "failed"

    def release(self, release_id: str) -> ReleaseFolder:
        """The folder of one version."""
        return ReleaseFolder(self.path / "releases" / release_id)

    def newest(self) -> ReleaseFolder | None:
        """That of the version that was brought up last, or is now."""
        try:
            found = list((self.path / "releases").iterdir())
            return ReleaseFolder(max(found, key=lambda folder: folder.stat().st_mtime_ns)) if found else None
        except FileNotFoundError:
            # There is none, or another process has just taken one away.
            return None

    def last_output(self) -> Path:
        """What it writes; without one, what the last failed roll-out wrote."""
        release = self.newest()
        return self.failed_output if release is None else release.output

    def prepare(self, release_id: str) -> ReleaseFolder:
        """Make the folders for a new version."""
        for folder in (self.path, self.home, self.path / "releases"):
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        release = self.release(release_id)
        release.path.mkdir(mode=_PRIVATE)
        release.temporary.mkdir(mode=_PRIVATE)
        return release

    def keep_only(self, release_ids: Container[str]) -> None:
        """Take away every version but these."""
        with suppress(FileNotFoundError):
            for folder in (self.path / "releases").iterdir():
                if folder.name not in release_ids:
                    remove_tree(folder)


def static_root(files: Path, wanted: str) -> Path:
    """The folder to serve below the checkout.

    Raises: Invalid if it is not there, or leads out of the checkout.
    """
    checkout = files.resolve()
    root = (checkout / wanted).resolve()
    if not root.is_relative_to(checkout):
        raise Invalid(_OUTSIDE(folder=wanted), code="invalid_static_root")
    if not root.is_dir():
        raise Invalid(_NO_FOLDER(folder=wanted), code="invalid_static_root")
    return root


def remove_tree(path: Path) -> None:
    """Take a folder away, also what a program made read-only; already gone is no error."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except PermissionError:
        path.chmod(_PRIVATE)
        for parent, folders, _ in os.walk(path):
            for folder in folders:
                if not (Path(parent) / folder).is_symlink():
                    (Path(parent) / folder).chmod(_PRIVATE)
        shutil.rmtree(path)
