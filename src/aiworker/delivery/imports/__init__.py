"""Tasks that come from elsewhere: issues of Gitea, which stay linked, and CSV and JSON files."""
