"""Modules, robots, executions, schedules: one durable engine. Knows no git and no task."""
