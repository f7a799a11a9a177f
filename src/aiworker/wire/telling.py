"""Something that the server says, for whoever says it in another language."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from aiworker.wire.base import Identifier, JsonObject, Request


class Telling(Request):
    """The code of a sentence and the values in it. The English words stand beside it."""

    code: Identifier
    values: Annotated[JsonObject, Field(max_length=20)]


def telling(told: Mapping[str, Any] | None) -> Telling | None:
    """What was stored beside the words, as it travels."""
    return None if told is None else Telling.model_validate(told)
