"""A module's limit per minute in the engine, whatever is asked for and whenever: `tests/unit/engine/test_pace.py` asks
the same of the counting alone."""

import asyncio
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clocks import ManualClock
from tests.support.engine import Bench
from tests.support.inline import InlineDatabase

# Seconds that pass, seconds by which the clock is then set back, and how many robots are asked for.
_CLAIMS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.4, 7.3, 31.0, 59.9, 61.0]), st.sampled_from([0, 0, 0, 3, 600]), st.integers(1, 20)
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=15)
@given(st.integers(1, 5), _CLAIMS)
def test_within_any_minute_no_more_start_than_the_module_may_and_no_fewer_are_handed_out(
    most: int, claims: list[tuple[float, int, int]]
) -> None:
    asyncio.run(_claims(most, claims))


async def _claims(most: int, claims: list[tuple[float, int, int]]) -> None:
    clock = ManualClock()
    bench = Bench(InlineDatabase(clock), clock)
    await bench.module(max_per_minute=most)
    for queue in ("shop", "blog"):
        await bench.submit_many(most * len(claims) // 2 + 1, queue=queue)
    passed = told = clock.now
    started: list[tuple[datetime, datetime]] = []
    for seconds, set_back, wanted in claims:
        passed += timedelta(seconds=seconds)
        clock.pass_seconds(seconds - set_back)
        # The database's clock stands still until the machine's has caught up.
        told = max(told, clock.now)
        number = len(await bench.claim(limit=wanted))
        lately = sum(told - one <= timedelta(seconds=61) for _, one in started)
        assert number >= min(wanted, most - lately)
        started += [(passed, told)] * number
    await bench.database.close()
    for first, _ in started:
        assert sum(first <= one < first + timedelta(seconds=60) for one, _ in started) <= most
