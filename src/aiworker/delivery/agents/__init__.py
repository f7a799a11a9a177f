"""Agents: who takes tasks, and their logs."""
