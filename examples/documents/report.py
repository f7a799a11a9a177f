"""What came of a batch, and which step took the time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StepTime:
    """One step, over all executions: how often, and how long in all."""

    name: str
    times: int
    milliseconds: int

    @property
    def mean_ms(self) -> float:
        """Of one time."""
        return self.milliseconds / self.times


def step_times(executions: Iterable[Mapping[str, Any]]) -> list[StepTime]:
    """The steps of executions, as `GET /api/executions` tells them, the one that took longest first: the bottleneck."""
    times: Counter[str] = Counter()
    spent: dict[str, int] = defaultdict(int)
    for step in (step for execution in executions for step in execution["steps"]):
        times[step["name"]] += 1
        spent[step["name"]] += step["durationMs"] or 0
    found = [StepTime(name, times[name], spent[name]) for name in times]
    return sorted(found, key=lambda step: step.milliseconds, reverse=True)


def as_text(robots: Iterable[Mapping[str, Any]], steps: list[StepTime]) -> str:
    """For a terminal."""
    lines: list[str] = []
    for robot in sorted(robots, key=lambda robot: robot["inputData"]["name"]):
        why = robot.get("errorCategory") or ""
        said = (robot.get("errorDetails") or {}).get("message", "") if why else ""
        lines.append(f"{robot['inputData']['name']:32} {robot['status']:10} {why:12} {said}".rstrip())
    lines.append("")
    lines += [
        f"{step.name:20} {step.times:5} times {step.mean_ms:8.0f} ms each {step.milliseconds:8} ms in all"
        for step in steps
    ]
    if steps:
        lines.append(f"The bottleneck is: {steps[0].name}")
    return "\n".join(lines)
