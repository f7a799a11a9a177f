"""Lines of reports from what was counted. Nothing here touches a database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from aiworker.engine.analytics.records import Failure
from aiworker.engine.analytics.shapes import shape
from aiworker.wire.analytics import BottleneckLine, ErrorLine

_MOST_LINES: Final = 200


def error_lines(failures: Iterable[Failure]) -> list[ErrorLine]:
    """Failures that look alike together, the most frequent first."""
    alike: defaultdict[tuple[str, str, str, str], list[Failure]] = defaultdict(list)
    for failure in failures:
        alike[failure.category, failure.robot_type, failure.step or "", shape(failure.message)].append(failure)
    lines = [
        ErrorLine(
            category=category,
            robot_type=robot_type,
            step=step or None,
            message=message,
            number=len(group),
            modules=sorted({failure.module_name for failure in group}),
            first_at=min(failure.at for failure in group),
            last_at=max(failure.at for failure in group),
            example_robot_id=max(group, key=lambda failure: failure.at).robot_id,
        )
        for (category, robot_type, step, message), group in alike.items()
    ]
    return sorted(lines, key=lambda line: (-line.number, line.category, line.robot_type, line.message))[:_MOST_LINES]


def bottleneck_lines(lines: Sequence[BottleneckLine]) -> list[BottleneckLine]:
    """Steps with their share of the time of their type, those that take most of all first."""
    whole: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        whole[line.robot_type] += line.total_ms
    shared = [
        line.model_copy(update={"share": round(line.total_ms / whole[line.robot_type], 4)})
        if whole[line.robot_type]
        else line
        for line in lines
    ]
    return sorted(shared, key=lambda line: (-line.total_ms, line.robot_type, line.step))[:_MOST_LINES]


def queue_times(days: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], int]:
    """The mean wait in a module's queue by module and day, from the lines of daily performance reports."""
    waited: defaultdict[tuple[str, str], float] = defaultdict(float)
    number: defaultdict[tuple[str, str], int] = defaultdict(int)
    for day, lines in days.items():
        for line in lines:
            key = (str(line["moduleName"]), day)
            waited[key] += line["avgQueueMs"] * line["completed"]
            number[key] += line["completed"]
    return {key: round(waited[key] / count) for key, count in number.items() if count}


def of_users(
    lines: Sequence[dict[str, Any]], system: Collection[str], system_types: Collection[str]
) -> list[dict[str, Any]]:
    """The lines that do not speak of the system's own modules alone; one that names no module is told by its type."""

    def speaks_of_users(line: Mapping[str, Any]) -> bool:
        if "moduleName" in line or "modules" in line:
            named: Sequence[str] = line.get("modules") or [line["moduleName"]]
            return not all(name in system for name in named)
        return line["robotType"] not in system_types

    return [line for line in lines if speaks_of_users(line)]
