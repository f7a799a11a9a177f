"""Queues and lanes as values."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


class Unset:
    """The type of `UNSET`: "leave it as it is", where None means something."""


UNSET: Final = Unset()


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue that was paused or limited at some time; others have no row."""

    name: str
    paused: bool
    max_running: int | None


@dataclass(frozen=True, slots=True)
class Door:
    """Where a robot goes in at a module: its queue, and a digest of its needs. Each module has a lane behind it."""

    queue: str
    needs_key: str

    @classmethod
    def of(cls, queue: str, needs: Collection[str]) -> "Door":
        """The same for the same set of needs; the key of none is empty."""
        return cls(queue, hashlib.sha256(json.dumps(sorted(needs)).encode()).hexdigest() if needs else "")
