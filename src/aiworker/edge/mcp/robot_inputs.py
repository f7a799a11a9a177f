"""What the tools for robots take. The descriptions are read by agents that know nothing else of the product."""

from typing import Annotated, Any

from pydantic import Field

from aiworker.edge.mcp.inputs import LONGEST_WAIT_SECONDS, FromText, ToolInput, Words
from aiworker.wire.base import Body, Identifier, JsonObject, Line
from aiworker.wire.engine import ErrorCategory, ModuleName, RobotStatus, RobotType

_LEASE = "The token that claim_robot returned as `lease`."
Lease = Annotated[Line, Field(min_length=1, max_length=200, description=_LEASE)]
_Score = Annotated[float, Field(ge=0, le=1)]
Result = Annotated[JsonObject, FromText]


class ClaimRobot(ToolInput):
    """Arguments of `claim_robot`."""

    module_name: Annotated[
        ModuleName,
        Field(description="The module you work for. If there is none of that name, it is made, for `robotTypes`."),
    ]
    robot_types: Annotated[
        list[RobotType],
        Field(
            max_length=50,
            description="What kinds of robots you do, for example document.check; needed the first time.",
        ),
        FromText,
    ] = Field(default_factory=list[str])
    wait_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=LONGEST_WAIT_SECONDS,
            allow_inf_nan=False,
            description=f"How many seconds (at most {LONGEST_WAIT_SECONDS}) to wait for a robot if there is none now.",
        ),
    ] = 0


class ReportRobot(ToolInput):
    """Arguments of `report_robot`."""

    lease: Lease
    step: Annotated[Annotated[Line, Field(max_length=100)] | None, Field(description="What you are at.")] = None
    percentage: Annotated[Annotated[int, Field(ge=0, le=100)] | None, Field(description="How far it is.")] = None
    message: Annotated[
        Annotated[Body, Field(min_length=1, max_length=4_000)] | None,
        Field(description="A line that people who watch the robot see."),
    ] = None
    checkpoint: Annotated[
        Result | None, Field(description="What the next try needs to go on from here, if you do not finish.")
    ] = None


class CompleteRobot(ToolInput):
    """Arguments of `complete_robot`."""

    lease: Lease
    output: Annotated[Result, Field(description="The result: a JSON object.")]
    completeness: Annotated[_Score | None, Field(description="How much of what was asked for it holds, 0 to 1.")] = None
    confidence: Annotated[_Score | None, Field(description="How sure you are of it, 0 to 1.")] = None


class FailRobot(ToolInput):
    """Arguments of `fail_robot`."""

    lease: Lease
    message: Annotated[Words, Field(max_length=8_000, description="Why, in a sentence for people.")]
    category: Annotated[
        ErrorCategory,
        Field(
            description="VALIDATION (the input is wrong) and BUSINESS (a rule says no) are not tried again; TIMEOUT, "
            "EXTERNAL_API (another system failed), RESOURCE and APPLICATION are."
        ),
    ] = ErrorCategory.APPLICATION


class ReleaseRobot(ToolInput):
    """Arguments of `release_robot`."""

    lease: Lease
    reason: Annotated[Words, Field(max_length=2_000, description="Why somebody else should do it.")]


class GetRobot(ToolInput):
    """Arguments of `get_robot`."""

    robot_id: Annotated[Identifier, Field(description="A robot's id, like document_1790000000000_000001.")]


class ListRobots(ToolInput):
    """Arguments of `list_robots`."""

    status: Annotated[RobotStatus | None, Field(description="Only robots in this status.")] = None
    robot_type: Annotated[RobotType | None, Field(description="Only robots of this type.")] = None
    module_name: Annotated[ModuleName | None, Field(description="Only robots of this module.")] = None
    correlation_id: Annotated[
        Annotated[Line, Field(max_length=100)] | None, Field(description="Only robots of this batch.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 20
    cursor: Annotated[
        Annotated[Line, Field(max_length=400)] | None, Field(description="`nextCursor` of the page before.")
    ] = None

    def wanted(self) -> dict[str, Any]:
        """What the engine is asked for."""
        return self.model_dump(exclude_none=True)
