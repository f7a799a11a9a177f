"""How far a handler got: what it wants to find again when its robot is resumed or tried anew."""
