"""Reports about the work that was done: computed in the background, stored, and read from there."""
