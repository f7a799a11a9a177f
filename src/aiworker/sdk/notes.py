"""What a handler has told and the server has not heard yet, merged into as few reports as will do."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiworker.wire.batches import ReportOf
from aiworker.wire.engine import ReportedLine, StepReport

_LINES_IN_A_REPORT = 200
# If the server is away for longer than this holds, the oldest reports are dropped.
_MOST_REPORTS = 500
# Kept beside the fields of a report: when its step began or ended, by the monotonic clock.
_STEP_AT = "step_at"


class Notes:
    """One robot's; written by its handler, read by the reporter, from whatever thread."""

    def __init__(self, execute_id: str, lease_token: str) -> None:
        self._ids = {"execute_id": execute_id, "lease_token": lease_token}
        self._lock = threading.Lock()
        self._open: deque[dict[str, Any]] = deque(maxlen=_MOST_REPORTS)
        self._under_way: list[tuple[ReportOf, float]] = []

    @property
    def waiting(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._open or self._under_way)

    def add(self, told: Mapping[str, Any]) -> None:
        """Take what a report may hold; the latest figure counts, steps and lines are all kept."""
        with self._lock:
            last = self._open[-1] if self._open else None
            if last is None or not _fits(last, told):
                last = {}
                self._open.append(last)
            lines = [*last.get("log", ()), *told.get("log", ())]
            last.update(told)
            if "step" in told:
                last[_STEP_AT] = time.monotonic()
            if lines:
                last["log"] = lines

    def take(self) -> list[ReportOf]:
        """Everything, in order; the same again until `heard`."""
        with self._lock:
            for told in self._open:
                step_at = told.pop(_STEP_AT, 0.0)
                self._under_way.append((ReportOf(**self._ids, **told), step_at))
            self._open.clear()
            now = time.monotonic()
            return [_dated(report, now - step_at) for report, step_at in self._under_way]

    def heard(self, number: int) -> None:
        """The server has the first ones of what was taken."""
        with self._lock:
            del self._under_way[:number]


def _fits(last: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    before: StepReport | None = last.get("step")
    step: StepReport | None = told.get("step")
    if before is not None and step is not None and not _ends(before, step):
        return False
    lines: list[ReportedLine] = last.get("log", [])
    return len(lines) + len(told.get("log", ())) <= _LINES_IN_A_REPORT


def _dated(report: ReportOf, seconds_ago: float) -> ReportOf:
    """With how long ago its step began or ended, if it tells of one."""
    if report.step is None:
        return report
    step = report.step.model_copy(update={"ago_ms": int(seconds_ago * 1000)})
    return report.model_copy(update={"step": step})


def _ends(began: StepReport, ended: StepReport) -> bool:
    """A step that began and ended since the last report is told by its end alone, which says how long it took."""
    return began.name == ended.name and began.status == "running" and ended.status != "running"
