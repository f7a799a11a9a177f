"""The table of samples by the minute."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import decimal_column

module_trends = Table(
    "module_trends",
    metadata,
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        primary_key=True,
    ),
    # Minutes since 1970 UTC: the minute that the sample is about.
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("queued", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("utilisation", decimal_column(3, 2), nullable=False),
    # Tries that ended within the minute, and how many of them failed.
    Column("ended", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    # What the workers of all that runs report, summed up; NULL: nobody reported any.
    Column("cpu_percent", decimal_column(9, 2)),
    Column("memory_mb", BigInteger),
    Column("disk_io_mb", BigInteger),
    Column("network_io_mb", BigInteger),
    Index("ix_module_trends_minute", "minute"),
)
