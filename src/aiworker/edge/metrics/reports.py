"""The analytics as Prometheus reads them: the stored reports of the period under way, never counted for a scrape."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from aiworker.engine.analytics.periods import LENGTHS, period_at
from aiworker.engine.reports.queries import find
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import (
    BottleneckLine,
    CapacityLine,
    EfficiencyLine,
    ErrorLine,
    PerformanceLine,
    ReportKind,
)

Lines = Sequence[dict[str, Any]]
# Each line becomes a series or two, and Prometheus keeps them all.
_MOST_LINES = 1_000


def lines_under_way(tx: Tx) -> dict[ReportKind, Lines]:
    """What was counted last of this day, this week and this month."""
    stored = {kind: find(tx, kind, period_at(LENGTHS[kind], tx.now).name) for kind in ReportKind}
    known = {kind: report.data for kind, report in stored.items() if report is not None}
    if month := known.get(ReportKind.CAPACITY):
        last = max(line["day"] for line in month)
        known[ReportKind.CAPACITY] = [line for line in month if line["day"] == last]
    return {kind: lines[:_MOST_LINES] for kind, lines in known.items()}


def told(reports: Mapping[ReportKind, Lines]) -> Iterable[Metric]:
    """One family, or two, for each report."""
    yield from _performance(reports.get(ReportKind.PERFORMANCE, []))
    yield _errors(reports.get(ReportKind.ERRORS, []))
    yield _capacity(reports.get(ReportKind.CAPACITY, []))
    yield _efficiency(reports.get(ReportKind.EFFICIENCY, []))
    yield _bottlenecks(reports.get(ReportKind.BOTTLENECKS, []))


def _performance(lines: Lines) -> Iterable[Metric]:
    each = ["module", "type"]
    taken = GaugeMetricFamily(
        "aiworker_robot_duration_seconds", "What half, and 95 of 100, did not exceed today.", labels=[*each, "quantile"]
    )
    waited = GaugeMetricFamily(
        "aiworker_robot_queue_mean_seconds", "How long what was completed today had waited.", labels=each
    )
    for line in map(PerformanceLine.model_validate, lines):
        names = [line.module_name, line.robot_type]
        if line.completed:
            taken.add_metric([*names, "0.5"], line.p50_ms / 1000)
            taken.add_metric([*names, "0.95"], line.p95_ms / 1000)
            waited.add_metric(names, line.avg_queue_ms / 1000)
    return taken, waited


def _errors(lines: Lines) -> Metric:
    number: Counter[tuple[str, str]] = Counter()
    for line in map(ErrorLine.model_validate, lines):
        number[line.robot_type, line.category] += line.number
    failed = GaugeMetricFamily("aiworker_robot_failures", "Tries that failed this week.", labels=["type", "category"])
    for names, many in number.items():
        failed.add_metric(names, many)
    return failed


def _capacity(lines: Lines) -> Metric:
    full = GaugeMetricFamily(
        "aiworker_module_full_ratio", "Of the day's minutes, those at its limit.", labels=["module"]
    )
    for line in map(CapacityLine.model_validate, lines):
        full.add_metric([line.module_name], line.full_share)
    return full


def _efficiency(lines: Lines) -> Metric:
    kept = GaugeMetricFamily(
        "aiworker_module_efficiency_ratio", "Estimated by actual, at most 1, this week.", labels=["module", "type"]
    )
    for line in map(EfficiencyLine.model_validate, lines):
        kept.add_metric([line.module_name, line.robot_type], line.efficiency)
    return kept


def _bottlenecks(lines: Lines) -> Metric:
    share = GaugeMetricFamily(
        "aiworker_step_time_ratio", "Of the time of all the type's steps this week.", labels=["type", "step"]
    )
    # A step that was told with several categories has a line for each.
    shares: defaultdict[tuple[str, str], float] = defaultdict(float)
    for line in map(BottleneckLine.model_validate, lines):
        shares[line.robot_type, line.step] += line.share
    for names, part in shares.items():
        share.add_metric(names, part)
    return share
