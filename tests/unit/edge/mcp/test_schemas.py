from typing import Annotated

from pydantic import Field

from aiworker.edge.mcp.schemas import input_schema, output_schema
from aiworker.wire.base import Request, Wire


class Part(Request):
    title: str
    size: Annotated[int, Field(ge=1)] | None = None


class Asked(Request):
    task_id: Annotated[str | None, Field(description="A task.")] = None
    parts: list[Part] = Field(default_factory=list["Part"])
    best: Part | None = None


class Given(Wire):
    title: str | None


def test_what_may_be_left_out_is_shown_by_its_plain_type() -> None:
    properties = input_schema(Asked)["properties"]
    assert properties["taskId"] == {"type": "string", "description": "A task."}
    assert properties["best"] == {"$ref": "#/$defs/Part"}


def test_limits_survive_at_every_depth() -> None:
    part = input_schema(Asked)["$defs"]["Part"]
    assert part["properties"]["size"] == {"type": "integer", "minimum": 1}
    assert part["required"] == ["title"]


def test_titles_that_repeat_names_are_left_out_but_not_a_field_of_that_name() -> None:
    schema = input_schema(Asked)
    assert "title" not in schema
    assert schema["$defs"]["Part"]["properties"]["title"] == {"type": "string"}


def test_unknown_fields_are_refused_by_the_schema_too() -> None:
    assert input_schema(Asked)["additionalProperties"] is False


def test_what_comes_out_may_be_null_and_says_so() -> None:
    schema = output_schema(Given)
    assert schema["properties"]["title"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert schema["required"] == ["title"]
