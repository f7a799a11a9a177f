"""Making reports in the background, and reading what was stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from aiworker.core.errors import NotFound
from aiworker.engine.analytics import queries, states
from aiworker.engine.analytics.periods import LENGTHS, Period, period_at, period_named
from aiworker.engine.modules import queries as modules_of
from aiworker.engine.reports import queries as shelf
from aiworker.engine.reports.records import StoredReport
from aiworker.engine.schedules.queries import find as find_schedule
from aiworker.engine.schedules.service import Schedules
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import ReportKind
from aiworker.wire.base import Wire

# What ended just before a period's end has been committed by then.
_SETTLED: Final = timedelta(minutes=2)
_ASKED_BY: Final = "AiWorker"
# One robot type and one schedule for each; those that people look at while something happens come more often.
REPORTS: Final[Mapping[str, tuple[ReportKind, str]]] = MappingProxyType(
    {
        "report.performance": (ReportKind.PERFORMANCE, "*/15 * * * *"),
        "report.errors": (ReportKind.ERRORS, "5-59/15 * * * *"),
        "report.efficiency": (ReportKind.EFFICIENCY, "20 * * * *"),
        "report.bottlenecks": (ReportKind.BOTTLENECKS, "35 * * * *"),
        "report.capacity": (ReportKind.CAPACITY, "50 * * * *"),
    }
)


def periods_to_make(tx: Tx, kind: ReportKind) -> list[Period]:
    """The one that is under way, and the one before until it has been made once more after its end."""
    length = LENGTHS[kind]
    now = period_at(length, tx.now)
    before = period_at(length, now.start - (now.end - now.start) / 2)
    known = shelf.find(tx, kind, before.name)
    return [now] if known is not None and known.complete else [before, now]


def make(tx: Tx, kind: ReportKind, period: Period) -> StoredReport:
    """Count one report. It reads only, and may read much."""
    lines = [line.model_dump(mode="json", by_alias=True) for line in _lines(tx, kind, period)]
    return StoredReport(kind.value, period.name, tx.now, tx.now >= period.end + _SETTLED, lines)


def keep(tx: Tx, report: StoredReport) -> None:
    """Store it in place of the one before."""
    shelf.save(tx, report)


def report(tx: Tx, kind: ReportKind, period: str | None, *, system: bool = True) -> StoredReport | None:
    """A stored report, by default the newest, if there is one; without what the system did, if that is not wanted.

    Raises: Invalid, NotFound (none about that period).
    """
    found = shelf.newest(tx, kind) if period is None else _about(tx, kind, period)
    if found is None or system:
        return found
    modules = modules_of.names_of_all(tx, internal=True)
    lines = states.of_users(found.data, modules, modules_of.types_of(tx, modules))
    return replace(found, data=lines)


def _about(tx: Tx, kind: ReportKind, period: str) -> StoredReport:
    named = period_named(LENGTHS[kind], period)
    found = shelf.find(tx, kind, named.name)
    if found is None:
        raise NotFound(f"There is no {kind} report about {named.name}.", code="report_not_found")
    return found


def ask_for_first(tx: Tx, schedules: Schedules) -> list[str]:
    """Have reports counted now that know nothing yet of their period, though the first robots have ended in it: whoever
    has just begun sees at once what came of it. Which schedules those are."""
    asked: list[str] = []
    for robot_type, (kind, _) in REPORTS.items():
        period = period_at(LENGTHS[kind], tx.now)
        first = queries.first_ended(tx, period.start)
        made_at = shelf.made_at(tx, kind, period.name)
        if first is None or (made_at is not None and made_at > first) or not schedules.rests(tx, robot_type):
            continue
        schedules.run_now(tx, robot_type, by=_ASKED_BY)
        asked.append(robot_type)
    return asked


def next_count(tx: Tx, kind: ReportKind) -> datetime | None:
    """When a report is counted again; None: its schedule is switched off."""
    robot_type = next(name for name, (of, _) in REPORTS.items() if of is kind)
    schedule = find_schedule(tx, robot_type)
    return schedule.next_due if schedule is not None and schedule.is_active else None


def stored(tx: Tx, kind: ReportKind | None, *, limit: int) -> list[StoredReport]:
    """What is stored, the latest periods first, without the lines."""
    return shelf.summaries(tx, kind, limit)


def _lines(tx: Tx, kind: ReportKind, period: Period) -> list[Wire]:
    lines: list[Wire] = []
    match kind:
        case ReportKind.PERFORMANCE:
            lines.extend(queries.performance(tx, period))
        case ReportKind.ERRORS:
            lines.extend(states.error_lines(queries.failures(tx, period)))
        case ReportKind.CAPACITY:
            days = shelf.of_month(tx, ReportKind.PERFORMANCE, period.name)
            waited = states.queue_times({day.period: day.data for day in days})
            lines.extend(queries.capacity(tx, period, waited))
        case ReportKind.EFFICIENCY:
            lines.extend(queries.efficiency(tx, period))
        case ReportKind.BOTTLENECKS:
            lines.extend(states.bottleneck_lines(queries.steps(tx, period)))
    return lines
