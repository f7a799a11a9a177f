"""Projects: a repository, where it runs, and its settings."""
