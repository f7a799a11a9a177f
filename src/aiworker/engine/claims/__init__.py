"""Claiming: who gets which robots, exactly once."""
