"""How well modules did over the last 24 hours."""
