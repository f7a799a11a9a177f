"""The demonstration: the whole story on a real repository, and the small shop that it is told on."""
