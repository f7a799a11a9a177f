"""JSON schemas for agents: without the noise that every agent would pay for in tokens."""

from functools import cache
from typing import Any, cast

from pydantic import BaseModel

Schema = dict[str, Any]


@cache
def input_schema(model: type[BaseModel]) -> Schema:
    """What a tool takes. A field that may be left out is shown by its plain type: leaving it out is how to say null."""
    schema = _plain(_without_titles(model.model_json_schema()))
    schema.pop("description", None)  # the tool has a better one
    return schema


@cache
def output_schema(model: type[BaseModel]) -> Schema:
    """What a tool gives."""
    return _without_titles(model.model_json_schema(mode="serialization"))


def _without_titles(schema: Schema) -> Schema:
    """Drop the titles that only repeat names. (A property that is called `title` is a schema, not a text.)"""
    return {
        key: _each(value, _without_titles)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


def _plain(schema: Schema) -> Schema:
    kept = {key: _each(value, _plain) for key, value in schema.items()}
    options = kept.get("anyOf")
    if isinstance(options, list):
        real = [option for option in cast("list[Schema]", options) if option != {"type": "null"}]
        if len(real) == 1:
            del kept["anyOf"]
            kept = {**real[0], **kept}
    if kept.get("default", ...) is None:
        del kept["default"]
    return kept


def _each(value: Any, change: Any) -> Any:
    match value:
        case dict():
            return change(value)
        case list():
            return [_each(part, change) for part in cast("list[Any]", value)]
        case _:
            return value
