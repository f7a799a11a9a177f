"""How many files and connections this process may have open at a time."""

import resource
from contextlib import suppress

# What macOS lets a process have at most without being asked.
MOST = 10_240


def allow_many() -> None:
    """Up to 10,240, where the system allows it: programs start with 1,024 on Linux, and with 256 on macOS.

    A browser's page, a git and a preview take some each; programs that are started from here have as many.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
