"""Files that only their owner may read."""

import os
from pathlib import Path


def read_private(file: Path) -> str:
    """The text of a file that only its owner should read (that is mended, if need be); empty if there is none."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return text


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read; after a crash there is the old one or the new one, whole."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
