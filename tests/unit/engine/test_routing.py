from collections.abc import Mapping, Sequence

import pytest

from aiworker.engine.modules.routing import Candidate, decide
from aiworker.wire.engine import HealthStatus


def candidate(
    name: str,
    health: HealthStatus = HealthStatus.HEALTHY,
    score: float = 1.0,
    capacity: float = 0.0,
    *,
    active: bool = True,
) -> Candidate:
    return Candidate(name, "1.0", active, False, health, score, capacity)


def lengths(**known: int) -> "Lengths":
    return Lengths(known)


class Lengths:
    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.asked: list[str] = []

    def __call__(self, names: Sequence[str]) -> Mapping[str, int]:
        self.asked += names
        return self.known


def test_a_healthy_module_comes_before_a_better_one_that_is_degraded() -> None:
    candidates = [candidate("slow", score=0.4), candidate("fast", HealthStatus.DEGRADED, 1.0)]
    assert decide(candidates, lengths())[0].module_name == "slow"


def test_degraded_comes_before_unknown() -> None:
    candidates = [candidate("new", HealthStatus.UNKNOWN), candidate("ill", HealthStatus.DEGRADED)]
    assert decide(candidates, lengths())[0].module_name == "ill"


def test_among_equals_in_health_the_free_capacity_weighs_the_score() -> None:
    candidates = [candidate("busy", score=1.0, capacity=0.9), candidate("idle", score=0.5, capacity=0.1)]
    (decision,) = decide(candidates, lengths())
    assert decision.module_name == "idle"
    assert decision.reasons["why"] == "best figure"


def test_a_tie_goes_to_the_shorter_queue() -> None:
    asked = lengths(a=12, b=3)
    (decision,) = decide([candidate("a"), candidate("b"), candidate("c", score=0.1)], asked)
    assert decision.module_name == "b"
    assert decision.reasons["why"] == "shorter queue"
    assert asked.asked == ["a", "b"]


def test_robots_that_are_made_together_fill_the_queues_of_equals_evenly() -> None:
    decisions = decide([candidate("a"), candidate("b"), candidate("c", score=0.1)], lengths(a=2, b=0), 6)
    assert [decision.module_name for decision in decisions] == ["b", "b", "a", "b", "a", "b"]


def test_queues_are_not_counted_when_figures_decide() -> None:
    asked = lengths()
    decide([candidate("a"), candidate("b", score=0.5)], asked)
    assert asked.asked == []


@pytest.mark.parametrize(
    ("ill", "why"),
    [
        (candidate("a", HealthStatus.UNHEALTHY), "module a is unhealthy"),
        (candidate("a", active=False), "module a is switched off"),
    ],
)
def test_when_nobody_is_well_the_robot_waits_with_the_reason(ill: Candidate, why: str) -> None:
    (decision,) = decide([ill], lengths())
    assert decision.module_name == "a"
    assert decision.waiting == f"nobody is well: {why}"


def test_an_unhealthy_module_gets_nothing_while_another_is_well() -> None:
    candidates = [candidate("a", HealthStatus.UNHEALTHY), candidate("b", HealthStatus.UNKNOWN, 0.1)]
    assert decide(candidates, lengths())[0].module_name == "b"


def test_the_decision_names_everyone_who_was_considered_with_the_figures() -> None:
    (decision,) = decide([candidate("a", score=0.8, capacity=0.5), candidate("b", active=False)], lengths())
    considered = {entry["module"]: entry for entry in decision.reasons["considered"]}
    assert considered["a"]["figure"] == pytest.approx(0.4)
    assert considered["b"]["active"] is False
