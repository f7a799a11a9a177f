"""Every statement on stored reports."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, select, update

from aiworker.engine.reports.records import StoredReport
from aiworker.engine.reports.tables import analytics_reports
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_REPORT = columns(StoredReport, analytics_reports)
_SUMMARY = [column for column in _REPORT if column.name != "data"]


def find(tx: Tx, kind: str, period: str) -> StoredReport | None:
    """A report by its kind and period."""
    wanted = (analytics_reports.c.kind == kind, analytics_reports.c.period == period)
    return tx.record(StoredReport, select(*_REPORT).where(*wanted))


def made_at(tx: Tx, kind: str, period: str) -> datetime | None:
    """When a report was made."""
    wanted = (analytics_reports.c.kind == kind, analytics_reports.c.period == period)
    return tx.scalar(select(analytics_reports.c.made_at).where(*wanted))


def newest(tx: Tx, kind: str) -> StoredReport | None:
    """The report about the latest period (their names sort as they come)."""
    statement = select(*_REPORT).where(analytics_reports.c.kind == kind).order_by(analytics_reports.c.period.desc())
    return tx.record(StoredReport, statement.limit(1))


def of_month(tx: Tx, kind: str, month: str) -> list[StoredReport]:
    """The reports about the days of a month."""
    statement = select(*_REPORT).where(
        analytics_reports.c.kind == kind, analytics_reports.c.period.between(f"{month}-01", f"{month}-31")
    )
    return tx.records(StoredReport, statement.limit(31))


def between(tx: Tx, kind: str, first: str, last: str) -> list[StoredReport]:
    """The reports about the days from the first to the last, oldest first; up to 31."""
    period = analytics_reports.c.period
    wanted = (analytics_reports.c.kind == kind, period.between(first, last))
    return tx.records(StoredReport, select(*_REPORT).where(*wanted).order_by(period).limit(31))


def summaries(tx: Tx, kind: str | None, limit: int) -> list[StoredReport]:
    """What is stored, the latest periods first, without the lines."""
    statement = select(*_SUMMARY).order_by(analytics_reports.c.period.desc(), analytics_reports.c.kind).limit(limit)
    if kind is not None:
        statement = statement.where(analytics_reports.c.kind == kind)
    return [StoredReport(row.kind, row.period, row.made_at, row.complete, []) for row in tx.rows(statement)]


def save(tx: Tx, report: StoredReport) -> None:
    """Insert or replace."""
    values = asdict(report)
    mine = (analytics_reports.c.kind == report.kind, analytics_reports.c.period == report.period)
    there = tx.row(select(analytics_reports.c.kind).where(*mine).with_for_update())
    if there is None:
        tx.execute(insert(analytics_reports).values(values))
    else:
        again = {name: values[name] for name in ("made_at", "complete", "data")}
        tx.execute(update(analytics_reports).where(*mine).values(again))
