"""What the control module does, step by step. Every step looks at the world first and does only what is missing."""
