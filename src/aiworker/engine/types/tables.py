"""The table of robot types."""

from sqlalchemy import Column, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import TextList, UtcTimestamp, decimal_column, json_column

robot_types = Table(
    "robot_types",
    metadata,
    Column("robot_type", String(50), primary_key=True),
    # The module that gave the settings last.
    Column("described_by", String(100)),
    Column("input_schema", json_column()),
    Column("output_schema", json_column()),
    # JSON pointers into input and result; `*` stands for every item of a list.
    Column("sensitive_fields", TextList(), nullable=False),
    Column("sensitive_results", TextList()),
    # NULL: the installation's default.
    Column("retry_limit", Integer),
    Column("backoff_seconds", Integer),
    Column("backoff_cap_seconds", Integer),
    Column("timeout_seconds", Integer),
    # Below these a person looks at the result first.
    Column("min_completeness", decimal_column(3, 2)),
    Column("min_confidence", decimal_column(3, 2)),
    Column("updated_at", UtcTimestamp(), nullable=False),
)
