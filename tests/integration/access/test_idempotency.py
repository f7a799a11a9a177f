import pytest

from aiworker.access.idempotency.service import Remembered, begin, drop, finish, request_id
from aiworker.core.errors import Conflict
from aiworker.storage.database import Database

REQUEST = request_id(actor_id="key-1", route="POST /api/tasks", key="abc")


async def test_a_repeated_request_gets_the_first_answer(database: Database) -> None:
    assert await database.write(begin, REQUEST, b"body") is None
    await database.write(finish, REQUEST, 201, b"answer")
    assert await database.write(begin, REQUEST, b"body") == Remembered(201, b"answer")


async def test_one_key_for_two_bodies_is_refused(database: Database) -> None:
    await database.write(begin, REQUEST, b"body")
    with pytest.raises(Conflict, match="used for another request"):
        await database.write(begin, REQUEST, b"other body")


async def test_while_the_first_is_under_way_the_second_is_told_so(database: Database) -> None:
    await database.write(begin, REQUEST, b"body")
    with pytest.raises(Conflict, match="still under way"):
        await database.write(begin, REQUEST, b"body")


async def test_a_request_that_failed_may_be_sent_again(database: Database) -> None:
    await database.write(begin, REQUEST, b"body")
    await database.write(drop, REQUEST)
    assert await database.write(begin, REQUEST, b"corrected body") is None


async def test_callers_and_end_points_do_not_share_keys(database: Database) -> None:
    await database.write(begin, REQUEST, b"body")
    for other in (
        request_id(actor_id="key-2", route="POST /api/tasks", key="abc"),
        request_id(actor_id="key-1", route="POST /api/projects", key="abc"),
    ):
        assert await database.write(begin, other, b"body") is None
