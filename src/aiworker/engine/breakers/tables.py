"""The table of breakers."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, word_column
from aiworker.wire.engine import BreakerState

# Apart from the modules, whose rows are locked by those who register and measure them. A module none of whose robots
# ever failed has no row.
module_breakers = Table(
    "module_breakers",
    metadata,
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("state", word_column(BreakerState), nullable=False),
    # In a row, and since the last step.
    Column("failures", Integer, nullable=False),
    Column("successes", Integer, nullable=False),
    # FEWER: how many may be under way.
    Column("allowed", Integer),
    # OPEN: when the next one is tried, and the execution that was tried last.
    Column("again_at", UtcTimestamp()),
    Column("trial", String(50)),
    # How long it stays open the next time.
    Column("pause_seconds", Integer, nullable=False),
    Column("changed_at", UtcTimestamp(), nullable=False),
    # The retries that are planned fill the budget up to here.
    Column("retries_until", UtcTimestamp()),
)
