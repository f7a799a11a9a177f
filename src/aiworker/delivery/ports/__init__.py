"""The ports of the coding half: what it asks of a forge and of a runtime, in their own small words."""
