"""What a module says about a type of robots, as it travels."""

from typing import Annotated

from pydantic import Field

from aiworker.wire.base import JsonObject, Request, Timestamp, Wire

Share = Annotated[float, Field(ge=0, le=1)]


class TypeSettings(Request):
    """How robots of a type are made and judged. What is not given is the installation's default."""

    input_schema: JsonObject | None = Field(
        default=None,
        description='JSON Schema of `inputData`; a property marked `"x-sensitive": true` is masked where it is shown.',
    )
    output_schema: JsonObject | None = Field(
        default=None,
        description="JSON Schema of `outputData`, for readers; marked in the same way. Results are not checked by it.",
    )
    retry_limit: Annotated[int, Field(ge=0, le=100)] | None = None
    backoff_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    backoff_cap_seconds: Annotated[int, Field(ge=0, le=7 * 86_400)] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=7 * 86_400)] | None = None
    min_completeness: Share | None = Field(default=None, description="Below it a person looks at the result first.")
    min_confidence: Share | None = Field(default=None, description="Below it a person looks at the result first.")


class RobotTypeSettings(Wire):
    """What is known of a type of robots. `describedBy`: the module that gave the settings last."""

    robot_type: str
    described_by: str | None
    input_schema: JsonObject | None
    output_schema: JsonObject | None
    sensitive_fields: list[str] = Field(description="JSON pointers into the input.")
    sensitive_results: list[str] | None = Field(description="JSON pointers into the result.")
    retry_limit: int | None
    backoff_seconds: int | None
    backoff_cap_seconds: int | None
    timeout_seconds: int | None
    min_completeness: float | None
    min_confidence: float | None
    updated_at: Timestamp
