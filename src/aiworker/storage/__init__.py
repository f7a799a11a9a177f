"""Connection, unit of work, column types, outbox and its relay, the Bus port, migrations."""
