"""Tables of queues and lanes."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import TextList

# A queue without a row is neither paused nor limited.
queues = Table(
    "queues",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("paused", Boolean, nullable=False),
    Column("max_running", Integer),
)

# A lane is one combination of module, queue and needs. Robots wait in lanes, so a claim can choose the lanes that are
# open to it (few rows) and then read just the heads of those from the index.
lanes = Table(
    "lanes",
    metadata,
    Column("lane_id", Integer, primary_key=True, autoincrement=True),
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("queue", String(100), nullable=False),
    Column("needs", TextList(), nullable=False),
    # A digest of `needs`, because no database can index a list of texts uniquely in the same way as the others.
    Column("needs_key", String(64), nullable=False),
    Index("uq_lanes_module_queue_needs", "module_name", "queue", "needs_key", unique=True),
    Index("ix_lanes_queue", "queue"),
)
