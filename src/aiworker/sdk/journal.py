"""Endings on disk until the server has them: what is done is told, also after a `kill -9` or a long outage.

One file per process, locked as long as it lives. Whoever starts later takes over what a dead one left.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from aiworker.core.errors import Invalid
from aiworker.core.faults import fault_point, torn_write
from aiworker.core.ids import new_id
from aiworker.wire.batches import Ending

_REWRITTEN_BYTES = 16 * 1024 * 1024


class Journal:
    """The endings that are not known to have arrived. Lines of JSON, only for the eyes of whoever runs the module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, bytes] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path = folder / f"endings-{new_id()}.jsonl"
            self._file = _locked(self._path, "xb")
        except OSError as error:
            raise Invalid(
                f"Endings cannot be kept in {folder} ({error.strerror}); set AIWORKER_HOME to a folder of yours.",
                code="folder_unusable",
            ) from error

    def left_behind(self) -> list[Ending]:
        """What processes that are dead have left; ours from now on."""
        found: dict[str, Ending] = {}
        for path in sorted(self._folder.glob("endings-*.jsonl")):
            if path == self._path:
                continue
            try:
                with _locked(path, "rb") as file:
                    lines = [ending for line in file if (ending := _ending(line)) is not None]
                    found |= {ending.execute_id: ending for ending in lines}
                    self.add(lines)
                    fault_point("module.taken_over")
                    path.unlink()
            except OSError:  # it is alive, or somebody else is taking it over
                continue
        return list(found.values())

    def add(self, endings: Iterable[Ending]) -> None:
        """Keep them."""
        lines = {ending.execute_id: _line(ending) for ending in endings}
        self._open |= lines
        torn_write("module.keeping", self._file, b"".join(lines.values()))

    def size_of(self, ending: Ending) -> int:
        """How many bytes one of them has."""
        return len(self._open.get(ending.execute_id, b""))

    def arrived(self, execute_ids: Sequence[str]) -> None:
        """Forget these."""
        for execute_id in execute_ids:
            self._open.pop(execute_id, None)
        if not self._open:
            self._file.truncate(0)
        elif self._file.seek(0, os.SEEK_END) > _REWRITTEN_BYTES:
            self._rewrite()

    def close(self) -> None:
        """What is left stays for whoever comes next."""
        if not self._open:
            self._path.unlink(missing_ok=True)
        self._file.close()

    def _rewrite(self) -> None:
        fresh = self._folder / f"endings-{new_id()}.jsonl"
        file = _locked(fresh, "xb")
        file.write(b"".join(self._open.values()))
        self._path.unlink(missing_ok=True)
        self._file.close()
        self._path, self._file = fresh, file


def _locked(path: Path, mode: str) -> BinaryIO:
    flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if "x" in mode else 0)
    file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file  # pyright: ignore[reportReturnType] (unbuffered, and all that is asked of it is there)


def _line(ending: Ending) -> bytes:
    return ending.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"


def _ending(line: bytes) -> Ending | None:
    """None for a line that a crash cut off."""
    try:
        return Ending.model_validate_json(line)
    except ValidationError:
        return None
