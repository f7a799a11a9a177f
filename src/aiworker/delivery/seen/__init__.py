"""What was heard and seen of the forge, so that only what is new is taken in."""
