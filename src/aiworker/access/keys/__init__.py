"""API keys: 256 random bits, shown once, stored as a hash."""
