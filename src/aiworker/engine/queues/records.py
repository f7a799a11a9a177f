"""Queues and lanes as values."""

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
