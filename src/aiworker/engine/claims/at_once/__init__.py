"""Claiming a few robots of one lane in one statement."""
