"""Where a branch of a repository on this machine stands, read from its files, without a process."""

from pathlib import Path

from aiworker.git.names import is_commit

_LONGEST = 1_000_000


def commit_at(folder: Path, ref: str) -> str | None:
    """The commit of a full ref, in a bare repository or in one with its files beside it.

    None where the files do not tell: no such ref, a linked work tree, refs that are kept another way. Then git knows.
    """
    repository = folder / ".git" if (folder / ".git").exists() else folder
    try:
        return _loose(repository / ref) or _packed(repository / "packed-refs", ref)
    except (OSError, UnicodeDecodeError):
        return None


def _loose(file: Path) -> str | None:
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return None
    if not is_commit(text):
        raise OSError("it names another ref")
    return text


def _packed(file: Path, ref: str) -> str | None:
    if file.stat().st_size > _LONGEST:
        return None
    for line in file.read_text().splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and is_commit(commit):
            return commit
    return None
