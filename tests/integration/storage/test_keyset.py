"""Places in an order are compared as Python compares tuples, on each database."""

from itertools import product
from pathlib import Path

from sqlalchemy import Integer, literal, select

from aiworker.storage.keyset import after, before, from_on
from aiworker.storage.transaction import Tx
from tests.support.databases import Backend, fresh_database

PLACES = list(product(range(3), repeat=2))


async def test_a_row_comes_before_or_after_a_place_by_its_columns_in_order(tmp_path: Path, backend: Backend) -> None:
    pairs = list(product(PLACES, PLACES))
    asked = [
        compare([literal(value, Integer) for value in row], place).label(f"{compare.__name__}{number}")
        for number, (row, place) in enumerate(pairs)
        for compare in (before, after, from_on)
    ]
    database = fresh_database(tmp_path, backend=backend)

    def answers(tx: Tx) -> list[bool]:
        (answer,) = tx.rows(select(*asked))
        return [bool(one) for one in answer]

    told = await database.read(answers)
    await database.close()
    assert told == [one for row, place in pairs for one in (row < place, row > place, row >= place)]
