"""What of a robot's input is sensitive is hidden wherever it is repeated: in results, errors, steps and log lines.

All pure functions. What a worker says in words is hidden before it is written, so that it can go nowhere from there;
data (input, result) stays whole for those who work with it, and is masked for everybody else when it is shown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from aiworker.engine.robots.records import Robot
from aiworker.engine.types.sensitive import MASK, found, masked
from aiworker.wire.engine import Fail, Report

# One character is a part of everything; two or three are, too, unless they stand alone.
_SHORTEST: Final = 2
_ALONE_BELOW: Final = 4
_MOST: Final = 500


class Secrets:
    """The sensitive texts and numbers of one robot's input, of two characters and more."""

    def __init__(self, texts: Sequence[str]) -> None:
        longest_first = sorted(set(texts), key=lambda text: (-len(text), text))[:_MOST]
        self._pattern = re.compile("|".join(map(_pattern, longest_first))) if longest_first else None

    @classmethod
    def of(cls, robot: Robot) -> "Secrets":
        """What is sensitive in its input."""
        values = [value for pointer in robot.compliance_tags or () for value in found(robot.input_data, pointer)]
        return cls([text for value in values for text in _texts(value)])

    def hide(self, text: str) -> str:
        """The text with a mask in the place of each of them."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def hide_in(self, value: Any) -> Any:
        """The same in all texts and numbers of some JSON; names of fields stay."""
        match value:
            case str():
                return self.hide(value)
            case bool() | None:
                return value
            case int() | float():
                return MASK if self._pattern is not None and self._pattern.search(str(value)) else value
            case list():
                return [self.hide_in(inner) for inner in cast("list[Any]", value)]
            case dict():
                return {name: self.hide_in(inner) for name, inner in cast("dict[str, Any]", value).items()}
            case _:
                return value

    def hide_in_report(self, report: Report) -> Report:
        """What a worker says while it works; not its checkpoint, which only the next worker gets."""
        told: dict[str, Any] = {
            "log": [line.model_copy(update={"message": self.hide(line.message)}) for line in report.log]
        }
        if report.current_step is not None:
            told["current_step"] = self.hide(report.current_step)
        if (step := report.step) is not None:
            hidden: dict[str, Any] = {
                "name": self.hide(step.name),
                "detail": None if step.detail is None else self.hide(step.detail),
                "told": step.told and step.told.model_copy(update={"values": self.hide_in(step.told.values)}),
            }
            told["step"] = step.model_copy(update=hidden)
        return report.model_copy(update=told)

    def hide_in_failure(self, failure: Fail) -> Fail:
        """What a worker says when it fails."""
        trace = failure.error_stack_trace
        told = {
            "error_message": self.hide(failure.error_message),
            "told": failure.told and failure.told.model_copy(update={"values": self.hide_in(failure.told.values)}),
            "error_stack_trace": None if trace is None else self.hide(trace),
            "error_details": self.hide_in(failure.error_details),
        }
        return failure.model_copy(update=told)


def result_of(robot: Robot, output: Mapping[str, Any]) -> dict[str, Any]:
    """A result for those who may not see what is sensitive: the fields of that name, and what repeats the input."""
    return Secrets.of(robot).hide_in(masked(output, robot.compliance_tags or []))


def holds_mask(value: Any) -> bool:
    """Whether some JSON holds a mask, and so cannot stand for what it hides."""
    return any(MASK in text for text in _texts(value, shortest=1))


def _pattern(text: str) -> str:
    return re.escape(text) if len(text) >= _ALONE_BELOW else rf"(?<!\w){re.escape(text)}(?!\w)"


def _texts(value: Any, shortest: int = _SHORTEST) -> Iterator[str]:
    match value:
        case bool() | None:
            return
        case list():
            for inner in cast("list[Any]", value):
                yield from _texts(inner, shortest)
        case dict():
            for inner in cast("dict[str, Any]", value).values():
                yield from _texts(inner, shortest)
        case _:
            if len(text := str(value).strip()) >= shortest:
                yield text
