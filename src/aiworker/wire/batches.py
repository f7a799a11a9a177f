"""Many reports and many endings in one request: what a worker with many robots in hand sends."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from aiworker.wire import rules
from aiworker.wire.base import Identifier, Request, Wire
from aiworker.wire.engine import Complete, Fail, Release, Report, ReportAnswer
from aiworker.wire.rules import RuleBroken

MOST_AT_ONCE = 500


class ReportOf(Report):
    """A report, and of which execution."""

    execute_id: Identifier


class Reports(Request):
    """Reports of any number of executions; those of one execution are taken in their order."""

    reports: Annotated[list[ReportOf], Field(min_length=1, max_length=MOST_AT_ONCE)]


class AnswerOf(ReportAnswer):
    """What to do about an execution now."""

    execute_id: str


class Ending(Request):
    """How an execution ends: by one of the three. `reports`: what is still to be told before that."""

    execute_id: Identifier
    reports: Annotated[list[Report], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=list[Report])
    complete: Complete | None = None
    fail: Fail | None = None
    release: Release | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(way is not None for way in (self.complete, self.fail, self.release)) != 1:
            raise RuleBroken(rules.ONE_ENDING())
        return self


class Endings(Request):
    """The endings of any number of executions, each named once."""

    endings: Annotated[list[Ending], Field(min_length=1, max_length=MOST_AT_ONCE)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({ending.execute_id for ending in self.endings}) != len(self.endings):
            raise RuleBroken(rules.ENDING_TWICE())
        return self


class RefusedEnding(Wire):
    """An ending that was not taken, and why. The others are on disk."""

    execute_id: str
    code: str
    message: str
