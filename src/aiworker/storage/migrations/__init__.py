"""One history of the schema for the three databases: `versions/`, read by `storage/migrate.py`."""
