"""Reviews of results as they travel."""

from typing import Annotated, Any, Literal

from pydantic import Field

from aiworker.wire.base import Body, JsonObject, Request, Timestamp, Wire


class Review(Wire):
    """A result that a person looks at before it counts, and what they said."""

    robot_id: str
    execute_id: str
    output_data: dict[str, Any]
    completeness_score: float | None
    confidence_score: float | None
    required_completeness: float | None = None
    required_confidence: float | None = None
    why: str
    state: str = Field(description="waiting, accepted, corrected, refused, sent_back or cancelled.")
    asked_at: Timestamp
    decided_at: Timestamp | None
    decided_by: str | None
    comment: str | None


class Judge(Request):
    """What a person says to a held result. `refuse`: FAILED, a business exception; `retry`: another try."""

    decision: Literal["accept", "refuse", "retry"]
    output_data: JsonObject | None = Field(default=None, description="With `accept`: the result as it should be.")
    comment: Annotated[Body, Field(max_length=2_000)] | None = None
