"""Robots that are done, one or many at a time."""
