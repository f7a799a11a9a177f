"""Who takes part. Each is a program of its own that runs in its own environment and speaks the same protocol."""
