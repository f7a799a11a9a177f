"""Programs that come from Debian, not from a lock file."""

import shutil

import pytest


def need_program(name: str, *, package: str) -> str:
    """The path of a program; where it is missing, the test is skipped with the line that installs it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing; as root: apt-get install -y --no-install-recommends {package}")
    return found
