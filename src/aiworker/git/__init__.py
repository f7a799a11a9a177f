"""Git plumbing by the git program, never by a shell: repositories, refs, history, diffs, picks, transfer, export.

`Git` is the program bound to one repository; the modules beside it are functions that take it. Commits are named by 40
hex digits, refs in full (`refs/heads/main`); both are checked before they reach a command line.
"""

from aiworker.git.process import GitFailed
from aiworker.git.program import Git

__all__ = ["Git", "GitFailed"]
