"""What the benchmarks make of their figures."""

import pytest
from benchmarks.engines.driver import Compared
from benchmarks.engines.entrants import BATCHES, DEFAULT, EACH, OURS, PEERS
from benchmarks.engines.measure import Drained, Sizes
from benchmarks.engines.report import written
from benchmarks.engines.results import Results, percentile
from benchmarks.engines.run import PICKUP, Plan

PLAN = Plan(entrants=[*OURS, *PEERS], parts=("drain", "pickup"), sizes=Sizes(), rounds=3)


def report(results: Results, compared: list[Compared] | None = None) -> str:
    return written(PLAN, {"postgresql": results}, command="python", about=["a machine"], driver=compared or [])


@pytest.mark.parametrize(("part", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.99, 5.0), (1.0, 5.0)])
def test_a_percentile_is_one_of_the_samples(part: float, expected: float) -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], part) == expected


def test_a_percentile_of_one_sample_is_that_sample() -> None:
    assert percentile([7.0], 0.99) == 7.0


def test_a_rate_is_the_median_of_its_runs_with_the_lowest_and_the_highest() -> None:
    results = Results()
    results.drained["aiworker", EACH] += [Drained(rate, 1, 2) for rate in (1_000, 3_000, 2_000)]

    assert "| **aiworker** | 2,000 (1,000 to 3,000) |  |  |" in report(results)


def test_an_aim_is_judged_by_the_ratio_of_one_run() -> None:
    results = Results()
    results.drained["aiworker", DEFAULT].append(Drained(5_000, 1, 1))
    results.drained["pgqueuer", DEFAULT].append(Drained(5_000, 1, 1))
    results.drained["aiworker", BATCHES].append(Drained(9_999, 1, 1))
    results.drained["pgqueuer", BATCHES].append(Drained(5_000, 1, 1))

    text = report(results)

    assert "| default mode at least pgqueuer's rate | 5,000 / 5,000 = 1.00 | met |" in text
    assert "| batches of 200 at least twice pgqueuer's | 9,999 / 5,000 = 2.00 | **missed** |" in text


def test_what_was_not_measured_is_not_judged() -> None:
    assert "| default mode at least pgqueuer's rate | not measured |  |" in report(Results())


def test_latencies_are_told_in_milliseconds() -> None:
    results = Results()
    results.seconds["aiworker", PICKUP] += [0.004, 0.004, 0.0125]

    text = report(results)

    assert "| **aiworker** |  |  | 4.0 / 12.5 |" in text
    assert "| idle pickup, p50 under 5 ms | 4.0 ms | met |" in text


def test_the_plain_driver_is_a_measure_of_what_the_engine_itself_costs() -> None:
    compared = Compared(at_once=200, robots=1_000, engine=590, driver=1_000, ratio=0.59, statements=0.075)

    text = report(Results(), [compared])

    assert "| 200 at once (1,000 robots) | 590 | 1,000 | 0.59 | **missed** | 15.0 |" in text
