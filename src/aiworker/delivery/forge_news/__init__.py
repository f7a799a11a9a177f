"""What people do in the forge by hand: told by its webhooks, found by looking, taken in once."""
