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
from aiworker.core.sayings import Saying, Sentence
from aiworker.wire.problems import rule_of
from aiworker.wire.tasks import NewTask

_WRONG = Sentence("import_row_wrong", "Nothing was imported: {row}: {error}.")
_WRONG_AND_MORE = Sentence("import_rows_wrong", "Nothing was imported: {row}: {error} ({more} more).")
_LINE = Sentence("import_line", "line {number}")
_ITEM = Sentence("import_item", "item {number}")
_NO_OBJECT = Sentence("import_no_object", "is not an object")
_COLUMNS = Sentence("import_columns", "has {columns} columns, the header has {header}")
_UNKNOWN = Sentence("import_unknown_column", "{column} is not a column; known are {known}")
_ID = Sentence("import_id_wrong", "id: must be a text of 1 to {most} characters")
_FIELD = Sentence("import_field_wrong", "{field}: {error}")
_SAME = Sentence("import_same_row", "is the same as {row}")
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


def refuse_wrong(problems: Sequence[tuple[str, Saying]]) -> None:
    """Raises: Invalid, naming the first problem and counting the rest, with the first of them in the details."""
    if not problems:
        return
    place, problem = problems[0]
    values = {"row": _said_of(place), "error": problem}
    more = len(problems) - 1
    raise Invalid(
        _WRONG_AND_MORE(**values, more=more) if more else _WRONG(**values),
        code="rows_wrong",
        details={"rows": [{"row": place, "problem": problem.words} for place, problem in problems[:_SHOWN]]},
    )


def _said_of(place: str) -> Saying:
    kind, _, number = place.partition(" ")
    return (_LINE if kind == "line" else _ITEM)(number=number)


def _csv_rows(reader: Any) -> Iterator[tuple[str, Any]]:
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if header is None:
                    header = cells
                elif len(cells) > len(header):
                    yield f"line {line}", _COLUMNS(columns=len(cells), header=len(header))
                else:
                    yield (
                        f"line {line}",
                        {name: cell for name, cell in zip(header, cells, strict=False) if cell.strip()},
                    )
            line = reader.line_num + 1
    except csv.Error as error:
        yield f"line {line}", Saying(str(error))
    if header is None:
        raise Invalid(f"The file is empty; its first line should name columns: {_KNOWN}.", code="file_empty")


def _read(project_id: str, found: Iterator[tuple[str, Any]]) -> list[FileRow]:
    rows: list[FileRow] = []
    problems: list[tuple[str, Saying]] = []
    places: dict[str, str] = {}
    for count, (place, raw) in enumerate(found, start=1):
        if count > MOST_ROWS:
            raise Invalid(f"A file may hold at most {MOST_ROWS} tasks; split it.", code="too_many_rows")
        try:
            row = _row(project_id, place, raw)
        except Invalid as error:
            problems.append((place, error.said))
            continue
        if row.own_id in places:
            problems.append((place, _SAME(row=_said_of(places[row.own_id]))))
        places[row.own_id] = place
        rows.append(row)
    refuse_wrong(problems)
    if not rows:
        raise Invalid("The file holds no task.", code="file_empty")
    return rows


def _row(project_id: str, place: str, raw: Any) -> FileRow:
    if not isinstance(raw, dict):
        raise Invalid(raw if isinstance(raw, Saying) else _NO_OBJECT())
    values: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", raw).items():
        field = _FIELDS.get(name.strip().replace(" ", "").replace("_", "").casefold())
        if field is None:
            raise Invalid(_UNKNOWN(column=repr(name.strip()[:60]), known=_KNOWN))
        if value is not None:
            values[field] = _value(field, value)
    own_id = values.pop("id", None)
    if own_id is not None and not (isinstance(own_id, (str, int)) and 0 < len(str(own_id)) <= _LONGEST_ID):
        raise Invalid(_ID(most=_LONGEST_ID))
    try:
        new = NewTask.model_validate({"projectId": project_id, **values})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Invalid(_FIELD(field=field, error=rule_of(first))) from None
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
