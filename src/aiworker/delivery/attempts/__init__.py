"""Attempts: what agents do with the tasks that they hold."""
