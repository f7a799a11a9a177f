"""Drivers: each makes one kind of program into an agent."""
