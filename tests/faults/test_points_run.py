"""Modules and servers that die at named points, in processes of their own; test_named_points.py is the short form."""

from pathlib import Path

import pytest

from tests.faults.book import Book
from tests.faults.points_run import BOOK, PointsRun, rounds
from tests.support.databases import Backend


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_each_point_of_a_module_with_each_of_a_server(tmp_path: Path, backend: Backend) -> None:
    book = Book(BOOK)
    outcome = await PointsRun(backend, tmp_path).go(rounds(cuts=backend != "sqlite"))
    book.add(*outcome.cells)
    assert outcome.verdict, outcome.verdict
