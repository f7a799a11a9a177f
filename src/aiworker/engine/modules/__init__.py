"""Who can do which kind of work, and who gets it."""
