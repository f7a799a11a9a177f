"""Tables of the outbox."""

from sqlalchemy import Column, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, big_id, json_column, utc_timestamp

outbox = Table(
    "outbox",
    metadata,
    Column("id", big_id(), primary_key=True, autoincrement=True),
    # The feed is what a client follows: a project's id, or "system".
    Column("feed", String(36), nullable=False),
    # What one unit of work told a feed, in order; one row for many events, because rows and indexes are what costs.
    Column("events", json_column(), nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    # Given by the relay after the commit: `sequence` over all feeds, and the `number` of the last of these events,
    # which counts without gaps in each feed.
    Column("sequence", big_id()),
    Column("number", big_id()),
    Index("uq_outbox_feed_number", "feed", "number", unique=True),
    Index("uq_outbox_sequence", "sequence", unique=True),
)

outbox_feeds = Table(
    "outbox_feeds",
    metadata,
    Column("feed", String(36), primary_key=True),
    Column("number", big_id(), nullable=False),
)

outbox_places = Table(
    "outbox_places",
    metadata,
    # Who reads (live, webhooks, …) and the last sequence that it has handed on.
    Column("reader", String(60), primary_key=True),
    Column("sequence", big_id(), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("expires_at", UtcTimestamp(), nullable=False),
)
