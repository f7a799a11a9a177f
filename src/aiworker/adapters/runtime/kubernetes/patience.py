"""How long things in a cluster are waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds."""

    # Between two looks, if nothing tells of a change.
    pulse: float = 3.0
    # Between two looks at what cannot be watched.
    look: float = 0.5
    # For a namespace (or an application) to be gone.
    removal: float = 120.0
    # After so long, a pod that waits for its image is replaced: a new one asks the registry at once.
    fresh_pod: float = 20.0
    # For an API that does not answer in the middle of a roll-out.
    away: float = 120.0
    # For an operation of somebody else to end.
    others: float = 300.0
    # For Argo CD to begin, and to end, what it was asked for; health has a deadline of its own.
    sync: float = 300.0
