"""The score's formula: `0.5 × success rate + 0.3 × speed + 0.2 × uptime`. Nothing here touches a database."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aiworker.engine.scores.records import Ended, GivenScore, Pace
from aiworker.wire.engine import PerformanceTier

_SUCCESS, _SPEED, _UPTIME = 0.5, 0.3, 0.2
_TIERS: Final = ((0.9, PerformanceTier.HIGH), (0.7, PerformanceTier.MEDIUM), (0.4, PerformanceTier.LOW))


def scored(name: str, at: datetime, ended: Ended, *, speed: float, uptime: float) -> GivenScore:
    """The score of one module; without a finished robot its success rate is 1."""
    tried = ended.succeeded + ended.failed
    success = ended.succeeded / tried if tried else 1.0
    score = round(_SUCCESS * success + _SPEED * speed + _UPTIME * uptime, 2)
    return GivenScore(
        module_name=name,
        scored_at=at,
        score=score,
        tier=tier(score),
        success_rate=round(success, 4),
        speed=round(speed, 4),
        uptime=round(uptime, 4),
        succeeded=ended.succeeded,
        failed=ended.failed,
        avg_processing_time_ms=round(ended.succeeded_ms / ended.succeeded) if ended.succeeded else 0,
    )


def tier(score: float) -> PerformanceTier:
    """HIGH from 0.90, MEDIUM from 0.70, LOW from 0.40, CRITICAL below."""
    return next((name for least, name in _TIERS if score >= least), PerformanceTier.CRITICAL)


def speeds(paces: Sequence[Pace]) -> dict[str, float]:
    """How fast each module is beside the best of those who do the same types, 0 to 1, by name.

    Its types count by how many robots it did; types that nobody else did do not count. Who has no peer is not here.
    """
    of_type: defaultdict[str, list[Pace]] = defaultdict(list)
    for pace in paces:
        of_type[pace.robot_type].append(pace)
    weighted: defaultdict[str, float] = defaultdict(float)
    number: defaultdict[str, int] = defaultdict(int)
    for peers in of_type.values():
        if len(peers) == 1:
            continue
        best = min(pace.mean_ms for pace in peers)
        for pace in peers:
            weighted[pace.module_name] += pace.number * (best / pace.mean_ms if pace.mean_ms > 0 else 1.0)
            number[pace.module_name] += pace.number
    return {name: weighted[name] / count for name, count in number.items()}
