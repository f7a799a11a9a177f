"""Looking for a text within a text."""

from typing import Any

from sqlalchemy import ColumnElement

_ESCAPE = "\\"


def contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column holds the text, upper or lower case; `%` and `_` are what they are."""
    quoted = text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
    return column.ilike(f"%{quoted}%", escape=_ESCAPE)
