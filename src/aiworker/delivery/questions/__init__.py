"""Questions: what agents ask people."""
