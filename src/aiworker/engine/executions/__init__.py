"""One try at a robot: its holder, its lease, its steps."""
