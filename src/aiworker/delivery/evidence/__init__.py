"""What machines say of a commit, where a project asks for it before people look."""
