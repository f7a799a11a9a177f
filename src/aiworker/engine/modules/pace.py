"""How many robots a module may still start, if it has a limit per minute. Nothing here touches a database.

What was started is counted by the second and kept for as long as it may count. A second counts whole: within any 60
seconds no more are started than the limit says, and at most a second's worth fewer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

_WINDOW_SECONDS: Final = 60
# A claim that waited for the module's row finds starts there that are newer than its own clock.
_KEPT_SECONDS: Final = 2 * _WINDOW_SECONDS

Starts = Mapping[str, int]


def room(starts: Starts | None, now: datetime, per_minute: int) -> int:
    """How many may be started now."""
    return max(0, per_minute - sum(_since(starts, now, _WINDOW_SECONDS).values()))


def noted(starts: Starts | None, now: datetime, number: int) -> dict[str, int]:
    """The same starts, and so many now."""
    kept = _since(starts, now, _KEPT_SECONDS)
    second = str(int(now.timestamp()))
    return {**kept, second: kept.get(second, 0) + number}


def _since(starts: Starts | None, now: datetime, seconds: int) -> dict[str, int]:
    first = int(now.timestamp()) - seconds
    return {second: number for second, number in (starts or {}).items() if int(second) >= first}
