"""Where everything is put together: settings in, objects wired, roles started. The program's entry point."""

import sys

from aiworker.app.late import LateStarters
from aiworker.cli.main import run

__all__ = ["main"]


def main() -> None:
    """The program `aiworker`."""
    sys.exit(run(LateStarters()))
