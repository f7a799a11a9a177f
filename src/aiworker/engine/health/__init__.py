"""How modules are: asked every few minutes, and at once when something went wrong."""
