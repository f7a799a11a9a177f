"""The command line: commands for people, which are clients of the server, and those that start it."""
