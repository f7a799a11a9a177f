"""A part of a unit of work that may fail alone."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aiworker.storage.troubles import spoils_the_unit


@contextmanager
def savepoint(connection: Connection) -> Generator[None]:
    """When the body raises, what it wrote is taken back, and what it raised is raised."""
    nested = connection.begin_nested()
    try:
        yield
        nested.commit()
    except BaseException as error:
        try:
            nested.rollback()
        except DBAPIError:
            # After a deadlock (MariaDB) or on a full disk (SQLite) the database has already taken
            # back the whole unit of work, and the savepoint with it.
            if not spoils_the_unit(error):
                raise
        raise
