"""Deadlines: when robots with a due date will probably be done, and a warning before one is missed."""
