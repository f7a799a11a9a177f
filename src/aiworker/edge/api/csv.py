"""Lines as CSV, for spreadsheets: with the names of the JSON, and no cell that would be taken for a formula."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from fastapi import Response
from pydantic import TypeAdapter

from aiworker.wire.base import Wire

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_answer(name: str, kind: type[Wire], lines: Sequence[Wire]) -> Response:
    """A file `{name}.csv`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.alias or name for name, field in kind.model_fields.items()])
    for line in TypeAdapter(Sequence[Wire]).dump_python(lines, mode="json", serialize_as_any=True):
        writer.writerow([_cell(value) for value in line.values()])
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
