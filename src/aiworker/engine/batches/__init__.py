"""Many robots that were submitted together: how far they are, and their end."""
