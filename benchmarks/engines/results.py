"""What a run found: rates by entrant and mode, latencies by entrant."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.engines.measure import Drained

Key = tuple[str, str]


@dataclass(slots=True)
class Results:
    """All of one server's part of a run. Keys: (entrant, mode) for what was drained, (entrant, what) for latencies."""

    drained: defaultdict[Key, list[Drained]] = field(default_factory=lambda: defaultdict(list))
    seconds: defaultdict[Key, list[float]] = field(default_factory=lambda: defaultdict(list))

    def rate(self, entrant: str, mode: str) -> float | None:
        """The median of its runs, robots per second."""
        found = self.drained.get((entrant, mode))
        return statistics.median(each.rate for each in found) if found else None

    def cpu(self, entrant: str, mode: str) -> tuple[float, float] | None:
        """Medians of milliseconds of CPU for each robot: the worker's, the server's."""
        found = self.drained.get((entrant, mode))
        if not found:
            return None
        return statistics.median(each.worker_ms for each in found), statistics.median(each.server_ms for each in found)

    def milliseconds(self, entrant: str, what: str, part: float) -> float | None:
        """A percentile over the samples of all runs; `part` 0.5 is the median."""
        found = self.seconds.get((entrant, what))
        return percentile(found, part) * 1000 if found else None


def percentile(samples: Sequence[float], part: float) -> float:
    """The sample below which `part` of them lie (nearest rank)."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]
