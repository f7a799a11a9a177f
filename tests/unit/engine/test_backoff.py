import pytest

from aiworker.engine.robots.backoff import backoff


@pytest.mark.parametrize(("retries", "ceiling"), [(0, 5), (1, 10), (2, 20), (7, 640), (8, 900), (100, 900)])
def test_the_wait_doubles_with_each_retry_up_to_the_cap(retries: int, ceiling: float) -> None:
    assert backoff(retries, base_seconds=5, cap_seconds=900, chance=0.999999) == pytest.approx(ceiling, rel=1e-5)


def test_the_wait_is_spread_over_the_whole_span_so_that_no_storm_comes_back_together() -> None:
    waits = [backoff(3, base_seconds=5, cap_seconds=900) for _ in range(1_000)]
    assert 0 <= min(waits) < 8
    assert 32 < max(waits) < 40


def test_a_base_of_zero_retries_at_once() -> None:
    assert backoff(5, base_seconds=0, cap_seconds=900) == 0
