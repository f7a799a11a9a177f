"""The environment a program gets: what it needs, and nothing of the server's own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def environment(project: Mapping[str, str], given: Mapping[str, str], *, home: Path, temporary: Path) -> dict[str, str]:
    """The machine's programs, folders of its own, the project's variables, and over all of them what is `given`."""
    return {
        "PATH": _machine_path(),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        **project,
        **given,
    }


def _machine_path() -> str:
    """The server's PATH, without the virtual environment that the server itself runs in."""
    own = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder and Path(folder) != own)
