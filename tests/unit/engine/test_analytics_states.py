from datetime import UTC, datetime, timedelta

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.analytics.periods import period_at, period_named
from aiworker.engine.analytics.records import Failure
from aiworker.engine.analytics.shapes import shape
from aiworker.engine.analytics.states import bottleneck_lines, error_lines, queue_times
from aiworker.wire.analytics import BottleneckLine
from tests.support.clocks import NOON


@pytest.mark.parametrize(
    ("length", "name", "start", "days"),
    [
        ("day", "2026-03-02", (2026, 3, 2), 1),
        ("week", "2026-W10", (2026, 3, 2), 7),
        ("month", "2026-03", (2026, 3, 1), 31),
    ],
)
def test_a_period_is_named_by_its_day_week_or_month(
    length: str, name: str, start: tuple[int, int, int], days: int
) -> None:
    period = period_at(length, NOON)  # pyright: ignore[reportArgumentType] (a parameter of the test)
    assert period.name == name
    assert period.start == datetime(*start, tzinfo=UTC)
    assert period.end - period.start == timedelta(days=days)
    assert period_named(length, name) == period  # pyright: ignore[reportArgumentType]


def test_the_first_days_of_a_year_may_lie_in_the_last_ones_week() -> None:
    assert period_at("week", datetime(2027, 1, 1, tzinfo=UTC)).name == "2026-W53"
    assert period_at("month", datetime(2026, 12, 31, 23, tzinfo=UTC)).end == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "2026", "2026-13", "2026-W54", "2026-02-30", "٢٠٢٦-03", "2026-W1", "20260302"])
def test_a_name_that_is_no_period_is_refused(name: str) -> None:
    for length in ("day", "week", "month"):
        with pytest.raises(Invalid) as refusal:
            period_named(length, name)
        assert refusal.value.code == "bad_period"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("page 7 of 12 is empty", "page 301 of 999 is empty"),
        ("cannot open '/in/a.pdf'", "cannot open '/tmp/b c.pdf'"),
        ("GET https://a.example/x?1 failed", "GET http://b.example/ failed"),
        ("no customer 01a1fd06-c7a0-717d-8078-1dd95c4d30d0", "no customer 01a1fd06-c7a0-717d-8078-1dd95c4d30d1"),
        ("took 1.5 s", "took 22,75 s"),
        ("mail to ada@example.com bounced\nfirst trace", "mail to bob.b@example.org bounced\nother trace"),
        ("read /var/lib/one/x.db: locked", "read /srv/two.db: locked"),
        ("digest deadbeef01 is wrong", "digest 0badf00d99 is wrong"),
    ],
)
def test_messages_that_differ_by_numbers_names_and_ids_have_one_shape(one: str, other: str) -> None:
    assert shape(one) == shape(other)


def test_what_differs_in_words_differs_in_shape() -> None:
    assert shape("disk full") != shape("disk slow")
    assert shape("can't read") == "can't read"
    assert shape(None) == shape("  ") == "no message"
    assert len(shape("'" * 100_000)) <= 200


def failure(message: str, minutes: int = 0, **fields: str) -> Failure:
    values = {"robot_type": "ocr.read", "module_name": "reader", "category": "RESOURCE", "step": "scan", **fields}
    return Failure(robot_id=f"ocr_{minutes}", message=message, at=NOON + timedelta(minutes=minutes), **values)


def test_failures_that_look_alike_are_one_line_with_its_first_and_last_time() -> None:
    alike = [failure("page 1 is empty"), failure("page 9 is empty", 5, module_name="spare")]
    other = failure("page 1 is empty", 7, step="save")
    first, second = error_lines([*alike, other])
    assert (first.number, first.modules, first.message) == (2, ["reader", "spare"], "page N is empty")
    assert (first.first_at, first.last_at, first.example_robot_id) == (NOON, NOON + timedelta(minutes=5), "ocr_5")
    assert (second.number, second.step) == (1, "save")


def test_a_step_has_its_share_of_the_time_of_its_type() -> None:
    def line(robot_type: str, step: str, total_ms: int) -> BottleneckLine:
        return BottleneckLine(
            robot_type=robot_type,
            step=step,
            category="PROCESSING",
            number=1,
            failed=0,
            avg_ms=total_ms,
            max_ms=total_ms,
            total_ms=total_ms,
            share=0,
        )

    lines = bottleneck_lines([line("ocr.read", "open", 100), line("ocr.read", "scan", 300), line("fax.send", "x", 0)])
    assert [(each.step, each.share) for each in lines] == [("scan", 0.75), ("open", 0.25), ("x", 0.0)]


def test_the_wait_in_a_queue_is_weighed_by_how_many_waited() -> None:
    day = [
        {"moduleName": "reader", "avgQueueMs": 100, "completed": 3},
        {"moduleName": "reader", "avgQueueMs": 500, "completed": 1},
        {"moduleName": "spare", "avgQueueMs": 0, "completed": 0},
    ]
    assert queue_times({"2026-03-02": day}) == {("reader", "2026-03-02"): 200}
