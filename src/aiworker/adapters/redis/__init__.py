"""What the adapters on Redis share."""
