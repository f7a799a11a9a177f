"""Pull requests of the local forge: one small file each, written whole or not at all.

`open/{number}.json` until it is closed, then `closed/{number}.json`; if a killed server left both, it is closed.
Callers hold the repository's exclusive lock when they write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from aiworker.adapters.forge.files import write_whole
from aiworker.core.errors import Conflict, NotFound

_MAX_COMMENTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRemark:
    """What was said on a line, or (without `path`) on the whole. `at` is in ISO 8601."""

    body: str
    at: str
    path: str | None = None
    line: int | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPull:
    """A pull request as it is kept. `head_commit` is the head when it was last written. The first version of this kept
    comments as plain strings.
    """

    number: int
    title: str
    body: str
    head: str
    base: str
    head_commit: str
    state: Literal["open", "merged", "closed"] = "open"
    merge_commit: str | None = None
    comments: list[StoredRemark | str] = field(default_factory=list["StoredRemark | str"])


class Pulls:
    """The pull requests of one repository. Everything here reads or writes files and returns at once."""

    def __init__(self, folder: Path) -> None:
        self._open = folder / "open"
        self._closed = folder / "closed"

    def get(self, number: int) -> StoredPull:
        """Raises: NotFound."""
        for folder in (self._closed, self._open):
            try:
                return _read(folder / f"{number}.json")
            except FileNotFoundError:
                continue
        raise _missing(number)

    def changed_at(self, number: int) -> datetime:
        """When it was last written. Raises: NotFound."""
        for folder in (self._closed, self._open):
            try:
                return datetime.fromtimestamp((folder / f"{number}.json").stat().st_mtime, UTC)
            except FileNotFoundError:
                continue
        raise _missing(number)

    def newest(self, *, state: str | None, limit: int | None) -> list[StoredPull]:
        """Newest first, all or those in one state."""
        if state == "open":
            numbers = _numbers(self._open) - _numbers(self._closed)
        elif state is None:
            numbers = _numbers(self._open) | _numbers(self._closed)
        else:
            numbers = _numbers(self._closed)
        found = (self.get(number) for number in sorted(numbers, reverse=True))
        return list(islice((pull for pull in found if state in (None, pull.state)), limit))

    def open_between(self, head: str, base: str) -> StoredPull | None:
        """The open pull request from `head` into `base`, if there is one."""
        return next((pull for pull in self._all_open() if (pull.head, pull.base) == (head, base)), None)

    def make(self, *, head: str, base: str, head_commit: str, title: str, body: str) -> StoredPull:
        """A new one, with the next number."""
        number = max((*_numbers(self._open), *_numbers(self._closed)), default=0) + 1
        pull = StoredPull(number=number, title=title, body=body, head=head, base=base, head_commit=head_commit)
        self.save(pull)
        return pull

    def save(self, pull: StoredPull) -> None:
        """Write it to where its state says."""
        folder = self._open if pull.state == "open" else self._closed
        _write(folder / f"{pull.number}.json", pull)
        if pull.state != "open":
            (self._open / f"{pull.number}.json").unlink(missing_ok=True)

    def remarks(self, number: int) -> list[StoredRemark]:
        """What was said on it, oldest first. Raises: NotFound."""
        changed = self.changed_at(number).isoformat()
        return [
            StoredRemark(body=one, at=changed) if isinstance(one, str) else one for one in self.get(number).comments
        ]

    def say(self, number: int, new: Sequence[StoredRemark]) -> None:
        """Add remarks; the same words at the same place change nothing. Raises: NotFound, Conflict (too many)."""
        said = self.remarks(number)
        for remark in new:
            if not any(replace(one, at=remark.at) == remark for one in said):
                said.append(remark)
        pull = self.get(number)
        if len(said) > _MAX_COMMENTS:
            raise Conflict(f"Pull request {number} has {_MAX_COMMENTS:,} comments; it takes no more.")
        if len(said) > len(pull.comments):
            self.save(replace(pull, comments=[*said]))

    def _all_open(self) -> Iterator[StoredPull]:
        return (self.get(number) for number in _numbers(self._open) - _numbers(self._closed))


def _missing(number: int) -> NotFound:
    return NotFound(f"There is no pull request {number}.", code="pull_request_not_found")


def _numbers(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal()}


def _read(path: Path) -> StoredPull:
    return msgspec.json.decode(path.read_bytes(), type=StoredPull)


def _write(path: Path, pull: StoredPull) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(pull))
