"""Writing the files of a commit into a new folder."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from aiworker.core.errors import Conflict, Invalid, TooLarge
from aiworker.core.waiting import uninterrupted
from aiworker.git.process import CHUNK
from aiworker.git.program import MINUTE, Git

MAX_FILES = 500_000
MAX_BYTES = 10 * 1024**3
_SECONDS = 10 * MINUTE


async def export(git: Git, commit: str, to: Path) -> None:
    """Write the commit's files into the new folder `to`: all of them or nothing. No `.git`, submodules left empty.

    Symbolic links are written as such and may point anywhere; whoever serves the folder must look where they lead.
    Raises: Conflict if `to` is there; TooLarge; Invalid (a path that may not be written, like `.git/config`).
    """
    await _weigh(git, commit)
    # Not in a thread: given up meanwhile, it would leave a folder behind.
    work = _make_room(to)
    try:
        await _check_out(git, commit, work)
        # Cut off in the middle, it would be renamed while it is removed below, and half of it would stand there.
        await uninterrupted(asyncio.to_thread(_settle, work, to))
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


async def _weigh(git: Git, commit: str) -> None:
    """A few kilobytes of git can stand for billions of files; they are counted before one is written."""
    files = size = 0
    rest = b""
    async with asyncio.timeout(_SECONDS), git.stream("ls-tree", "-r", "-l", "-z", "--full-tree", commit) as process:
        assert process.stdout is not None  # noqa: S101 (made with a pipe)
        while chunk := await process.stdout.read(CHUNK):
            *entries, rest = (rest + chunk).split(b"\0")
            files += len(entries)
            # `mode type name size TAB path`; the size of a submodule is `-`
            size += sum(int(part) for part in (one.split(b"\t", 1)[0].split()[-1] for one in entries) if part != b"-")
            if files > MAX_FILES or size > MAX_BYTES:
                raise TooLarge(
                    f"The commit has more than {MAX_FILES:,} files or {MAX_BYTES // 1024**3} GiB.",
                    code="commit_too_large",
                    details={"files": MAX_FILES, "gibibytes": MAX_BYTES // 1024**3},
                )


async def _check_out(git: Git, commit: str, work: Path) -> None:
    files = work / "files"
    index = {"GIT_INDEX_FILE": str(work / "index"), "GIT_WORK_TREE": str(files)}
    read = await git.run("read-tree", commit, extra=index, ok=(0, 128), seconds=_SECONDS)
    if read.code != 0:
        raise Invalid("The commit holds a path that may not be written to a disk.", code="path_forbidden")
    await git.run("checkout-index", "--all", "--quiet", extra=index, seconds=_SECONDS)


def _make_room(to: Path) -> Path:
    if to.exists() or to.is_symlink():
        raise _taken()
    to.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{to.name[:50]}-", dir=to.parent))
    (work / "files").mkdir()
    return work


def _settle(work: Path, to: Path) -> None:
    # Renaming a folder replaces an empty one without a word; a full one, or a file, is an error.
    try:
        (work / "files").rename(to)
    except OSError as error:
        with suppress(OSError):
            if to.exists():
                raise _taken() from error
        raise


def _taken() -> Conflict:
    return Conflict("The folder to write the files into is there already.", code="folder_exists")
