"""What came of this process, for tests that must leave nothing running."""

from contextlib import suppress

import psutil


def children() -> list[psutil.Process]:
    """Processes that this one has started, and theirs, as far as they have not ended."""
    found: list[psutil.Process] = []
    for child in psutil.Process().children(recursive=True):
        # It may end while it is looked at.
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
    return found
