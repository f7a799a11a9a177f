"""Reads tasks out of CSV and JSON; every row that is wrong is named. Pure."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

from pydantic import ValidationError

from aiworker.core.errors import Invalid
from aiworker.wire.problems import rule_of
from aiworker.wire.tasks import NewTask

MOST_ROWS = 500
_LONGEST_ID = 100
_SHOWN = 50
# As people and other tools head their columns, without case, spaces and underscores.
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "id",
        "externalid": "id",
        "title": "title",
        "description": "description",
        "priority": "priority",
        "complexity": "estimatedComplexity",
        "estimatedcomplexity": "estimatedComplexity",
        "capabilities": "capabilities",
        "dependson": "dependsOn",
    }
)
_KNOWN = "id, title, description, priority, complexity, capabilities, dependsOn"
_LISTS = frozenset({"capabilities", "dependsOn"})
_WORDS = frozenset({"priority", "estimatedComplexity"})


@dataclass(frozen=True, slots=True)
class FileRow:
    """A task to be made. `place`: where it stands (`line 3`, `item 2`); `own_id`: its id, or a digest of its words."""

    place: str
    own_id: str
    new: NewTask


def read_csv(project_id: str, text: str) -> list[FileRow]:
    """Rows under a header, separated by commas, semicolons or tabs. Raises: Invalid, naming each wrong row."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    return _read(project_id, _csv_rows(reader))


def read_json(project_id: str, text: str) -> list[FileRow]:
    """A list of objects, or an object with the list `tasks`. Raises: Invalid, naming each wrong item."""
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise Invalid("The file is not valid JSON.", code="bad_json") from None
    if isinstance(content, dict):
        content = cast("dict[str, Any]", content).get("tasks")
    if not isinstance(content, list):
        raise Invalid("The file should be a list of tasks, or an object with the list `tasks`.", code="not_tasks")
    items = cast("list[Any]", content)
    return _read(project_id, ((f"item {number}", item) for number, item in enumerate(items, start=1)))


def refuse_wrong(problems: Sequence[tuple[str, str]]) -> None:
    """Raises: Invalid, naming the first problem and counting the rest, with the first of them in the details."""
    if not problems:
        return
    place, problem = problems[0]
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    raise Invalid(
        f"Nothing was imported: {place}: {problem}{more}.",
        code="rows_wrong",
        details={"rows": [{"row": place, "problem": problem} for place, problem in problems[:_SHOWN]]},
    )


def _csv_rows(reader: Any) -> Iterator[tuple[str, Any]]:
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if header is None:
                    header = cells
                elif len(cells) > len(header):
                    yield f"line {line}", f"has {len(cells)} columns, the header has {len(header)}"
                else:
                    yield (
                        f"line {line}",
                        {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()},
                    )
            line = reader.line_num + 1
    except csv.Error as error:
        yield f"line {line}", str(error)
    if header is None:
        raise Invalid(f"The file is empty; its first line should name columns: {_KNOWN}.", code="file_empty")


def _read(project_id: str, found: Iterator[tuple[str, Any]]) -> list[FileRow]:
    rows: list[FileRow] = []
    problems: list[tuple[str, str]] = []
    places: dict[str, str] = {}
    for count, (place, raw) in enumerate(found, start=1):
        if count > MOST_ROWS:
            raise Invalid(f"A file may hold at most {MOST_ROWS} tasks; split it.", code="too_many_rows")
        try:
            row = _row(project_id, place, raw)
        except Invalid as error:
            problems.append((place, error.message))
            continue
        if row.own_id in places:
            problems.append((place, f"is the same as {places[row.own_id]}"))
        places[row.own_id] = place
        rows.append(row)
    refuse_wrong(problems)
    if not rows:
        raise Invalid("The file holds no task.", code="file_empty")
    return rows


def _row(project_id: str, place: str, raw: Any) -> FileRow:
    if not isinstance(raw, dict):
        raise Invalid(raw if isinstance(raw, str) and place.startswith("line") else "is not an object")
    values: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", raw).items():
        field = _FIELDS.get(name.strip().replace(" ", "").replace("_", "").casefold())
        if field is None:
            raise Invalid(f"{name.strip()[:60]!r} is not a column; known are {_KNOWN}")
        if value is not None:
            values[field] = _value(field, value)
    own_id = values.pop("id", None)
    if own_id is not None and not (isinstance(own_id, (str, int)) and 0 < len(str(own_id)) <= _LONGEST_ID):
        raise Invalid(f"id: must be a text of 1 to {_LONGEST_ID} characters")
    try:
        new = NewTask.model_validate({"projectId": project_id, **values})
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"{'.'.join(str(part) for part in first['loc'])}: {rule_of(first)}") from None
    row = FileRow(place, str(own_id) if own_id is not None else "", new)
    return row if own_id is not None else replace(row, own_id=_digest(new))


def _value(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field in _LISTS:
        return value.replace(",", " ").replace(";", " ").split()
    return value.strip().lower() if field in _WORDS else value.strip()


def _digest(new: NewTask) -> str:
    """So that the same row of the same file is known again."""
    said = json.dumps([new.title, new.description], ensure_ascii=False)
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"
