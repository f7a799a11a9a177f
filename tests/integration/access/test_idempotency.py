from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY

import pytest

from aiworker.access.idempotency.service import (
    SIGN_OF_LIFE,
    AnswerLost,
    Begun,
    Remembered,
    RequestUnderWay,
    begin,
    carry_out,
    drop,
    finish,
    request_id,
    show_life,
)
from aiworker.core.errors import Conflict
from aiworker.storage.database import Database
from tests.support.databases import Backend, fresh_database

REQUEST = request_id(actor_id="key-1", route="POST /api/tasks", key="abc")


async def test_a_repeated_request_gets_the_first_answer(database: Database) -> None:
    await database.write(finish, await begun(database), 201, b"answer")
    assert await database.write(begin, REQUEST, b"body") == Remembered(201, b"answer")


async def test_one_key_for_two_bodies_is_refused(database: Database) -> None:
    await begun(database)
    with pytest.raises(Conflict, match="used for another request"):
        await database.write(begin, REQUEST, b"other body")


async def test_while_the_first_is_under_way_the_second_is_told_so(database: Database) -> None:
    await begun(database)
    with pytest.raises(Conflict, match="still under way"):
        await database.write(begin, REQUEST, b"body")


async def test_a_request_that_failed_may_be_sent_again(database: Database) -> None:
    await database.write(drop, await begun(database))
    assert await database.write(begin, REQUEST, b"corrected body") == Begun(REQUEST, ANY)


async def test_callers_and_end_points_do_not_share_keys(database: Database) -> None:
    await begun(database)
    for other in (
        request_id(actor_id="key-2", route="POST /api/tasks", key="abc"),
        request_id(actor_id="key-1", route="POST /api/projects", key="abc"),
    ):
        assert await database.write(begin, other, b"body") == Begun(other, ANY)


async def begun(database: Database) -> Begun:
    found = await database.write(begin, REQUEST, b"body")
    assert isinstance(found, Begun)
    return found


async def test_what_was_carried_out_is_not_carried_out_again_when_its_server_died_before_it_answered(
    tmp_path: Path, backend: Backend
) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, backend=backend, clock=lambda: now[0])
    await database.write(carry_out, await begun(database))
    # It might answer yet.
    with pytest.raises(RequestUnderWay):
        await database.write(begin, REQUEST, b"body")
    now[0] += timedelta(minutes=10)
    with pytest.raises(AnswerLost):
        await database.write(begin, REQUEST, b"body")
    await database.close()


async def test_a_try_that_was_given_up_can_no_longer_make_its_change(tmp_path: Path, backend: Backend) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, backend=backend, clock=lambda: now[0])
    slow = await begun(database)
    now[0] += timedelta(minutes=10)
    second = await begun(database)
    with pytest.raises(RequestUnderWay):
        await database.write(carry_out, slow)
    await database.write(carry_out, second)
    await database.close()


async def test_a_long_request_that_shows_life_is_not_given_up(tmp_path: Path, backend: Backend) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, backend=backend, clock=lambda: now[0])
    long = await begun(database)
    for _ in range(10):
        now[0] += SIGN_OF_LIFE
        await database.write(show_life, long)
        long.at += SIGN_OF_LIFE
    with pytest.raises(RequestUnderWay):
        await database.write(begin, REQUEST, b"body")
    await database.write(carry_out, long)
    await database.write(finish, long, 201, b"answer")
    assert await database.write(begin, REQUEST, b"body") == Remembered(201, b"answer")
    await database.close()


async def test_a_try_that_was_given_up_does_not_undo_the_one_in_its_place(tmp_path: Path, backend: Backend) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, backend=backend, clock=lambda: now[0])
    slow = await begun(database)
    now[0] += timedelta(minutes=10)
    await begun(database)
    await database.write(drop, slow)
    await database.write(finish, slow, 201, b"late")
    with pytest.raises(RequestUnderWay):
        await database.write(begin, REQUEST, b"body")
    await database.close()


async def test_one_whose_commit_was_in_doubt_stays_known_if_it_was_carried_out(database: Database) -> None:
    under_way = await begun(database)
    await database.write(carry_out, under_way)
    await database.write(drop, under_way)
    with pytest.raises(RequestUnderWay):
        await database.write(begin, REQUEST, b"body")


async def test_a_request_may_make_several_changes(database: Database) -> None:
    under_way = await begun(database)
    await database.write(carry_out, under_way)
    await database.write(carry_out, under_way)
