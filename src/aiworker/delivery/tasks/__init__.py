"""Tasks: the board, its moves, and what belongs to a task."""
