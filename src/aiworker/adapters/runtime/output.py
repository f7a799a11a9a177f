"""What a program writes: one file that never grows without bound, and its last lines.

The program writes straight into the file (appending), so that its output goes on when the server is gone. That is why
the file is cut in place instead of being renamed.
"""

import os
from contextlib import suppress
from pathlib import Path

# One file is at most this long, plus what is written between two looks; the same again is kept of what was cut off.
LIMIT_BYTES = 5 * 2**20
_READ_BYTES = 2**18


def open_output(path: Path) -> int:
    """A descriptor that appends to the file."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def note(path: Path, sentence: str) -> None:
    """Add a line of ours to what the program wrote."""
    with suppress(FileNotFoundError), path.open("ab") as file:
        file.write(f"[aiworker] {sentence}\n".encode())


def keep_bounded(path: Path, limit: int = LIMIT_BYTES) -> None:
    """Once the file is longer than the limit, keep its end beside it and begin anew."""
    with suppress(FileNotFoundError), path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= limit:
            return
        file.seek(size - limit // 2)
        earlier = _earlier(path)
        earlier.write_bytes(file.read(limit // 2))
        file.truncate(0)


def tail(path: Path, lines: int = 200) -> str:
    """The last lines; empty if there is no such file. At most 256 KiB."""
    text = _end_of(path)
    if text.count(b"\n") < lines:
        text = _end_of(_earlier(path)) + text
    kept = text.replace(b"\0", b"").decode(errors="replace").splitlines()[-lines:] if lines > 0 else []
    return "\n".join(kept)


def _earlier(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _end_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _READ_BYTES))
            return file.read(_READ_BYTES)
    except FileNotFoundError:
        return b""
