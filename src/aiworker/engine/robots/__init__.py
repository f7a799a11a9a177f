"""Units of work: submitted once, moved by the engine, kept for people to look at."""
