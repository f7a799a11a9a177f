"""How long the runtime waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds, and how often a program is started again."""

    # Between two looks at whether a program that is being started answers.
    look: float = 0.1
    # Between two looks at whether a program lives.
    pulse: float = 0.5
    # Between two looks at its memory and at the length of its output.
    watch: float = 2.0
    # Between asking a process to end and ending it.
    grace: float = 5.0
    # For a setup command.
    setup: float = 1_800.0
    # Before a program is started again: doubled with each failure, up to the ceiling. After so many it stays down.
    backoff: float = 0.5
    backoff_ceiling: float = 30.0
    restarts: int = 8
    # Once it has been up for so long, its earlier failures are forgotten.
    steady: float = 60.0
