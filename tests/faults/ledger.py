"""What the workers know for themselves: a file of lines, each on disk before its writer goes on."""

import json
import os
from pathlib import Path
from typing import Any


class Ledger:
    """Appends lines. Many processes may write to the same file."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, what: str, **fields: Any) -> None:
        """One line, whole or not at all: kill -9 takes nothing back that was written."""
        os.write(self._handle, (json.dumps({"what": what, **fields}) + "\n").encode())


def read(path: Path) -> list[dict[str, Any]]:
    """Every line."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]
