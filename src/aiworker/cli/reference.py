"""The reference page of the command line: `python -m aiworker.cli.reference` writes docs/reference/commands.md."""

import sys
from typing import cast

from aiworker.cli.main import build_cli
from aiworker.cli.starters import Starters

_PREFACE = """\
# Commands

This page is made by `python -m aiworker.cli.reference`. `aiworker COMMAND --help` says the same in the terminal.

Exit status: 0 when it is done; 1 when it failed, and one sentence on standard error says why; 2 for wrong use. With
`--json` a command prints the server's data and nothing else.

Commands for people talk to the server at `AIWORKER_URL` with the key in `AIWORKER_TOKEN`, by default to the server of
this machine with the admin key that `aiworker up` keeps.
"""


def reference() -> str:
    """The page, in Markdown."""
    # Nothing is started by describing it.
    app = build_cli(cast("Starters", None))
    chapters = app.generate_docs(heading_level=1).partition("\n## aiworker ")
    lines = (chapters[1] + chapters[2]).splitlines()
    return _PREFACE + "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


if __name__ == "__main__":
    # The page shows the program's name, not how this module was started.
    sys.argv = ["aiworker"]
    sys.stdout.write(reference())
