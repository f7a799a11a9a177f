"""Routing: which module a new robot goes to, and why. Nothing here touches a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heapreplace
from typing import Any, Final

from aiworker.wire.engine import HealthStatus

# HEALTHY before DEGRADED before UNKNOWN; UNHEALTHY never.
_ORDER: Final = (HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.UNKNOWN)

_SHOWN = 50

QueueLengths = Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A module that does the robot's type, with the figures that count."""

    module_name: str
    module_version: str
    is_active: bool
    draining: bool
    health_status: HealthStatus
    performance_score: float
    capacity_utilization: float
    internal: bool = False
    # How long the type takes there, in milliseconds, if that is known.
    typical_ms: int | None = None

    @property
    def well(self) -> bool:
        """Switched on, not being drained, and not known to be ill."""
        return self.is_active and not self.draining and self.health_status is not HealthStatus.UNHEALTHY

    @property
    def figure(self) -> float:
        """`performance_score × (1 − capacity_utilization)`."""
        return round(self.performance_score * (1 - self.capacity_utilization), 4)

    @property
    def trouble(self) -> str | None:
        """Why it gets nothing now, in a few words; None if it is well."""
        if not self.is_active:
            return f"module {self.module_name} is switched off"
        if self.draining:
            return f"module {self.module_name} is being drained"
        return None if self.well else f"module {self.module_name} is unhealthy"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a robot goes. `waiting`: nobody is well, and why. `internal`: to the system itself."""

    module_name: str
    waiting: str | None
    reasons: Mapping[str, Any]
    internal: bool = False
    typical_ms: int | None = None


def decide(candidates: Sequence[Candidate], queue_lengths: QueueLengths, robots: int = 1) -> list[Decision]:
    """The best of those who do the type, at least one, for each of so many robots that are made together.

    `queue_lengths` is asked only if figures tie, and may leave out whoever comes after one whose queue is empty.
    """
    well = [candidate for candidate in candidates if candidate.well]
    if not well:
        chosen = max(candidates, key=lambda candidate: (candidate.is_active, candidate.figure, candidate.module_name))
        waiting = "nobody is well: " + ", ".join(sorted(c.trouble or "" for c in candidates))
        return [_decided(chosen, _reasons(candidates, chosen, {}, waiting), waiting[:200])] * robots
    best = max(well, key=_strength)
    tied = sorted((c for c in well if _strength(c) == _strength(best)), key=lambda candidate: candidate.module_name)
    if len(tied) == 1:
        why = "the only one" if len(well) == 1 else "best figure"
        return [_decided(best, _reasons(candidates, best, {}, why), None)] * robots
    lengths = dict(queue_lengths([candidate.module_name for candidate in tied]))
    known = [candidate for candidate in tied if candidate.module_name in lengths] or tied[:1]
    order = _shortest_first([lengths.get(candidate.module_name, 0) for candidate in known], robots)
    chosen = {
        place: _decided(known[place], _reasons(candidates, known[place], lengths, "shorter queue"), None)
        for place in set(order)
    }
    return [chosen[place] for place in order]


def _shortest_first(lengths: Sequence[int], robots: int) -> list[int]:
    """Places of queues, as robots come that each go to the queue that is the shortest then."""
    queues = [(length, place) for place, length in enumerate(lengths)]
    heapify(queues)
    order: list[int] = []
    for _ in range(robots):
        length, place = queues[0]
        heapreplace(queues, (length + 1, place))
        order.append(place)
    return order


def away_from(decision: Decision, left: str) -> Decision:
    """The same decision, for a robot that waited for another module before."""
    return replace(decision, reasons={**decision.reasons, "movedFrom": left})


def answers_to(candidate: Candidate, asked: str) -> bool:
    """Whether a module is meant by a name: `ocr` is every version of it, `ocr@2` that version under either name."""
    family, _, version = asked.partition("@")
    if candidate.module_name.partition("@")[0] != family:
        return False
    return not version or candidate.module_name == asked or candidate.module_version == version


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those who do a type, the one that gets a robot first; equals by name, and last those that get nothing now."""
    return sorted(candidates, key=lambda one: (not one.well, *(-part for part in _strength(one)), one.module_name))


def _decided(chosen: Candidate, reasons: Mapping[str, Any], waiting: str | None) -> Decision:
    return Decision(chosen.module_name, waiting, reasons, chosen.internal, chosen.typical_ms)


def _strength(candidate: Candidate) -> tuple[int, float]:
    health = -_ORDER.index(candidate.health_status) if candidate.well else -len(_ORDER)
    return (health, candidate.figure)


def _reasons(
    candidates: Sequence[Candidate], chosen: Candidate, lengths: Mapping[str, int], why: str
) -> dict[str, Any]:
    return {
        "chosen": chosen.module_name,
        "why": why,
        "considered": [
            {
                "module": candidate.module_name,
                "active": candidate.is_active,
                "draining": candidate.draining,
                "health": candidate.health_status.value,
                "score": candidate.performance_score,
                "capacity": candidate.capacity_utilization,
                "figure": candidate.figure,
                "queue": lengths.get(candidate.module_name),
            }
            for candidate in candidates[:_SHOWN]
        ],
    }
