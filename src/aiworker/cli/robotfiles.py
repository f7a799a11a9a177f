"""Inputs of robots: from the command line, from a file of lines or rows; cut into requests that the server takes."""

import csv
import json
import sys
from collections.abc import Collection, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO, cast

from aiworker.cli.errors import WrongUse
from aiworker.core.errors import Invalid

_ROBOTS_AT_ONCE = 10_000
# The server takes 8 MiB.
_BYTES_AT_ONCE = 8_000_000


def read_input(text: str | None) -> dict[str, Any]:
    """An input as JSON, or `@file.json`; nothing is an empty one. Raises: WrongUse, Invalid."""
    if text is None:
        return {}
    if text.startswith("@"):
        with _opened(Path(text[1:])) as file:
            text = file.read()
    return _object(text, "The input")


def is_rows(file: Path) -> bool:
    """Whether a file holds rows of text, not lines of JSON."""
    return file.suffix.lower() == ".csv"


def read_requests(
    file: Path,
    robot_type: str | None,
    common: Mapping[str, Any],
    schema: Mapping[str, Any] | None = None,
    *,
    partial: bool = False,
) -> Generator[tuple[int, bytes]]:
    """JSON lines for one request after the other, each with the number of its first robot, from 1.

    With a type each line (or row) is an input; without one it is a whole robot. The file is read as it goes. `schema`:
    of the type's inputs, which says what of a row is no text. `partial`: a line that is no object goes along,
    for the server to refuse it among the others.
    Raises: WrongUse, Invalid (naming the line).
    """
    lines: list[bytes] = []
    size, first, number = 0, 1, 0
    with _opened(file) as opened:
        for number, robot in enumerate(_robots(opened, file, robot_type, common, schema or {}, partial), start=1):
            line = json.dumps(robot, ensure_ascii=False).encode() + b"\n"
            if lines and (len(lines) == _ROBOTS_AT_ONCE or size + len(line) > _BYTES_AT_ONCE):
                yield first, b"".join(lines)
                lines, size, first = [], 0, number
            lines.append(line)
            size += len(line)
    if not number:
        raise Invalid(f"There is nothing in {file}.", code="empty_file")
    yield first, b"".join(lines)


def _robots(
    opened: TextIO,
    file: Path,
    robot_type: str | None,
    common: Mapping[str, Any],
    schema: Mapping[str, Any],
    partial: bool,
) -> Generator[Any]:
    given = {name: value for name, value in common.items() if value is not None}
    if is_rows(file):
        if robot_type is None:
            raise WrongUse("The rows of a .csv file are inputs: name the robots' type.", code="no_type")
        inputs: Iterable[Any] = _rows(opened, file, _no_texts(schema))
    else:
        inputs = _lines(opened, file, partial)
    for one in inputs:
        if robot_type is not None:
            yield given | {"robotType": robot_type, "inputData": one}
        else:
            yield given | one if isinstance(one, dict) else one


def _lines(opened: TextIO, file: Path, partial: bool) -> Generator[Any]:
    for number, line in enumerate(_text(opened, file), start=1):
        if line.strip():
            yield _value(line.strip()) if partial else _object(line, f"{file}, line {number}")


def _rows(opened: TextIO, file: Path, no_texts: Collection[str]) -> Generator[dict[str, Any]]:
    reader = csv.DictReader(_text(opened, file))
    for row in reader:
        if None in row or None in row.values():
            raise Invalid(f"{file}, line {reader.line_num}: it has not as many fields as the first line.")
        # A field that is no text and has nothing in it is not given.
        yield {
            name: _value(text) if name in no_texts else text
            for name, text in row.items()
            if text or name not in no_texts
        }


def _no_texts(schema: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a schema wants as numbers, booleans, lists or objects, and not as text."""
    properties: Mapping[str, Any] = schema.get("properties") or {}
    wanted = {name: _types(one) for name, one in properties.items()}
    return frozenset(name for name, types in wanted.items() if types and "string" not in types)


def _types(schema: Any) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    told = cast("dict[str, Any]", schema)
    types = told.get("type", [])
    either = [*told.get("anyOf", []), *told.get("oneOf", [])]
    return {types} if isinstance(types, str) else {*types}.union(*map(_types, either))


def _value(text: str) -> Any:
    """What a field says; the server tells what is wrong with one that cannot be read."""
    try:
        return json.loads(text.lower() if text.lower() in {"true", "false"} else text)
    except (ValueError, RecursionError):
        return text


def _text(opened: TextIO, file: Path) -> Generator[str]:
    try:
        yield from opened
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8; save it as UTF-8.", code="bad_encoding") from None


def _opened(file: Path) -> TextIO:
    if str(file) == "-":
        return sys.stdin
    try:
        return file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.", code="file_unreadable") from None


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(f'{what} is not a JSON object like {{"page": 1}}.', code="bad_input")
    return cast("dict[str, Any]", found)
