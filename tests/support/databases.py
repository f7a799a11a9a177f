"""Fresh databases for tests."""

import asyncio
import importlib
import pkgutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine

import aiworker
from aiworker.core.clock import Clock, utc_now
from aiworker.storage.database import Database, open_database
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import upgrade


def load_tables() -> None:
    """Import every `tables` module, so that the catalogue is whole."""
    for module in pkgutil.walk_packages(aiworker.__path__, "aiworker."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


def fresh_database(folder: Path, *, clock: Clock = utc_now) -> Database:
    """A new SQLite database with every table, made from the catalogue (a test holds the migrations against it)."""
    path = folder / "aiworker.db"
    path.write_bytes(_empty_database())
    return open_database(f"sqlite:///{path}", clock=clock)


@cache
def _empty_database() -> bytes:
    """Made once in each process: making tables costs a second, copying them nothing."""
    load_tables()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(engine)
        engine.dispose()
        return path.read_bytes()


def migrated_engine(folder: Path) -> Engine:
    """A plain engine on a new SQLite database that was made by the migrations, for tests of the schema itself."""
    url = f"sqlite:///{folder / 'aiworker.db'}"
    asyncio.run(upgrade(url))
    return create_engine(url)
