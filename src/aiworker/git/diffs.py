"""The difference between two commits, file by file, within limits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from aiworker.git.program import Git

Status = Literal["added", "modified", "deleted", "renamed", "copied", "type_changed"]

_STATUS: dict[str, Status] = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "type_changed",
}
_KIBIBYTE = 1024
# Lines of content begin with a space, a plus or a minus, so this is never one of them.
_HEADER = re.compile(rb"^diff --git ", re.MULTILINE)
_OPTIONS = ("-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a diff may hold: files, bytes of one file's patch, bytes of all patches."""

    files: int = 1_000
    patch_bytes: int = _KIBIBYTE * _KIBIBYTE
    total_bytes: int = 4 * _KIBIBYTE * _KIBIBYTE


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a diff. `patch` is None if the file is binary, or left out by the limits (`truncated`)."""

    path: str
    old_path: str | None
    status: Status
    additions: int
    deletions: int
    binary: bool
    truncated: bool = False
    patch: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """All changed files within the limits; the sums are over all of them."""

    files: tuple[ChangedFile, ...]
    additions: int
    deletions: int
    truncated: bool


async def changes(git: Git, old: str, new: str, limits: Limits | None = None) -> Changes:
    """What changed from `old` to `new`, renames found, patches in unified form."""
    limits = limits or Limits()
    summary = await git.run("diff-tree", "-z", "--raw", "--numstat", *_OPTIONS, old, new, "--", max_output=64 << 20)
    files = list(_summary(summary.out))
    shown = files[: limits.files]
    output = await git.run(
        "diff-tree", "-p", *_OPTIONS, old, new, "--", max_output=limits.total_bytes, cut=True, seconds=120
    )
    patched = _patched(shown, output.out, limits, cut=output.cut)
    return Changes(
        files=tuple(patched),
        additions=sum(file.additions for file in files),
        deletions=sum(file.deletions for file in files),
        truncated=len(files) > len(shown) or any(file.truncated for file in patched),
    )


def _summary(output: bytes) -> Iterator[ChangedFile]:
    """First come all `:mode mode sha sha status NUL path NUL`, then all `added TAB deleted TAB path NUL`."""
    fields = iter(output.decode(errors="replace").split("\0"))
    entries: list[tuple[Status, str | None, str]] = []
    for one in fields:
        if not one.startswith(":"):
            counts = [one, *fields]
            break
        letter = one.rsplit(" ", 1)[1][:1]
        path = next(fields)
        old_path = None
        if letter in "RC":
            old_path, path = path, next(fields)
        entries.append((_STATUS.get(letter, "modified"), old_path, path))
    else:
        return
    numbers = iter(counts)
    for status, old_path, path in entries:
        added, deleted, same_line_path = next(numbers).split("\t", 2)
        if not same_line_path:  # renamed: both paths follow
            next(numbers)
            next(numbers)
        binary = added == "-"
        yield ChangedFile(
            path=path,
            old_path=old_path,
            status=status,
            additions=0 if binary else int(added),
            deletions=0 if binary else int(deleted),
            binary=binary,
        )


def _patched(files: list[ChangedFile], output: bytes, limits: Limits, *, cut: bool) -> list[ChangedFile]:
    sections = _sections(output)
    whole = len(sections) - cut  # the last one may have been cut in the middle
    result: list[ChangedFile] = []
    at = 0
    for file in files:
        # A change of type (file to symlink) is told as a deletion and an addition.
        taken = 2 if file.status == "type_changed" else 1
        patch = b"".join(sections[at : at + taken])
        there = at + taken <= whole
        at += taken
        if file.binary:
            result.append(file)
        elif not there or len(patch) > limits.patch_bytes:
            result.append(replace(file, truncated=True))
        else:
            result.append(replace(file, patch=patch.decode(errors="replace")))
    return result


def _sections(output: bytes) -> list[bytes]:
    starts = [found.start() for found in _HEADER.finditer(output)]
    return [output[start:end] for start, end in pairwise([*starts, len(output)])]
