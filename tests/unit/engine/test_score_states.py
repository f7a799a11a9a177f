import pytest

from aiworker.engine.scores.records import Ended, Pace
from aiworker.engine.scores.states import scored, speeds, tier
from aiworker.wire.engine import PerformanceTier
from tests.support.clocks import NOON


def test_a_module_that_has_done_nothing_yet_has_the_full_score() -> None:
    score = scored("reader", NOON, Ended(), speed=1.0, uptime=1.0)
    assert (score.score, score.tier, score.avg_processing_time_ms) == (1.0, PerformanceTier.HIGH, 0)


@pytest.mark.parametrize(
    ("succeeded", "failed", "speed", "uptime", "score"),
    [(9, 1, 1.0, 1.0, 0.95), (1, 1, 0.5, 0.5, 0.5), (0, 4, 1.0, 0.0, 0.3), (3, 1, 0.8, 0.9, 0.8)],
)
def test_half_of_it_is_success_three_tenths_speed_and_two_tenths_uptime(
    succeeded: int, failed: int, speed: float, uptime: float, score: float
) -> None:
    assert scored("reader", NOON, Ended(succeeded, failed), speed=speed, uptime=uptime).score == pytest.approx(
        score, abs=0.005
    )


@pytest.mark.parametrize(
    ("score", "name"),
    [(1.0, "HIGH"), (0.9, "HIGH"), (0.89, "MEDIUM"), (0.7, "MEDIUM"), (0.69, "LOW"), (0.4, "LOW"), (0.39, "CRITICAL")],
)
def test_tiers_begin_where_the_formula_says(score: float, name: str) -> None:
    assert tier(score) is PerformanceTier(name)


def test_speed_is_measured_against_the_best_of_those_who_do_the_same() -> None:
    found = speeds([Pace("slow", "ocr.read", 10, 400.0), Pace("fast", "ocr.read", 10, 100.0)])
    assert found == {"slow": 0.25, "fast": 1.0}


def test_types_that_nobody_else_did_say_nothing_about_speed() -> None:
    assert speeds([Pace("slow", "ocr.read", 10, 400.0), Pace("fast", "fax.send", 10, 100.0)]) == {}


def test_types_count_by_how_many_robots_were_done() -> None:
    paces = [
        Pace("one", "ocr.read", 30, 200.0),
        Pace("one", "ocr.sort", 10, 100.0),
        Pace("two", "ocr.read", 1, 100.0),
        Pace("two", "ocr.sort", 1, 400.0),
    ]
    assert speeds(paces)["one"] == pytest.approx((30 * 0.5 + 10 * 1.0) / 40)


def test_who_takes_no_time_at_all_is_as_fast_as_can_be() -> None:
    assert speeds([Pace("one", "ocr.read", 1, 0.0), Pace("two", "ocr.read", 1, 0.0)]) == {"one": 1.0, "two": 1.0}
