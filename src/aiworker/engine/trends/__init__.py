"""A sample of every module, each minute."""
