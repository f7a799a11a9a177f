"""Robots that are made by the clock."""
