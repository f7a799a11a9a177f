"""The books of long runs: tables in benchmarks/, a line for each run."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).parents[2]


class Book:
    """A table in benchmarks/; the commit is the one that stood there when the book was opened."""

    def __init__(self, name: str) -> None:
        self._path = _ROOT / "benchmarks" / name
        self._version = _version()

    def add(self, *cells: str | int) -> str:
        """A line below the last one of the table: the day, the commit, and these."""
        line = f"| {' | '.join(map(str, (f'{datetime.now(UTC):%Y-%m-%d}', self._version, *cells)))} |"
        lines = self._path.read_text().splitlines()
        last = max(place for place, known in enumerate(lines) if known.startswith("| "))
        self._path.write_text("\n".join([*lines[: last + 1], line, *lines[last + 1 :]]) + "\n")
        return line


def _version() -> str:
    """The commit, with a star where the program has been changed since."""
    commit = _git("rev-parse", "--short=7", "HEAD")
    return f"{commit}*" if _git("status", "--porcelain", "src") else commit


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False).stdout.strip()
