"""What is told between two reports."""

from aiworker.sdk.notes import Notes
from aiworker.wire.engine import ReportedLine, StepReport


def notes() -> Notes:
    return Notes("execution", "token")


def test_a_step_that_began_and_ended_is_one_report() -> None:
    told = notes()
    told.add({"step": StepReport(name="read")})
    told.add({"progress_percentage": 10})
    told.add({"step": StepReport(name="read", status="completed", duration_ms=5)})
    (report,) = told.take()
    assert report.step is not None
    assert (report.step.status, report.step.duration_ms, report.progress_percentage) == ("completed", 5, 10)


def test_a_step_says_how_long_ago_it_was() -> None:
    told = notes()
    told.add({"step": StepReport(name="read")})
    told.add({"step": StepReport(name="check")})
    ago = [report.step.ago_ms for report in told.take() if report.step]
    later = [report.step.ago_ms for report in told.take() if report.step]
    assert len(ago) == 2
    assert all(
        before is not None and now is not None and now >= before >= 0 for before, now in zip(ago, later, strict=True)
    )


def test_steps_stay_in_their_order_and_lines_with_them() -> None:
    told = notes()
    for name in ("one", "two"):
        told.add({"step": StepReport(name=name, status="completed")})
        told.add({"log": [ReportedLine(message=name)]})
    reports = told.take()
    assert [(report.step and report.step.name, [line.message for line in report.log]) for report in reports] == [
        ("one", ["one"]),
        ("two", ["two"]),
    ]


def test_what_was_taken_is_there_again_until_it_was_heard() -> None:
    told = notes()
    told.add({"progress_percentage": 10})
    first = told.take()
    told.add({"progress_percentage": 20})
    assert told.take()[: len(first)] == first
    told.heard(len(first))
    assert [report.progress_percentage for report in told.take()] == [20]
    told.heard(1)
    assert not told.waiting


def test_lines_beyond_what_a_report_takes_go_into_the_next() -> None:
    told = notes()
    for number in range(450):
        told.add({"log": [ReportedLine(message=str(number))]})
    assert [len(report.log) for report in told.take()] == [200, 200, 50]


def test_what_nobody_fetches_is_forgotten_from_the_front() -> None:
    told = notes()
    for number in range(600):
        told.add({"step": StepReport(name=str(number), status="completed")})
    names = [report.step.name for report in told.take() if report.step]
    assert (len(names), names[-1]) == (500, "599")
