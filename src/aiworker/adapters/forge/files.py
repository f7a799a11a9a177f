"""Writing small files so that a power cut leaves the old one or the new one, never half of it."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write the file whole, and on disk before this returns. One writer at a time."""
    coming = path.with_suffix(".coming")
    with coming.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    coming.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
