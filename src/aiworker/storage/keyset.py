"""Rows before or after a place in an order of several columns, found by the index of that order from there on.

PostgreSQL and SQLite compare rows as SQL has it. MariaDB and MySQL answer the same to that, but walk the index from its
beginning; they find the place if the comparison is written out.
"""

from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType


class _Beside(FunctionElement[bool]):
    """The columns, then as many values."""

    type = Boolean()
    inherit_cache = True
    compared = ""

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 (the name is given)
        """As it is, a condition. SQLAlchemy would compare it with 1 on MySQL, and no index serves that."""
        return self


class _Before(_Beside):
    inherit_cache = True
    compared = "<"


class _After(_Beside):
    inherit_cache = True
    compared = ">"


class _From(_Beside):
    inherit_cache = True
    compared = ">="


def before(columns: Sequence[ColumnElement[Any]], place: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row comes before a place; `place` has a value for each of the columns, which are never null."""
    return _Before(*columns, *_values(columns, place))


def after(columns: Sequence[ColumnElement[Any]], place: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row comes after a place, as in `before`."""
    return _After(*columns, *_values(columns, place))


def from_on(columns: Sequence[ColumnElement[Any]], place: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a row is at a place or comes after it, as in `before`."""
    return _From(*columns, *_values(columns, place))


def _values(columns: Sequence[ColumnElement[Any]], place: Sequence[Any]) -> list[ColumnElement[Any]]:
    return [
        value if isinstance(value, ColumnElement) else literal(value, column.type)
        for column, value in zip(columns, place, strict=True)
    ]


def _sides(element: _Beside, compiler: SQLCompiler, kw: dict[str, Any]) -> tuple[list[str], list[str]]:
    sides = [compiler.process(clause, **kw) for clause in element.clauses]
    middle = len(sides) // 2
    return sides[:middle], sides[middle:]


@compiles(_Beside)
def _as_rows(element: Any, compiler: SQLCompiler, **kw: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    columns, values = _sides(element, compiler, kw)
    return f"({', '.join(columns)}) {element.compared} ({', '.join(values)})"


@compiles(_Beside, "mysql")
def _written_out(element: Any, compiler: SQLCompiler, **kw: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    columns, values = _sides(element, compiler, kw)
    ways: list[str] = []
    for last, (column, value) in enumerate(zip(columns, values, strict=True)):
        same = [f"{one} = {its}" for one, its in zip(columns[:last], values[:last], strict=True)]
        # The row is at the place only if all columns are equal.
        compared = element.compared if last == len(columns) - 1 else element.compared.removesuffix("=")
        ways.append(f"({' AND '.join([*same, f'{column} {compared} {value}'])})")
    return f"({' OR '.join(ways)})"
