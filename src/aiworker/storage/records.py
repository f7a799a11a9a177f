"""Rows become frozen dataclasses at once, so that nothing above the queries handles untyped rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, Row, Table

T = TypeVar("T")


@cache
def names_of(kind: type[Any]) -> tuple[str, ...]:
    """The names of a record's fields, in order."""
    return tuple(field.name for field in fields(kind))


def columns(kind: type[Any], table: Table) -> list[Column[Any]]:
    """The columns of `table` that the record `kind` has fields for, by name."""
    return [table.c[name] for name in names_of(kind)]


def by_name(row: Row[Any]) -> Mapping[str, Any]:
    """The values of a row by the names of its columns."""
    return row._asdict()  # pyright: ignore[reportPrivateUsage] (documented for this)


def load(kind: type[T], row: Row[Any]) -> T:
    """One row, selected with `columns(kind, table)`, as a record."""
    mapping = by_name(row)
    return kind(**{name: mapping[name] for name in names_of(kind)})


def split(row: Sequence[Any], *kinds: type[Any]) -> list[Any]:
    """One row, selected with the `columns` of several kinds one after the other, as a record of each."""
    records: list[Any] = []
    start = 0
    for kind in kinds:
        end = start + len(names_of(kind))
        records.append(kind(*row[start:end]))
        start = end
    return records


def load_all(kind: type[T], rows: Iterable[Row[Any]]) -> list[T]:
    """Many rows as records."""
    return [load(kind, row) for row in rows]
